"""The published network: its layers, its windows, and what it is fed."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch.nn import functional

from espr.audio.spectrogram import log_frame_starts, log_spectrogram
from espr.catalog.catalog import Catalog
from espr.catalog.sound import notes_of
from espr.encoders import load_audio_encoder
from espr.errors import EsprError
from espr.evaluation.tables import Variants
from espr.features import MIDLEVEL
from espr.indexing.run import index_folders
from espr.published.cp_resnet.encoder import (
    OUTPUTS,
    CpResnet,
    integer_samples,
    load_cp_resnet,
    window_frames,
    window_of,
)
from espr.published.cp_resnet.network import CpResnetNetwork
from espr.published.store import add_model, required
from tests.golden import madmom_spectrogram
from tests.published_checkpoint import BLOCKS, PARAMETERS, published_state, shapes, write_published
from tests.signals import phrase, write


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A data folder to which the random network was added."""
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ESPR_DATA", str(folder))
        add_model(None, write_published(folder / "published.pt"))
    return folder


@pytest.fixture
def added(data, monkeypatch):
    monkeypatch.setenv("ESPR_DATA", str(data))
    return data


def reference(state, windows):
    """The network, written out once more from the published facts alone."""

    def norm(x, name):
        names = ("running_mean", "running_var", "weight", "bias")
        return functional.batch_norm(x, *(state[f"{name}.{each}"] for each in names))

    def conv(x, name, padding):
        rows = x.shape[2]
        coordinate = torch.tensor([2.0 * row / rows - 1.0 for row in range(rows)])
        plane = torch.ones(len(x), 1, rows, x.shape[3]) * coordinate.reshape(1, 1, rows, 1)
        return functional.conv2d(torch.cat([x, plane], 1), state[f"{name}.weight"], padding=padding)

    x = functional.conv2d(windows, state["in_c.0.weight"], stride=2, padding=1)
    x = norm(x, "in_c.1").relu()
    for name, (channels, out, k1, k2) in BLOCKS.items():
        y = norm(conv(x, f"{name}.conv1", k1 // 2), f"{name}.bn1").relu()
        y = norm(conv(y, f"{name}.conv2", k2 // 2), f"{name}.bn2")
        beside = x
        if channels != out:
            weight = state[f"{name}.shortcut.conv.weight"]
            beside = norm(functional.conv2d(x, weight), f"{name}.shortcut.bn")
        x = (y + beside).relu()
        if name in ("stage1.block1", "stage1.block2"):
            x = functional.max_pool2d(x, 2)
    x = norm(functional.conv2d(x, state["feed_forward.0.weight"]), "feed_forward.1")
    return x.mean(dim=(2, 3))


def test_it_has_the_published_parameters():
    assert sum(int(np.prod(shape)) for shape in shapes().values()) == PARAMETERS
    heard = {name: one for name, one in shapes().items() if not name.startswith("discriminator")}
    own = {name: tuple(one.shape) for name, one in CpResnetNetwork().named_parameters()}
    assert own == heard


def test_layers_padding_and_coordinate_are_those_of_the_facts():
    state = published_state()
    network = CpResnetNetwork()
    network.load_state_dict(state, strict=False)
    windows = 2.0 * torch.rand((2, 1, 149, 469), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected = reference(state, windows)
        found = network.eval()(windows)
    assert expected.abs().max() > 0.1
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


def test_the_front_end_is_madmoms():
    golden = json.loads(madmom_spectrogram.GOLDEN.read_text())
    samples = madmom_spectrogram.samples()
    spectrogram = log_spectrogram(samples, log_frame_starts(0, len(samples)))
    assert list(spectrogram.shape) == golden["shape"]
    for frame, values in golden["frames"].items():
        np.testing.assert_allclose(spectrogram[int(frame)], values, atol=1e-3)


def test_outputs_come_to_their_features(tmp_path, monkeypatch):
    """Of a network that answers 1, 2, … 7 whatever it hears."""
    state = published_state()
    state["feed_forward.0.weight"].zero_()
    state["feed_forward.1.running_mean"].zero_()
    state["feed_forward.1.bias"] = torch.arange(1.0, 8.0)
    torch.save(state, tmp_path / "ordered.pt")
    monkeypatch.setenv("ESPR_DATA", str(tmp_path))
    add_model("cp-resnet", tmp_path / "ordered.pt")
    encoder = load_cp_resnet()
    assert encoder.outputs(np.ones((469, 149), np.float32)) == pytest.approx(range(1, 8))
    file = write(tmp_path / "take.flac", phrase(3.0, seed=1))
    features = encoder.encode(file).features
    by_name = dict(zip(MIDLEVEL.names, features[0].tolist(), strict=True))
    assert by_name.pop("onset_density") > 0.5  # measured
    assert by_name == pytest.approx(dict(zip(OUTPUTS, range(1, 8), strict=True)))
    assert (by_name["rhythm_complexity"], by_name["rhythm_stability"]) == (3.0, 4.0)


def integers(count, seed=0):
    """Samples that no frame repeats, int16; neither end is zero."""
    samples = np.random.default_rng(seed).integers(-20_000, 20_000, count).astype(np.int16)
    samples[[0, -1]] = 30_000
    return samples


def test_windows_are_whole_and_short_recordings_are_wrapped():
    hop = 22_050 / 31.3
    assert window_frames(int(468.5 * hop)).tolist() == [0]
    assert window_frames(int((469 + 156) * hop)).tolist() == [0]
    assert window_frames(int((469 + 157) * hop)).tolist() == [0, 156]
    samples = integers(int(700 * hop))
    starts = log_frame_starts(0, len(samples))
    whole = log_spectrogram(samples.astype(np.float32) / 32_767, starts)
    assert window_of(samples, 156).shape == (469, 149)
    np.testing.assert_allclose(window_of(samples, 156), whole[156:625], atol=1e-6)
    short = window_of(samples[: int(99.5 * hop)], 0)
    np.testing.assert_array_equal(short[:100], short[100:200])
    np.testing.assert_array_equal(short[:69], short[400:])


def test_only_exact_zeros_are_trimmed_and_samples_are_integers(tmp_path):
    """By the published code's own steps: 16-bit samples, scaled to 32,767, cut to integers."""
    samples = np.concatenate([np.zeros(500), [1, -2, 3], integers(40_000) // 2, [2, 0, 0]])
    samples = samples.astype(np.int16)
    file = write(tmp_path / "take.wav", samples / 32_768, subtype="PCM_16")
    found, offset = integer_samples(file)
    scaling = np.abs(samples).max() / 32_767
    expected = np.trim_zeros(np.asanyarray(samples / scaling, dtype=np.int16))
    np.testing.assert_array_equal(found, expected)
    assert len(found) == len(samples) - 502
    assert offset == pytest.approx(500 / 22_050)


@pytest.mark.parametrize("seconds", [3.0, 31.0])
def test_onsets_are_counted_in_the_seconds_of_its_windows(added, tmp_path, seconds):
    file = write(tmp_path / "take.flac", phrase(seconds, seed=3))
    heard = load_audio_encoder("cp-resnet").hear(file)
    measured = load_audio_encoder("signal").hear(file)
    assert (heard.audio_hash, heard.duration) == (measured.audio_hash, measured.duration)
    density = MIDLEVEL.index("onset_density")
    count = len(heard.windows.times)
    np.testing.assert_allclose(heard.windows.times, measured.windows.times[:count], atol=0.06)
    np.testing.assert_allclose(
        heard.windows.features[:, density], measured.windows.features[:count, density], atol=0.15
    )
    others = np.delete(heard.windows.features, density, axis=1)
    assert np.isfinite(others).all()
    assert others.std(axis=1).min() > 0


def test_what_a_window_is_fed_is_the_recordings_own_spectrogram(added, tmp_path):
    """From the file to the features, by the published steps, against the network run by hand.

    Quiet below -60 dB, which `signal` trims, belongs to the first window.
    """
    samples = phrase(20.0, seed=5)
    samples = np.concatenate(
        [1e-4 * np.sin(np.arange(40_000) / 9), samples / np.abs(samples).max()]
    )
    file = write(tmp_path / "take.wav", samples, subtype="PCM_16")
    features = load_audio_encoder("cp-resnet").encode(file).features
    integers_read = np.rint(samples * 32_768).clip(-32_768, 32_767).astype(np.int16)
    scaling = float(np.abs(integers_read.astype(int)).max()) / 32_767
    published = np.trim_zeros((integers_read / scaling).astype(np.int16)).astype(np.float32)
    spectrogram = log_spectrogram(published / 32_767, log_frame_starts(0, len(published)))
    columns = [MIDLEVEL.index(name) for name in OUTPUTS]
    for row, first in enumerate((0, 156)):
        window = torch.from_numpy(spectrogram[first : first + 469].T.copy())[None, None]
        expected = reference(published_state(), window)[0].numpy()
        np.testing.assert_allclose(features[row, columns], expected, atol=1e-3)


def test_other_weights_are_another_encoder(added, tmp_path, monkeypatch):
    first = load_audio_encoder("cp-resnet").id
    assert first == f"cp-resnet/2-{required('cp-resnet').digest[:8]}"
    monkeypatch.setenv("ESPR_DATA", str(tmp_path))
    add_model("cp-resnet", write_published(tmp_path / "published.pt", seed=1))
    assert load_audio_encoder("cp-resnet").id != first


def test_its_id_is_told_without_torch(added):
    code = (
        "import sys; from espr.encoders import load_audio_encoder as load;"
        "print(load('cp-resnet').id, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [f"cp-resnet/2-{required('cp-resnet').digest[:8]}", "False"]


def test_without_weights_the_error_says_where_they_are_published(tmp_path, monkeypatch):
    monkeypatch.setenv("ESPR_DATA", str(tmp_path))
    with pytest.raises(EsprError, match=r"is published .* espr models add cp-resnet PATH"):
        load_audio_encoder("cp-resnet")


def test_changed_weights_are_found_before_anything_is_heard(tmp_path, monkeypatch):
    monkeypatch.setenv("ESPR_DATA", str(tmp_path))
    installed = add_model("cp-resnet", write_published(tmp_path / "published.pt"))
    file = installed.folder / "weights.safetensors"
    content = bytearray(file.read_bytes())
    content[-5] ^= 1
    file.write_bytes(content)
    with pytest.raises(EsprError, match="is not what was written; add it again"):
        load_audio_encoder("cp-resnet")
    with pytest.raises(EsprError, match="is not what was written"):
        CpResnet(installed).outputs(np.ones((469, 149), np.float32))


def test_workers_hear_with_it(added, tmp_path):
    """With real worker processes, from the command to the library."""
    (tmp_path / "music").mkdir()
    for seed in range(2):
        write(tmp_path / "music" / f"a_{seed}.wav", phrase(6.0, seed=seed))
    library = tmp_path / "library.espr"
    summary = index_folders([tmp_path / "music"], library, encoder="cp-resnet", jobs=1)
    identity = load_audio_encoder("cp-resnet").id
    assert (summary.counts["indexed"], summary.encoder) == (2, identity)
    with Catalog.open(library) as catalog:
        profiles = catalog.profiles(None, identity)[1]
        assert len(notes_of(catalog, [one.id for one in catalog.recordings()])) == 2
    assert profiles.shape == (2, 8)
    expected = load_audio_encoder("cp-resnet").encode(tmp_path / "music" / "a_0.wav").profile
    distances = np.abs(profiles - expected).max(axis=1)
    assert distances.min() < 1e-4 < distances.max()


def test_it_is_evaluated_in_the_space_that_it_hears(added):
    assert {system.space for system in Variants().systems("glove", "cp-resnet")} == {"midlevel"}
    spaces = {system.space for system in Variants().systems("glove", "signal")}
    assert spaces == {"midlevel", "midlevel+"}
    with pytest.raises(EsprError, match=r"does not have the space midlevel\+; ask for midlevel"):
        Variants(spaces=("midlevel+",)).systems("glove", "cp-resnet")
