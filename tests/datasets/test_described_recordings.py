"""Reading what augments a training, and that nothing of a tested work comes in with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soundfile

from espr.datasets.benchmark import Performance
from espr.datasets.described_recordings import read_described, read_musiccaps
from espr.errors import EsprError
from espr.evaluation.augmentation_rows import AugmentationRows, join_rows, subtract_group_means
from espr.evaluation.best_model import choose_settings
from espr.evaluation.feature_cache import profiles
from espr.evaluation.folds import make_folds
from espr.evaluation.paper_model import choose_components
from espr.evaluation.system import System, evaluate
from tests.evaluation.test_evaluation import benchmark, corpus
from tests.tower_models import write_noise

MUSICCAPS = "ytid,start_s,end_s,aspect_list,caption\n"


def clips(tmp_path, *names):
    for name in names:
        (tmp_path / name).write_bytes(b"")
    return tmp_path


def test_musiccaps_by_its_public_columns(tmp_path):
    table = tmp_path / "musiccaps-public.csv"
    table.write_text(
        MUSICCAPS
        + "-0Gj8-v_1q4,30,40,\"['sad', 'slow']\",A ballad.\n"
        + 'b,0,10,"[]",Calm.\nc,0,10,not a list,Loud.\nabsent,0,10,"[]",Gone.\n'
    )
    found = read_musiccaps(table, clips(tmp_path, "-0Gj8-v_1q4.wav", "b_0_10.mp3", "c_0.flac"))
    assert [one.audio.name for one in found.performances] == [
        "-0Gj8-v_1q4.wav",
        "b_0_10.mp3",
        "c_0.flac",
    ]
    assert [one.text for one in found.descriptions] == [
        "sad, slow, A ballad.",
        "Calm.",
        "not a list, Loud.",
    ]


@pytest.mark.parametrize(
    ("name", "seconds", "part"),
    [
        ("b.wav", 10.4, (0.0, None)),  # the clip alone
        ("b.wav", 60.0, (30.0, 40.0)),  # the whole
        ("b.wav", 39.5, (30.0, 40.0)),  # which ends a little early
        ("b.wav", 15.0, (0.0, 10.0)),  # the clip and what follows: it ends before the whole would
        ("b_30.wav", 60.0, (0.0, 10.0)),
        ("b_30_40.wav", 12.0, (0.0, 10.0)),
    ],
)
def test_audio_longer_than_its_clip_is_cut(tmp_path, name, seconds, part):
    (tmp_path / "t.csv").write_text(MUSICCAPS + 'b,30,40,"[]",Calm.\n')
    write_noise(tmp_path / name, seconds, rate=8_000)
    (clip,) = read_musiccaps(tmp_path / "t.csv", tmp_path).performances
    assert (clip.start, clip.end) == part


def test_the_clip_is_heard_and_kept_apart_from_the_whole(tmp_path, monkeypatch):
    monkeypatch.setenv("ESPR_CACHE", str(tmp_path / "cache"))
    samples = write_noise(tmp_path / "whole.wav", 40.0, rate=22_050)
    soundfile.write(tmp_path / "cut.wav", samples[10 * 22_050 : 20 * 22_050], 22_050)
    whole, cut = (Performance("", n, "", tmp_path / f"{n}.wav") for n in ("whole", "cut"))
    part = replace(whole, start=10.0, end=20.0)
    heard = profiles([whole, part, cut], "signal", jobs=1)
    np.testing.assert_allclose(heard[1], heard[2], rtol=1e-4)
    assert np.abs(heard[0] - heard[1]).max() > 1e-3
    assert np.array_equal(profiles([part], "signal", jobs=1)[0], heard[1])


@pytest.mark.parametrize("start", ["start", "nan", "inf", ""])
def test_a_bad_line_costs_that_line(tmp_path, start):
    lines = f'b,{start},40,"[]",Calm.\nc,0,10,"[]",Loud.\n'
    (tmp_path / "t.csv").write_text(MUSICCAPS + lines)
    found = read_musiccaps(tmp_path / "t.csv", clips(tmp_path, "b.wav", "c.wav"))
    assert [one.audio.name for one in found.performances] == ["c.wav"]
    (note,) = found.notes
    assert f"t.csv, line 2: {start!r} is no time in seconds; left out" in note
    (tmp_path / "t.csv").write_text(MUSICCAPS + lines.splitlines()[0] + "\n")
    with pytest.raises(EsprError, match=r"line 2: .* is no time in seconds"):
        read_musiccaps(tmp_path / "t.csv", tmp_path)


def test_a_line_without_its_recording_costs_that_line(tmp_path):
    table = clips(tmp_path, "a.mp3") / "t.csv"
    table.write_text('audio,text\ngone.mp3,"dry,\nvery"\na.mp3,\na.mp3,warm\n')
    found = read_described(table)
    assert [one.text for one in found.descriptions] == ["warm"]
    assert [note.partition(": ")[0][-6:] for note in found.notes] == ["line 3", "line 4"]


def test_the_list_of_aspects_is_never_executed(tmp_path):
    table, witness = tmp_path / "t.csv", tmp_path / "executed"
    table.write_text(MUSICCAPS + f"b,0,10,\"open('{witness}', 'w')\",Calm.\n")
    read_musiccaps(table, clips(tmp_path, "b.mp3"))
    assert not witness.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"ytid,start,end_s,aspect_list,caption\n", "no column start_s"),
        (MUSICCAPS.encode() + b"b,0,10,[],\xff\n", "not a UTF-8 CSV"),
        (MUSICCAPS.encode() + b"zz,0,10,[],Calm.\n", r"none of MusicCaps' 1 clips.*zz\.wav"),
    ],
)
def test_a_musiccaps_that_cannot_be_used(tmp_path, content, message):
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(EsprError, match=message):
        read_musiccaps(tmp_path / "t.csv", tmp_path)


def test_a_table_of_recordings_and_texts(tmp_path):
    table = clips(tmp_path, "a.mp3", "b.mp3") / "t.csv"
    table.write_text("audio,text,piece,work\na.mp3,dry,p,w\na.mp3,cold,p,w\nb.mp3,warm,q,\n")
    found = read_described(table)
    assert [(one.piece, one.work) for one in found.performances] == [("p", "w"), ("q", "q")]
    assert [one.performance for one in found.descriptions] == [0, 0, 1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("path,text\n", "no column audio; its columns are audio, text"),
        ("audio,text\nz.mp3,dry\n", r"describes no recording.*line 2: no recording at .*z\.mp3"),
        ("audio,text\nz.mp3,  \n", "describes no recording.*line 2: no text"),
    ],
)
def test_a_table_that_cannot_be_used(tmp_path, content, message):
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(EsprError, match=message):
        read_described(tmp_path / "t.csv")


def test_groups_lose_their_means_and_sources_join():
    rows = np.array([[1.0], [3.0], [10.0]])
    np.testing.assert_allclose(
        subtract_group_means(rows, np.array(["a", "a", "b"])), [[-1], [1], [0]]
    )
    one = further(corpus())
    both = join_rows([one, one])
    assert (len(both.profiles), both.described.max()) == (24, 23)


def further(of, works=("work0", "work1", "")) -> AugmentationRows:
    """Twelve recordings of two works of the benchmark and of none, each described once."""
    rng = np.random.default_rng(5)
    profiles = 3.0 * rng.normal(size=(12, 8)) + 1.0
    return AugmentationRows(
        profiles=profiles,
        sources=np.array(["s"] * 12),
        groups=np.repeat(["s/0", "s/1", "s/"], 4),
        works=np.repeat(works, 4),
        embeddings=profiles @ rng.normal(size=(8, of.answers.shape[1])),
        described=np.arange(12),
    )


def test_without_a_work_rows_still_find_their_recordings():
    whole = further(corpus())
    less = whole.without(["work0", ""])
    np.testing.assert_array_equal(less.profiles, whole.profiles[4:])
    np.testing.assert_array_equal(less.profiles[less.described], whole.profiles[4:])
    np.testing.assert_array_equal(less.embeddings, whole.embeddings[4:])


@pytest.mark.parametrize(
    ("model", "centring"), [("paper", "none"), ("paper", "piece"), ("best", "piece")]
)
def test_an_augmentation_counts_but_not_where_its_work_is_tested(model, centring):
    data = corpus()
    added = further(data)
    fold = next(f for f in make_folds(benchmark(data), "work") if f.name == "work1")
    system = System("t", "a", "midlevel", model, centring, None, ("s",))

    def profiles(rows):
        asked = evaluate(system, data, np.ones((18, 20)), np.arange(18), [fold], rows)
        return np.array([one.profile for one in asked])

    tested, other = added.works == "work1", added.works == "work0"
    disturbed = replace(
        added,
        profiles=np.where(tested[:, None], 99.0, added.profiles),
        embeddings=np.where(tested[:, None], -7.0, added.embeddings),
    )
    np.testing.assert_array_equal(profiles(added), profiles(disturbed))
    changed = replace(added, embeddings=np.where(other[:, None], -7.0, added.embeddings))
    assert np.abs(profiles(added) - profiles(changed)).max() > 1e-3
    assert np.abs(profiles(added) - profiles(None)).max() > 1e-3


def test_what_is_held_out_chooses_neither_components_nor_settings():
    data, added = corpus(), further(corpus())
    fold = next(f for f in make_folds(benchmark(data), "work") if f.name == "work1")
    disturbed = replace(data, answers=data.answers.copy(), profiles=data.profiles.copy())
    disturbed.answers[fold.test] = 7.0
    disturbed.profiles[fold.test] *= -40.0
    chosen = [choose_components(of, fold.training, "none", added) for of in (data, disturbed)]
    assert chosen[0] == chosen[1] is not None
    settings = [choose_settings(of, fold.training, added) for of in (data, disturbed)]
    assert settings[0] == settings[1]


def test_components_are_chosen_that_find_the_relation():
    """Two directions of the embedding carry eight features' worth of it; the others are noise."""
    rng = np.random.default_rng(3)
    data = corpus(20)
    profiles = rng.normal(size=(18, 2)) @ rng.normal(size=(2, 8))
    noisy = rng.normal(scale=0.5, size=(18, 20))
    answers = profiles @ rng.normal(size=(8, 20)) + noisy
    data = replace(data, profiles=profiles, answers=answers)
    assert choose_components(data, np.ones(18, bool), "none") <= 5


def test_with_a_single_work_pieces_are_held_out():
    data = corpus()
    one_work = data.works == "work1"
    assert choose_components(data, one_work, "none") in (1, 2)
    assert choose_components(data, data.pieces == "work1_excerpt0", "none") is None
