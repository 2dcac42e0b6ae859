"""What is the same music, where and how fast: on performances whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from espr.alignment.comparison import COPY, MAYBE, OTHER, PART, SAME_PIECE, Comparison
from espr.alignment.local_alignment import align, best_scores, best_stretches
from espr.alignment.note_vector import DIMENSION, note_vector
from espr.alignment.onset_roll import onset_roll
from espr.alignment.packed_notes import pack_notes, unpack_notes, unpack_tuning
from espr.alignment.recording_comparison import compare
from espr.errors import EsprError
from tests.played_notes import perform, score

VECTOR = (-0.0365, -0.0368, -0.0230, -0.0081)  # of a piece


def test_packed_notes_are_the_notes_to_a_millisecond_pauses_of_minutes_included():
    notes = np.array([[0.0, 21.0], [1.2345, 60.0], [1.2345, 108.0], [70.0, 60.0], [400.0, 61.0]])
    packed = pack_notes(notes)
    assert unpack_notes(packed) == pytest.approx(notes, abs=0.0005)
    assert len(pack_notes(notes[:3])) == 9
    assert unpack_notes(b"").shape == (0, 2)
    with pytest.raises(EsprError, match="not what was written"):
        unpack_notes(packed[:-1])


@pytest.mark.parametrize("tuning", [-50.0, -38.4, 0.0, 29.6, 50.0, None])
@pytest.mark.parametrize("count", [0, 3])
def test_a_tuning_is_packed_behind_the_notes_and_moves_none(tuning, count):
    notes = np.array([[0.5, 60.0], [200.0, 64.0], [200.0, 67.0]])[:count]
    packed = pack_notes(notes, tuning)
    assert unpack_tuning(packed) == (None if tuning is None else round(tuning))
    assert unpack_notes(packed) == pytest.approx(notes)
    assert packed.startswith(pack_notes(notes))  # as an older version wrote it
    if count:
        with pytest.raises(EsprError, match="not what was written"):
            unpack_tuning(packed[:-1])


def test_vectors_of_performances_point_alike_and_those_of_pieces_do_not():
    vectors = [note_vector(perform(score(piece), seed=piece + take)) for piece in range(3)
               for take in (0, 10)]  # fmt: skip
    cosines = np.array(vectors) @ np.array(vectors).T
    assert vectors[0].shape == (DIMENSION,)
    assert min(cosines[0, 1], cosines[2, 3], cosines[4, 5]) > 0.75
    assert cosines[:2, 2:].max() < 0.55
    assert not note_vector(np.zeros((0, 2))).any()


def test_a_vector_never_changes():
    # other signs would make strangers of all recordings that are stored
    assert note_vector(score(0))[:4] == pytest.approx(VECTOR, abs=1e-4)


def test_a_shifted_vector_is_that_of_transposed_notes():
    notes = score(0)
    assert note_vector(notes + np.array([0.0, 1.0])) == pytest.approx(note_vector(notes, 1))


@pytest.mark.parametrize("tempo", [0.7, 1.0, 1.4])
def test_a_performance_is_of_the_piece_and_its_tempo_is_measured(tempo):
    notes = score(1)
    ours, theirs = perform(notes, tempo, seed=1), perform(notes, 1.0, seed=2, begin=7.0)
    (found,) = compare(ours, [theirs])
    assert found.kind == SAME_PIECE
    assert min(found.explained) > 0.9
    assert found.tempo == pytest.approx(tempo, rel=0.02)  # each sways in its own way
    (back,) = compare(theirs, [ours])
    assert back.tempo == pytest.approx(1.0 / found.tempo, rel=0.005)
    assert found.reversed().tempo == pytest.approx(1.0 / found.tempo)
    assert found.reversed().reversed() == found


def test_another_piece_is_another_and_many_are_compared_at_once():
    ours = perform(score(1), seed=1)
    lasting = ((score(piece), 20.0 + 30.0 * piece) for piece in (2, 1, 3))
    others = [perform(notes[notes[:, 0] < seconds], seed=9) for notes, seconds in lasting]
    kinds = [found.kind for found in compare(ours, others)]
    assert kinds == [OTHER, SAME_PIECE, OTHER]


def test_a_copy_is_told_from_another_performance():
    ours = perform(score(1), seed=1)
    rng = np.random.default_rng(0)
    copied = ours[rng.random(len(ours)) > 0.05] + [0.7, 0.0]
    copied[:, 0] += rng.normal(0.0, 0.005, len(copied))
    assert [one.kind for one in compare(ours, [copied])] == [COPY]
    assert [one.kind for one in compare(ours, [perform(score(1), seed=2)])] == [SAME_PIECE]


def test_a_repeat_is_explained():
    notes = score(1)
    half = notes[notes[:, 0] < 30.0]
    repeated = np.concatenate([half, notes + np.array([30.0, 0.0])])
    (found,) = compare(perform(repeated, seed=1), [perform(notes, seed=2)])
    assert found.kind == SAME_PIECE
    assert min(found.explained) > 0.9
    (begin, end, again, until), *_ = found.stretches[1:]
    assert (begin, end) == pytest.approx((0.5, 30.5), abs=2.0)
    assert (again, until) == pytest.approx((0.5, 30.5), abs=2.0)


def test_an_instrument_that_is_tuned_a_semitone_lower_plays_the_same():
    lower = perform(score(1), seed=1) - np.array([0.0, 1.0])
    theirs = [perform(score(1), seed=2)]
    assert compare(lower, theirs)[0].kind == OTHER
    (found,) = compare(lower, theirs, 1)
    assert (found.kind, found.shift, found.reversed().shift) == (SAME_PIECE, 1, -1)
    assert compare(theirs[0], [lower], -1)[0].kind == SAME_PIECE


def test_an_excerpt_is_a_part():
    notes = score(1)
    excerpt = notes[(notes[:, 0] >= 20.0) & (notes[:, 0] < 36.0)] - [20.0, 0.0]
    (found,) = compare(perform(excerpt, seed=1), [perform(notes, seed=2)])
    assert found.kind == PART
    assert found.stretches[0][2:] == pytest.approx((20.5, 36.5), abs=1.5)


def test_a_drone_a_few_notes_and_silence_are_like_nothing():
    rng = np.random.default_rng(0)
    drones = [
        np.stack([np.sort(rng.uniform(0, 60, 80)), rng.choice([48, 55, 60, 63], 80)], axis=1)
        for _ in range(2)
    ]
    few, silence = score(1)[:10], np.zeros((0, 2))
    for one, other in (drones, (few, few), (silence, silence), (silence, score(1))):
        assert compare(one, [other])[0].kind not in (COPY, SAME_PIECE, PART)


def song(melody: int, chords: tuple[int, ...] = (0, 7, 9, 5)) -> np.ndarray:
    """Half a minute of a melody of its own over four chords that everybody uses."""
    rng = np.random.default_rng(melody)
    times = np.arange(0.0, 64.0, 0.25)
    roots = np.array(chords)[(times // 2.0).astype(int) % len(chords)]
    broken = np.stack([times, 48 + roots + np.tile([0, 7, 12, 16], 64)], axis=1)
    above = np.arange(0.0, 64.0, 0.5)
    steps = np.array([0, 2, 4, 5, 7, 9, 11])[rng.integers(0, 7, len(above))]
    notes = np.concatenate([broken, np.stack([above, 72 + steps], axis=1)])
    return notes[np.argsort(notes[:, 0], kind="stable")]


def test_songs_over_the_same_chords_are_other_songs():
    # AudioMuse-AI #773: what sounds alike all the time was taken for one recording
    ours, *others = (perform(song(melody), seed=seed) for melody, seed in ((1, 1), (2, 2), (3, 3)))
    same = perform(song(1), 0.9, seed=4)
    kinds = [one.kind for one in compare(ours, [same, *others])]
    assert kinds[0] == SAME_PIECE
    assert not {COPY, SAME_PIECE, PART} & set(kinds[1:])


def test_of_what_says_the_same_again_and_again_nothing_is_said():
    times = np.arange(0.0, 60.0, 0.25)
    pattern = [np.stack([times, np.tile(chord, 60)], axis=1)
               for chord in ([57, 60, 64, 69], [57, 62, 65, 69])]  # fmt: skip
    for other in pattern:
        assert compare(pattern[0] + np.array([0.1, 0.0]), [other])[0].kind == MAYBE


def variation(theme: int, figure: int, verses: int = 1) -> np.ndarray:
    """A bass and the frame of a melody, a beat a second, with figures of their own between."""
    frame = np.random.default_rng(theme)
    melody, bass = 64 + np.cumsum(frame.integers(-2, 3, 48)) % 12, frame.choice([43, 48, 50], 48)
    own = np.random.default_rng(100 * theme + figure)
    rows = []
    for beat, (pitch, low) in enumerate(zip(melody, bass, strict=True)):
        rows += [(beat, low), (beat + 0.5 * (figure % 2), low + 7)]
        steps = (1, 2, 4, 3)[figure]
        turns = own.choice([-5, -3, 2, 4, 7], steps - 1)
        rows += [(beat + step / steps, pitch + turn) for step, turn in enumerate([0, *turns])]
    notes = np.array(rows, float)
    strophes = [notes + np.array([48.0 * verse, 0.0]) for verse in range(verses)]
    return np.concatenate([one[np.argsort(one[:, 0], kind="stable")] for one in strophes])


@pytest.mark.parametrize("theme", range(4))
def test_variations_on_a_theme_are_akin_and_not_one_piece(theme):
    # as Beethoven's over one bass in WoO 80, of which 37 pairs of 3,400 were taken for one
    takes = [perform(variation(theme, figure), 0.95, seed=9 + figure) for figure in range(4)]
    for figure in range(4):
        ours = perform(variation(theme, figure), seed=figure)
        kinds = [one.kind for one in compare(ours, takes)]
        assert kinds.pop(figure) == SAME_PIECE
        assert not {COPY, SAME_PIECE, PART} & set(kinds)


def test_verses_that_are_all_alike_are_of_one_song_and_not_of_another():
    ours, same, other = (
        perform(variation(theme, 3, verses=4), tempo, seed=seed)
        for theme, tempo, seed in ((1, 1.0, 1), (1, 0.9, 2), (2, 1.0, 3))
    )
    kinds = [one.kind for one in compare(ours, [same, other])]
    assert kinds[0] == SAME_PIECE
    assert kinds[1] not in (COPY, SAME_PIECE, PART)


def minimal(seed: int) -> np.ndarray:
    """One broken chord again and again, a bass that changes, and notes above."""
    rng = np.random.default_rng(seed)
    times = np.arange(0.0, 96.0, 0.25)
    bass = np.repeat(rng.choice([41, 42, 45, 48], 12), 4)
    above = np.flatnonzero(rng.random(96) < 0.8) * 1.0
    notes = np.concatenate(
        [
            np.stack([times, np.tile([57, 60, 64, 69], 96)], axis=1),
            np.stack([np.arange(48) * 2.0, bass], axis=1),
            np.stack([above, rng.choice([69, 71, 72, 76], len(above))], axis=1),
        ]
    )
    return notes[np.argsort(notes[:, 0], kind="stable")]


def test_minimal_music_is_known_by_the_little_that_changes():
    ours = perform(minimal(1), seed=1)
    others = [perform(minimal(piece), 0.95, seed=5 + piece) for piece in range(1, 5)]
    kinds = [one.kind for one in compare(ours, others)]
    assert kinds[0] == SAME_PIECE
    assert set(kinds[1:]) == {MAYBE}


def test_a_longer_version_is_of_the_piece_and_a_jingle_that_both_begin_with_is_not():
    # AudioMuse-AI #51: an edit and the whole; audfprint #75: what commercials have in common
    whole, jingle = score(1), score(7, 12.0)
    solo = score(5, 30.0)
    longer = np.concatenate(
        [
            whole[whole[:, 0] < 40.0],
            solo + np.array([40.0, 0.0]),
            whole[whole[:, 0] >= 40.0] + np.array([30.0, 0.0]),
        ]
    )
    (found,) = compare(perform(longer, seed=1), [perform(whole, seed=2)])
    assert found.kind == SAME_PIECE
    begun = [np.concatenate([jingle, score(piece) + np.array([12.0, 0.0])]) for piece in (1, 2)]
    (found,) = compare(perform(begun[0], seed=3), [perform(begun[1], seed=4)])
    assert found.kind not in (COPY, SAME_PIECE)


def test_a_recording_of_two_pieces_is_a_performance_of_neither():
    # acoustid-server #2: one wrong link chains two groups
    one, other = score(1, 40.0), score(2, 40.0)
    both = perform(np.concatenate([one, other + np.array([41.0, 0.0])]), seed=3)
    for alone in (one, other):
        (found,) = compare(both, [perform(alone, seed=4)])
        assert found.kind == PART
        assert found.explained[1] > 0.9


def test_a_comparison_is_stored_as_text():
    (found,) = compare(perform(score(1), seed=1), [perform(score(1), seed=2)])
    assert Comparison.from_json(found.to_json()) == found
    later = found.to_json().replace("{", '{"what a later version adds": 1, ', 1)
    assert Comparison.from_json(later) == found


@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (6, 1), (40, 70)])
def test_scores_alone_are_those_of_the_stretches(shape):
    gains = (np.random.default_rng(0).random((5, *shape)) - 0.55).astype(np.float32)
    stretches = best_stretches(gains)
    assert best_scores(gains).tolist() == [one.score for one in stretches]


def test_what_has_little_in_common_keeps_its_score_and_no_frames():
    rolls = [onset_roll(perform(score(piece))) for piece in (0, 1)]
    whole, little = align(rolls[0], rolls), align(rolls[0], rolls, least=[1.0, 1e9])
    assert [one.score for one in little] == [one.score for one in whole]
    assert (len(little[0].rows), len(little[1].rows)) == (len(whole[0].rows), 0)
