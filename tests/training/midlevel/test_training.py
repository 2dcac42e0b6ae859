"""The training of the mid-level network, small: batches, losses, checkpoints, what is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("mido", reason="the training reads MIDI with mido, of the extra train")

from espr.audio.midlevel.front_end import (  # noqa: E402
    BANDS,
    LOWEST_PITCH,
    PITCHES,
    STEP,
    whitening_factors,
)
from espr.errors import EsprError  # noqa: E402
from espr.midi.performance import MidiPerformance  # noqa: E402
from espr.training.midlevel import corpus as corpora  # noqa: E402
from espr.training.midlevel.batches import GROUP, GROUPS, disturbed, grouped_rows, make_batch  # noqa: E402
from espr.training.midlevel.corpus import Clip, Corpus, build, lengthened, note_frames  # noqa: E402
from espr.training.midlevel.fitting import (  # noqa: E402
    Settings,
    correlations,
    fit,
    scales_of,
)
from espr.training.midlevel.network import MidlevelNetwork, harmonic_stack  # noqa: E402
from espr.training.midlevel.window_head import pitch_classes  # noqa: E402


def _performance(name: str = "a", piece: str = "p", seconds: float = 20.0) -> MidiPerformance:
    onsets = np.arange(0.1, seconds - 0.5, 0.5)
    notes = np.stack(
        [onsets, onsets + 0.4, 60 + np.arange(len(onsets)) % 12, np.full(len(onsets), 64)], axis=1
    )
    return MidiPerformance(notes, np.zeros((0, 2)), name, piece, "w", "synthetic", "nobody")


def _noise(clips: object, performances: object) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.uniform(-1, 1, 20 * 22_050).astype(np.float32) for _ in range(len(clips))]  # type: ignore[arg-type]


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    """Eight clips of two passages, in this process: noise instead of pianos."""
    monkeypatch.setattr(corpora, "played", _noise)

    class Here:
        def __init__(self, *_: object) -> None: ...
        def __enter__(self) -> Here:
            return self

        def __exit__(self, *_: object) -> None: ...

        map = staticmethod(map)

    monkeypatch.setattr(corpora, "ProcessPoolExecutor", Here)
    performances = [_performance(f"{n}", f"p{n // 4}") for n in range(8)]
    clips = [
        Clip(one.name, one.piece, one.work, one.composer, one.source, "noise", "clean", n, split)
        for n, (one, split) in enumerate(zip(performances, ["training"] * 8, strict=True))
    ]
    ratings = np.full((8, 2), np.nan, np.float32)
    ratings[:4] = np.arange(8).reshape(4, 2)
    build(tmp_path, clips, performances, ratings, 1)
    return Corpus(tmp_path)


def test_a_corpus_says_which_keys_are_struck_and_sound() -> None:
    struck, sounding = note_frames(_performance())
    key = 60 - LOWEST_PITCH
    first = np.flatnonzero(struck[:, key])[0]
    assert first == round((0.1 * 31.3 - 1024 / 22_050 * 31.3) / STEP)
    assert struck[first, key] == 64
    assert sounding[first : first + 5, key].all()  # 0.4 s
    assert not sounding[first + 8 : first + 20, key].any()


def test_a_short_performance_is_played_again() -> None:
    longer = lengthened(_performance(seconds=6.0))
    assert longer.end > 14.0
    assert lengthened(_performance()).end == _performance().end


def test_a_build_goes_on_and_refuses_another_plan(small: Corpus, tmp_path: Path) -> None:
    before = small.spectrogram(0).copy()
    performances = [_performance(f"{n}", f"p{n // 4}") for n in range(8)]
    build(tmp_path, small.clips, performances, np.zeros((8, 2)), 1)
    np.testing.assert_array_equal(Corpus(tmp_path).spectrogram(0), before)
    other = [replace(clip, seed=clip.seed + 1) for clip in small.clips]
    with pytest.raises(EsprError, match="another plan"):
        build(tmp_path, other, performances, np.zeros((8, 2)), 1)


def test_a_folder_without_a_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(EsprError, match="holds no corpus"):
        Corpus(tmp_path)


def test_batches_hold_whole_groups() -> None:
    groups = np.repeat(np.arange(40), 4)
    batches = grouped_rows(groups, np.random.default_rng(0))
    assert sorted(np.concatenate(batches)) == list(range(160))
    assert all(len(batch) == GROUP * GROUPS for batch in batches)
    for batch in batches:
        assert all((groups[batch] == group).sum() == 4 for group in np.unique(groups[batch]))


def test_a_batch_is_whitened_and_knows_its_targets(small: Corpus) -> None:
    batch = make_batch(small, np.arange(8), np.random.default_rng(0), disturb=False)
    assert batch.whitened.shape[:2] == (8, BANDS)
    assert batch.struck.shape == (8, PITCHES, corpora.WINDOW_FRAMES // STEP)
    assert float(batch.struck.max()) == pytest.approx(64 / 127)
    assert batch.targets.shape[1] == small.targets.shape[2] + 2
    assert torch.isnan(batch.targets[4:, -2:]).all()


def test_disturbances_keep_the_shape_and_are_finite() -> None:
    rng = np.random.default_rng(1)
    magnitudes = rng.exponential(1.0, (100, BANDS)).astype(np.float32)
    for _ in range(20):
        made = disturbed(magnitudes, rng)
        assert made.shape == magnitudes.shape
        assert made.dtype == np.float32
        assert np.isfinite(made).all()
        assert (made >= 0).all()


def test_whitening_takes_off_gain_and_slow_equalisation() -> None:
    rng = np.random.default_rng(2)
    magnitudes = rng.exponential(1.0, (400, BANDS)).astype(np.float32)
    tilt = np.geomspace(0.2, 5.0, BANDS).astype(np.float32)
    plain = whitening_factors([magnitudes]) * magnitudes
    tilted = whitening_factors([magnitudes[:150] * tilt * 3, magnitudes[150:] * tilt * 3])
    relative = np.abs(np.log10(tilted * magnitudes * tilt * 3 / plain)).mean()
    assert relative < 0.04  # of 1.4 from end to end


def test_a_note_lies_on_its_own_row_of_the_stack() -> None:
    from espr.audio.spectrogram import log_filterbank

    _, centres = log_filterbank()
    spectrum = np.zeros(BANDS, np.float32)
    for harmonic in (1, 2, 3, 4):
        spectrum[np.argmin(np.abs(centres - 440.0 * harmonic))] = 1.0
    stacked = harmonic_stack() @ spectrum
    assert int(stacked[1:5].sum(axis=0).argmax()) == 69 - LOWEST_PITCH


def test_pitch_classes_fold_octaves() -> None:
    notes = torch.zeros(1, PITCHES, 4)
    notes[0, [60 - LOWEST_PITCH, 72 - LOWEST_PITCH]] = 1.0
    classes = pitch_classes(notes)[0]
    assert classes[0] == 2.0
    assert classes[1:].abs().max() == 0.0


def test_training_goes_on_where_it_stopped(small: Corpus, tmp_path: Path) -> None:
    names = (*(f"f{n}" for n in range(small.targets.shape[2])), "rated a", "rated b")
    settings = Settings(channels=2, epochs=2, seed=3)
    whole: list[dict[str, object]] = []
    network = fit(small, names, len(names) - 2, settings, tmp_path / "whole", whole.append)

    class StoppedError(Exception):
        pass

    def stop(figures: dict[str, object]) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        fit(small, names, len(names) - 2, settings, tmp_path / "parts", stop)
    resumed: list[dict[str, object]] = []
    again = fit(small, names, len(names) - 2, settings, tmp_path / "parts", resumed.append)
    assert [figures["epoch"] for figures in resumed] == [2]
    for (name, one), other in zip(
        network.state_dict().items(), again.state_dict().values(), strict=True
    ):
        torch.testing.assert_close(one, other, msg=name)


def test_unrated_clips_do_not_count_in_the_scales(small: Corpus) -> None:
    scales = scales_of(small, np.arange(8))
    assert scales.mean[-2] == pytest.approx(3.0)
    assert np.isfinite(scales.within).all()


def test_correlations_within_a_group_ignore_its_level() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat([0, 1], 50)
    said = rng.standard_normal((100, 1))
    heard = said + 10.0 * groups[:, None]
    assert correlations(heard, said, groups)[0] == pytest.approx(1.0)
    assert correlations(heard, said)[0] < 0.5
    assert np.isnan(correlations(heard, np.full((100, 1), np.nan))[0])


def test_the_network_says_the_same_however_many_windows_run_at_once() -> None:
    torch.manual_seed(0)
    network = MidlevelNetwork(5, channels=2).eval()
    whitened = torch.rand(1, BANDS, 800)
    with torch.inference_mode():
        whole = network.frames(whitened).between(100, 200)
        part = network.frames(whitened[..., 2 * 68 : 2 * 232]).between(32, 132)
    torch.testing.assert_close(whole.onsets, part.onsets, atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(whole.states, part.states, atol=1e-4, rtol=1e-3)
