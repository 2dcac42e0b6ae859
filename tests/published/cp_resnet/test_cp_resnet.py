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
from espr.encoders import load_audio_encoder
from espr.errors import EsprError
from espr.evaluation.tables import Variants
from espr.features import MIDLEVEL
from espr.indexing.run import index_folders
from espr.published.cp_resnet.encoder import OUTPUTS, CpResnet, load_cp_resnet, window_of
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
        coordinate = torch.tensor([-1.0 + 2.0 * row / (rows - 1) for row in range(rows)])
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


def window() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A spectrogram, the span of its only window, and what `signal` measures there."""
    return np.ones((470, 149), np.float32), np.array([[0.0, 15.0]]), np.zeros((1, 12))


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
    features = load_cp_resnet().windows(
        np.ones((470, 149), np.float32), np.array([[0.0, 15.0]]), np.zeros((1, 12))
    )
    by_name = dict(zip(MIDLEVEL.names, features[0].tolist(), strict=True))
    assert by_name.pop("onset_density") == 0.0  # measured, not heard
    assert by_name == pytest.approx(dict(zip(OUTPUTS, range(1, 8), strict=True)))
    assert (by_name["rhythm_complexity"], by_name["rhythm_stability"]) == (3.0, 4.0)


def test_windows_are_469_frames_and_short_ones_are_wrapped():
    spectrogram = np.arange(800, dtype=np.float32)[:, None] * np.ones((1, 149), np.float32)
    whole = window_of(spectrogram, np.array([5.0, 20.0]))
    assert whole[:, 0].tolist() == list(range(156, 625))
    partial = window_of(spectrogram, np.array([10.0, 16.0]))
    first, end = round(313.0), round(500.8)
    assert partial.shape == (469, 149)
    assert partial[: end - first, 7].tolist() == list(range(first, end))
    assert partial[end - first, 7] == first


@pytest.mark.parametrize("seconds", [3.0, 31.0])
def test_it_hears_where_signal_does_and_counts_the_same_onsets(added, tmp_path, seconds):
    file = write(tmp_path / "take.flac", phrase(seconds, seed=3))
    heard = load_audio_encoder("cp-resnet").hear(file)
    measured = load_audio_encoder("signal").hear(file)
    np.testing.assert_array_equal(heard.windows.times, measured.windows.times)
    density = MIDLEVEL.index("onset_density")
    np.testing.assert_array_equal(
        heard.windows.features[:, density], measured.windows.features[:, density]
    )
    assert (heard.audio_hash, heard.duration) == (measured.audio_hash, measured.duration)
    others = np.delete(heard.windows.features, density, axis=1)
    assert np.isfinite(others).all()
    assert others.std(axis=1).min() > 0


def test_what_a_window_is_fed_is_the_recordings_own_spectrogram(added, tmp_path):
    """From the file to the features, against the network run by hand."""
    samples = phrase(20.0, seed=5).astype(np.float32)
    samples /= np.abs(samples).max()
    file = write(tmp_path / "take.wav", samples, subtype="FLOAT")
    features = load_audio_encoder("cp-resnet").encode(file).features
    begin = int((np.abs(samples) > 1e-3).argmax())  # -60 dB
    heard = samples[begin:]
    spectrogram = log_spectrogram(heard, log_frame_starts(0, len(heard)))
    window = torch.from_numpy(spectrogram[156 : 156 + 469].T.copy())[None, None]
    assert window.shape == (1, 1, 149, 469)
    expected = reference(published_state(), window)[0].numpy()
    columns = [MIDLEVEL.index(name) for name in OUTPUTS]
    np.testing.assert_allclose(features[1, columns], expected, atol=1e-3)


def test_other_weights_are_another_encoder(added, tmp_path, monkeypatch):
    first = load_audio_encoder("cp-resnet").id
    assert first == f"cp-resnet/{required('cp-resnet').digest[:8]}"
    monkeypatch.setenv("ESPR_DATA", str(tmp_path))
    add_model("cp-resnet", write_published(tmp_path / "published.pt", seed=1))
    assert load_audio_encoder("cp-resnet").id != first


def test_its_id_is_told_without_torch(added):
    code = (
        "import sys; from espr.encoders import load_audio_encoder as load;"
        "print(load('cp-resnet').id, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [f"cp-resnet/{required('cp-resnet').digest[:8]}", "False"]


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
        CpResnet(installed).windows(
            np.ones((470, 149), np.float32), np.array([[0.0, 15.0]]), np.zeros((1, 12))
        )


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
    assert profiles.shape == (2, 8)
    expected = load_audio_encoder("cp-resnet").encode(tmp_path / "music" / "a_0.wav").profile
    distances = np.abs(profiles - expected).max(axis=1)
    assert distances.min() < 1e-4 < distances.max()


def test_it_is_evaluated_in_the_space_that_it_hears(added):
    assert {system.space for system in Variants().systems("glove", "cp-resnet")} == {"midlevel"}
    spaces = {system.space for system in Variants().systems("glove", "signal")}
    assert spaces == {"midlevel", "midlevel+"}
    with pytest.raises(EsprError, match=r"does not hear the space midlevel\+; ask for midlevel"):
        Variants(spaces=("midlevel+",)).systems("glove", "cp-resnet")
