"""Targets on performances whose answer is known, the readers of MIDI, the synthetic performer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from espr.datasets.percepiano import RATINGS, segment_and_player
from espr.errors import EsprError
from espr.midi.features import NAMES, symbolic_features
from espr.midi.performance import MidiPerformance
from espr.training.midlevel import performer, scores
from espr.training.midlevel.performances import (
    asap_performances,
    is_left_out,
    percepiano_performances,
    read_midi,
)
from espr.training.midlevel.performer import Manner, perform, synthetic_performances
from espr.training.midlevel.scores import Score, corpus_scores, generated_score
from espr.training.midlevel.textures import TEXTURES
from tests.benchmarks.target_agreement import agreement

DATA = Path(__file__).parents[4] / "shared" / "data"
C_MAJOR, C_MINOR = (60, 64, 67), (60, 63, 67)


def performance(notes: list[tuple[float, float, int, int]], pedal: object = ()) -> MidiPerformance:
    """Of notes (onset, duration, pitch, velocity)."""
    rows = np.array(notes, float).reshape(-1, 4)
    rows[:, 1] += rows[:, 0]
    return MidiPerformance(
        notes=rows[np.argsort(rows[:, 0], kind="stable")],
        pedal=np.array(pedal, float).reshape(-1, 2),
        name="test",
        piece="test",
        work="test",
        source="synthetic",
        composer="nobody",
    )


def line(
    pitches: list[int], interval: float = 0.25, held: float = 1.0, velocity: int = 64
) -> list[tuple[float, float, int, int]]:
    return [(n * interval, held * interval, p, velocity) for n, p in enumerate(pitches)]


def chords(
    *chords: tuple[int, ...], interval: float = 0.5, count: int = 24
) -> list[tuple[float, float, int, int]]:
    return [
        (n * interval, 0.9 * interval, pitch, 64)
        for n in range(count)
        for pitch in chords[n % len(chords)]
    ]


def features(notes: list[tuple[float, float, int, int]], pedal: object = ()) -> dict[str, float]:
    found = symbolic_features(performance(notes, pedal), 0.0, 15.0)
    return dict(zip(NAMES, found.tolist(), strict=True))


SCALE = [60, 62, 64, 65, 67, 69, 71, 72, 71, 69, 67, 65, 64, 62] * 4


def test_four_onsets_a_second_are_a_density_of_four() -> None:
    assert features(line(SCALE[:40]))["onset_density"] == pytest.approx(4.0)
    doubled = line(SCALE[:40]) + [(o + 0.03, d, p + 4, v) for o, d, p, v in line(SCALE[:40])]
    assert features(doubled)["onset_density"] == pytest.approx(4.0, rel=0.01)


def test_articulation_hears_how_long_keys_are_held_not_the_tempo() -> None:
    legato, staccato = features(line(SCALE)), features(line(SCALE, held=0.3))
    assert legato["articulation"] == pytest.approx(0.0, abs=0.01)
    assert staccato["articulation"] == pytest.approx(0.7, abs=0.01)
    fast = features(line(SCALE, interval=0.125, held=0.3))
    assert fast["articulation"] == pytest.approx(staccato["articulation"], abs=0.01)
    pedalled = features(line(SCALE, held=0.3), [(0.0, 127.0)])
    assert pedalled["articulation"] < staccato["articulation"] - 0.3
    assert pedalled["key_detachment"] == pytest.approx(staccato["key_detachment"])


def test_metronomic_is_steadier_than_rubato() -> None:
    rng = np.random.default_rng(0)
    onsets = np.cumsum(0.3 * np.exp(rng.normal(0.0, 0.25, 45)))
    free = features([(float(o), 0.2, p, 64) for o, p in zip(onsets, SCALE, strict=False)])
    steady = features(line(SCALE[:45], interval=0.3))
    assert steady["rhythm_stability"] > free["rhythm_stability"] + 0.3
    assert steady["tempo_variation"] < free["tempo_variation"]
    assert steady["rhythm_complexity"] < free["rhythm_complexity"]


def test_minor_triads_are_more_minor_in_every_key() -> None:
    for tonic in range(12):
        major = features(chords(tuple(pitch + tonic for pitch in C_MAJOR)))
        minor = features(chords(tuple(pitch + tonic for pitch in C_MINOR)))
        assert minor["minorness"] > 0.1 > -0.1 > major["minorness"]


def test_clusters_are_more_dissonant_than_triads_and_so_is_a_held_pedal() -> None:
    triads, clusters = features(chords(C_MAJOR)), features(chords((60, 61, 62)))
    assert clusters["dissonance"] > triads["dissonance"] + 1.0
    clean, blurred = features(line(SCALE)), features(line(SCALE), [(0.0, 127.0)])
    assert blurred["dissonance"] > clean["dissonance"] + 0.5
    louder = features([(o, d, p, 127) for o, d, p, _ in chords(C_MAJOR)])
    assert louder["dissonance"] == pytest.approx(triads["dissonance"], abs=1e-6)


def test_one_key_is_more_anchored_than_twelve() -> None:
    cadence = [(60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67)]
    home = features(chords(*cadence))
    wandering = features(
        chords(*[tuple(p + s for p in c) for s in (0, 6, 1, 8, 3, 10) for c in cadence])
    )
    assert home["tonal_stability"] > wandering["tonal_stability"] + 0.1


def test_steps_are_more_melodious_than_leaps() -> None:
    leaps = [pitch + (19 if n % 2 else -7) for n, pitch in enumerate(SCALE)]
    assert features(line(SCALE))["melodiousness"] > features(line(leaps))["melodiousness"] + 2.0
    accompaniment = [(o, d, p - 24, 50) for o, d, p, _ in line(SCALE)]
    sung = features(line(SCALE, velocity=90) + accompaniment)
    covered = features(line(SCALE, velocity=50) + accompaniment)
    assert sung["melodiousness"] > covered["melodiousness"]
    assert sung["top_voice_emphasis"] == pytest.approx(40.0)


def test_loudness_contrast_and_accents() -> None:
    even = features(line(SCALE))
    assert even["loudness"] == 64 and even["dynamic_range"] == even["accents"] == 0
    growing = [(o, d, p, 30 + n) for n, (o, d, p, _) in enumerate(line(SCALE))]
    accented = [(o, d, p, 64 + 40 * (n % 4 == 0)) for n, (o, d, p, _) in enumerate(line(SCALE))]
    assert features(growing)["dynamic_range"] > features(accented)["dynamic_range"]
    assert features(accented)["accents"] > features(growing)["accents"] > 0


@pytest.mark.parametrize("count", range(4))
def test_few_notes_have_finite_features(count: int) -> None:
    few = performance(line(SCALE[:count]))
    for start, end in ((0.0, 15.0), (0.2, 0.4), (5.0, 20.0)):
        assert np.isfinite(symbolic_features(few, start, end)).all()


def test_between_carries_the_pedal_and_clips_releases() -> None:
    whole = performance(line(SCALE, interval=0.5, held=3.0), [(0.1, 100.0), (4.0, 0.0)])
    part = whole.between(2.0, 6.0)
    assert len(part.notes) == 8
    assert part.notes[0, 0] == 0.0 and part.notes[:, 1].max() == 4.0
    assert part.pedal.tolist() == [[0.0, 100.0], [2.0, 0.0]]


def test_the_pedal_prolongs_until_lifted_struck_again_or_faded() -> None:
    notes = [(0.0, 0.2, 60, 64), (1.0, 0.2, 60, 64), (1.5, 0.2, 62, 64), (8.0, 0.1, 96, 64)]
    ends = performance(notes, [(0.1, 127.0), (3.0, 30.0), (7.0, 64.0)]).sounding_ends()
    assert ends[:3].tolist() == [1.0, 3.0, 3.0]
    assert 9.0 < ends[3] < 10.0  # C7 has faded


def test_midi_with_changes_of_tempo_and_a_pedal(tmp_path: Path) -> None:
    mido = pytest.importorskip("mido")
    midi = mido.MidiFile(ticks_per_beat=100)
    track = mido.MidiTrack()
    midi.tracks.append(track)
    track.append(mido.MetaMessage("set_tempo", tempo=1_000_000))
    track.append(mido.Message("note_on", note=60, velocity=70, time=100))
    track.append(mido.Message("control_change", control=64, value=90, time=50))
    track.append(mido.MetaMessage("set_tempo", tempo=500_000))
    track.append(mido.Message("note_on", note=60, velocity=0, time=100))
    path = tmp_path / "one.mid"
    midi.save(path)
    notes, pedal = read_midi(path)
    assert notes.tolist() == [[1.0, 2.0, 60.0, 70.0]]
    assert pedal.tolist() == [[1.5, 90.0]]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF????WAVE",
        b"MThd\0\0\0\6\0\1",
        b"MThd\0\0\0\6\0\0\0\1\0\0MTrk\0\0\0\4\0\xff\x2f\0",
        b"MThd\0\0\0\6\0\0\0\1\1\xe0MTrk\xff\xff\xff\xff\0\x90",
        b"MThd\0\0\0\6\0\0\0\1\1\xe0MTrk\0\0\0\4\0\xff\x2f\0",
        b"MThd\0\0\0\6\0\0\0\1\1\xe0MTrk\0\0\0\7\0\xff\x59\2\x7f\x7f\0",
    ],
)
def test_a_broken_midi_file_is_an_error_of_the_file(tmp_path: Path, content: bytes) -> None:
    pytest.importorskip("mido")
    path = tmp_path / "broken.mid"
    path.write_bytes(content)
    with pytest.raises(EsprError, match=r"broken\.mid"):
        read_midi(path)
    with pytest.raises(EsprError, match="none"):
        read_midi(tmp_path / "none.mid")


def test_works_on_which_espr_is_judged_are_left_out() -> None:
    judged = [
        ("Bach", "Bach/Prelude/bwv_846"),
        ("Bach", "bach/bwv846.mxl"),
        ("Beethoven", "Beethoven/Piano_Sonatas/14-3"),
        ("Beethoven", "Sonata op. 27 no. 2"),
        ("Brahms", "Klavierstücke op_119"),
        ("Liszt", "Bagatelle_sans_tonalite"),
        ("Mozart", "mozart/k545/movement1_exposition.mxl"),
        ("Schumann", "Schumann/Arabeske"),
        ("Schumann", "Schumann/Kreisleriana/3_no_repeat"),
    ]
    others = [
        ("Bach", "Bach/Fugue/bwv_848"),
        ("Beethoven", "Beethoven/Piano_Sonatas/27-2"),
        ("Brahms", "Six_Pieces_op_118_2"),
        ("Schumann", "Schumann/Toccata"),
        ("Scriabin", "Etudes_op_16"),
    ]
    assert [is_left_out(*piece) for piece in judged] == [True] * len(judged)
    assert [is_left_out(*piece) for piece in others] == [False] * len(others)


@pytest.mark.skipif(not (DATA / "asap").is_dir(), reason="needs the ASAP data set")
def test_asap_without_what_is_judged() -> None:
    pytest.importorskip("mido")
    found = list(asap_performances(DATA / "asap", {"Schumann"}))
    assert {p.work for p in found} == {"Schumann/Toccata"}
    assert all((np.diff(p.notes[:, 0]) >= 0).all() for p in found)


@pytest.mark.skipif(not (DATA / "percepiano").is_dir(), reason="needs PercePiano")
def test_targets_follow_people_within_a_segment_of_percepiano(tmp_path: Path) -> None:
    """Of every fourth segment: 291 clips. The benchmark reads all 1085, in half a minute."""
    pytest.importorskip("mido")
    (tmp_path / "midi").mkdir()
    (tmp_path / RATINGS).symlink_to(DATA / "percepiano" / RATINGS)
    clips = sorted((DATA / "percepiano" / "midi").glob("*.mid"))
    segments = sorted({segment_and_player(clip.stem)[0] for clip in clips})[::4]
    for clip in clips:
        if segment_and_player(clip.stem)[0] in segments:
            (tmp_path / "midi" / clip.name).symlink_to(clip)
    first = next(percepiano_performances(DATA / "percepiano"))
    assert (first.piece, first.work) == ("Beethoven_WoO80_thema_8bars_1", "Beethoven_WoO80")
    assert first.notes[0, 0] == 0.0
    with_raters, among, reliability = agreement(tmp_path)
    said = dict(zip(reliability, with_raters, strict=True))
    target = NAMES.index
    assert said["Timing_Stable_Unstable"][target("rhythm_stability")] < -0.4
    assert said["Articulation_Short_Long"][target("articulation")] < -0.25
    assert said["Music_Making_Fast_paced_Slow_paced"][target("onset_density")] < -0.4
    assert said["Pedal_Sparse/dry_Saturated/wet"][target("pedal")] > 0.4
    assert np.abs(among[np.triu_indices(8, 1)]).max() < 0.8


def test_the_performer_does_what_its_manner_says() -> None:
    score = generated_score(np.random.default_rng(5), 0)

    def played(**manner: object) -> dict[str, float]:
        take = perform(score, np.random.default_rng(1), replace(Manner(), **manner))
        return dict(zip(NAMES, symbolic_features(take, 0.0, 15.0).tolist(), strict=True))

    plain = played()
    assert played(tempo=2.0)["onset_density"] == pytest.approx(2 * plain["onset_density"], rel=0.25)
    staccato = played(articulation=0.2, other_articulation=0.2)
    assert staccato["articulation"] > plain["articulation"] + 0.3
    assert played(velocity=90.0)["loudness"] > plain["loudness"] + 25
    assert played(rubato=0.3, walk=0.2)["rhythm_stability"] < plain["rhythm_stability"]
    assert played(pedal="bar")["pedal"] > 0.9 > 0.0 == plain["pedal"]
    assert played(lead=30.0)["top_voice_emphasis"] > plain["top_voice_emphasis"] + 10
    up = played(transposition=5)
    assert up["pitch_height"] == pytest.approx(plain["pitch_height"] + 5, abs=0.2)


def test_the_parallel_mode_is_the_other_mode() -> None:
    triads = [(0, 4, 7), (5, 9, 12), (7, 11, 14), (0, 4, 7)]
    notes = np.array(
        [(n, 1.0, 60 + p, 0) for n in range(32) for p in sorted(triads[n % 4], reverse=True)], float
    )
    score = Score(notes, 4.0, "cadences", "cadences", "generated")

    def mode(score: Score, *, other: bool) -> float:
        take = perform(score, np.random.default_rng(0), Manner(other_mode=other))
        return float(symbolic_features(take, 0.0, 15.0)[NAMES.index("minorness")])

    assert mode(score, other=True) > 0.1 > -0.1 > mode(score, other=False)
    minor = replace(
        score, notes=notes - np.isin((notes[:, 2] % 12), (4, 9))[:, None] * [0, 0, 1, 0]
    )
    assert mode(minor, other=False) > 0.1 > -0.1 > mode(minor, other=True)


@pytest.mark.parametrize("texture", TEXTURES)
def test_textures_are_playable(texture: str) -> None:
    for seed in range(5):
        notes, bar = TEXTURES[texture](np.random.default_rng(seed))
        assert notes[:, 2].min() >= 21 and notes[:, 2].max() <= 108
        assert (notes[:, 1] > 0).all() and notes[:, 0].min() == 0.0 and bar == 4.0
        score = Score(notes[np.argsort(notes[:, 0])], bar, texture, texture, "generated")
        take = perform(score, np.random.default_rng(seed))
        again = perform(score, np.random.default_rng(seed))
        assert np.array_equal(take.notes, again.notes)
        assert (take.notes[:, 1] > take.notes[:, 0]).all()
        assert take.notes[:, 0].min() == 0.0 and (np.diff(take.notes[:, 0]) >= 0).all()
        assert take.notes[:, 3].min() >= 1 and take.notes[:, 3].max() <= 127
        by_key = take.notes[np.lexsort((take.notes[:, 0], take.notes[:, 2]))]
        same = by_key[1:, 2] == by_key[:-1, 2]
        assert (by_key[:-1, 1][same] <= by_key[1:, 0][same]).all()


def test_layers_and_mixed_values_are_more_complex_than_one_note_value() -> None:
    plain = features(line(SCALE))
    values = np.tile([0.5, 0.25, 0.125, 0.375, 0.75], 8)
    onsets = np.cumsum(values) - values
    mixed = features([(float(o), 0.1, p, 64) for o, p in zip(onsets, SCALE, strict=False)])
    layered = features(line(SCALE[:40]) + [(n / 3, 0.3, 40, 64) for n in range(30)])
    assert plain["rhythm_complexity"] < layered["rhythm_complexity"]
    assert plain["rhythm_complexity"] + 1.0 < mixed["rhythm_complexity"]
    rolled = [(o + 0.06, d, p - 12, v) for o, d, p, v in line(SCALE)]
    assert features(line(SCALE) + rolled)["rhythm_complexity"] == pytest.approx(
        plain["rhythm_complexity"], abs=0.4
    )


def test_synthetic_performances_are_takes_of_the_same_passage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    music = [generated_score(np.random.default_rng(seed), seed) for seed in range(3)]
    monkeypatch.setattr(performer, "corpus_scores", lambda: music)
    takes = list(synthetic_performances(12, 3))
    again = list(synthetic_performances(12, 3))
    assert all(np.array_equal(a.notes, b.notes) for a, b in zip(takes, again, strict=True))
    assert len({take.name for take in takes}) == len(takes)
    pieces = [take.piece for take in takes]
    assert len(set(pieces)) == 12
    assert {pieces.count(piece) for piece in pieces} == {3, 4}
    assert all(take.end <= 20.0 and len(take.notes) >= 10 for take in takes)
    assert not np.array_equal(takes[0].notes, next(synthetic_performances(1, 4)).notes)


def test_scores_are_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("music21")
    monkeypatch.setenv("ESPR_CACHE", str(tmp_path))
    monkeypatch.setattr(
        scores, "_SOURCES", (("Bach", "bach/bwv846*.mxl", 2), ("Bach", "bach/bwv66.6.mxl", 1))
    )
    parsed = corpus_scores()
    assert [score.name for score in parsed] == ["bach/bwv66.6"]  # the prelude is left out
    assert set(parsed[0].notes[:, 3]) == {0, 1, 2, 3} and parsed[0].bar == 4.0
    monkeypatch.setattr(scores, "_parsed", None)
    assert np.array_equal(corpus_scores()[0].notes, parsed[0].notes)
    monkeypatch.setattr(scores, "_parsed", lambda: parsed)
    (cached,) = tmp_path.glob("*.npz")
    cached.write_bytes(b"torn")
    assert corpus_scores() == parsed
