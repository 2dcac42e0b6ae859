"""MTR: its spectrogram, its network against one written out by hand, and its checkpoint."""

from __future__ import annotations

import math
import pickle
import tarfile

import librosa
import numpy as np
import pytest
import torch
from torch.nn import functional
from transformers import BertTokenizerFast

from espr.errors import EsprError
from espr.published.joint_encoder import load_audio_tower, load_text_tower
from espr.published.mtr import text_network as mtr_text_network
from espr.published.mtr.checkpoint import convert, find_checkpoint, recognise
from espr.published.mtr.encoder import CHUNK, expected_shapes, tokenizer
from espr.published.mtr.network import AudioTowerNetwork, FrontEnd
from espr.published.mtr.spectrogram import MelSpectrogram, mel_filters
from espr.published.store import add_model
from tests.tower_models import mtr_state, write_archive, write_noise


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder of models with MTR added, and its state dict; BERT has one layer of its twelve."""
    place = tmp_path_factory.mktemp("mtr")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(mtr_text_network._BERT, "num_hidden_layers", 1)
        patch.setenv("ESPR_DATA", str(place / "data"))
        state = mtr_state()
        add_model("mtr", write_archive(place / "mtr", state))
        yield place / "data", {name.removeprefix("module."): one for name, one in state.items()}


def noise(samples):
    return torch.from_numpy(np.random.default_rng(3).normal(0, 0.1, (1, samples)).astype("f4"))


# Spectrogram


def test_filters_are_htk_without_a_norm():
    known = librosa.filters.mel(sr=16_000, n_fft=1024, n_mels=128, htk=True, norm=None)
    np.testing.assert_allclose(mel_filters().numpy(), known, atol=2e-5)


def test_a_chunk_has_992_frames():
    assert CHUNK == 158_560
    assert MelSpectrogram()(noise(CHUNK)).shape == (1, 1, 128, 992)


def test_the_real_part_is_squared():
    samples = noise(16_000)
    frames = librosa.util.frame(
        np.pad(samples[0], 512, mode="reflect"), frame_length=1024, hop_length=160
    )
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1024) / 1024)
    real = np.fft.rfft(frames * window[:, None], axis=0).real
    filters = librosa.filters.mel(sr=16_000, n_fft=1024, n_mels=128, htk=True, norm=None)
    known = 10 * np.log10(np.maximum(filters @ real**2, 1e-10))
    np.testing.assert_allclose(MelSpectrogram()(samples)[0, 0].numpy(), known, atol=0.02)


def test_silence_lies_at_the_floor_and_nothing_at_a_ceiling():
    silent, loud = torch.zeros(1, 3200), 1000.0 * noise(3200)
    assert MelSpectrogram()(silent).unique().tolist() == pytest.approx([-100.0])
    decibels = MelSpectrogram()(torch.cat([loud, silent], dim=1))
    assert decibels.max() - decibels.min() > 150  # a usual top limit is 80


# Network


def by_hand(state, decibels):
    """The audio tower from its published description, shape=(n, 1, 128, 992) to (n, 128)."""

    def norm(maps, name):
        parts = ("running_mean", "running_var", "weight", "bias")
        mean, var, weight, bias = (state[f"{name}.{part}"][:, None, None] for part in parts)
        return (maps - mean) / (var + 1e-5).sqrt() * weight + bias

    def convolved(maps, name):
        return functional.conv2d(maps, state[f"{name}.weight"], state[f"{name}.bias"], padding=1)

    def layer_norm(rows, name):
        centred = rows - rows.mean(-1, keepdim=True)
        scaled = centred / (centred.square().mean(-1, keepdim=True) + 1e-5).sqrt()
        return scaled * state[f"{name}.weight"] + state[f"{name}.bias"]

    front = "audio_encoder.frontend"
    maps = norm(decibels, f"{front}.input_bn")
    for layer in (f"{front}.layer{n}" for n in (1, 2, 3, 4)):
        found = norm(convolved(maps, f"{layer}.conv_1"), f"{layer}.bn_1").clamp(min=0)
        found = norm(convolved(found, f"{layer}.conv_2"), f"{layer}.bn_2")
        if f"{layer}.conv_3.weight" in state:
            maps = norm(convolved(maps, f"{layer}.conv_3"), f"{layer}.bn_3")
        summed = (found + maps).clamp(min=0)
        n, channels, bands, frames = summed.shape
        maps = summed.reshape(n, channels, bands // 2, 2, frames // 2, 2).amax(dim=(3, 5))
    rows = torch.stack([maps[:, :, :, frame].flatten(1) for frame in range(maps.shape[3])], dim=1)
    states = rows @ state[f"{front}.fc.weight"].T + state[f"{front}.fc.bias"]
    first = state["audio_encoder.cls_token"].repeat(len(states), 1, 1)
    states = torch.cat([first, states], dim=1)
    states = states + state["audio_encoder.pos_embedding"][:, : states.shape[1]]
    for number in range(4):
        part = f"audio_encoder.transformer.layers.{number}.0"
        mixed = layer_norm(states, f"{part}.fn.norm") @ state[f"{part}.fn.fn.to_qkv.weight"].T
        heads = []
        for head in range(8):
            query, key, value = (
                mixed[..., at + 32 * head : at + 32 * head + 32] for at in (0, 256, 512)
            )
            heads.append((query @ key.transpose(1, 2) * 32**-0.5).softmax(-1) @ value)
        out = torch.cat(heads, dim=-1) @ state[f"{part}.fn.fn.to_out.0.weight"].T
        states = states + out + state[f"{part}.fn.fn.to_out.0.bias"]
        part = f"audio_encoder.transformer.layers.{number}.1"
        wide = layer_norm(states, f"{part}.fn.norm") @ state[f"{part}.fn.fn.net.0.weight"].T
        wide = wide + state[f"{part}.fn.fn.net.0.bias"]
        wide = wide * 0.5 * (1 + torch.erf(wide / math.sqrt(2)))
        out = wide @ state[f"{part}.fn.fn.net.3.weight"].T + state[f"{part}.fn.fn.net.3.bias"]
        states = states + out
    projected: torch.Tensor = layer_norm(states[:, 0], "audio_projector.0")
    return projected @ state["audio_projector.1.weight"].T


def test_the_transformers_weights_are_named_as_published():
    """As the published code's Residual(PreNorm(…)) names them, written out here."""
    of_layer = {
        *(f"0.fn.norm.{part}" for part in ("weight", "bias")),
        "0.fn.fn.to_qkv.weight",
        *(f"0.fn.fn.to_out.0.{part}" for part in ("weight", "bias")),
        *(f"1.fn.norm.{part}" for part in ("weight", "bias")),
        *(f"1.fn.fn.net.{at}.{part}" for at in (0, 3) for part in ("weight", "bias")),
    }
    expected = {f"audio_encoder.transformer.layers.{n}.{one}" for n in range(4) for one in of_layer}
    assert {name for name in expected_shapes() if ".transformer." in name} == expected
    assert len(expected) == 44


def test_samples_are_rounded_to_16_bits(installed, tmp_path):
    """Between notes the spectrogram is at its floor, -100 dB, as the published code reads it."""
    tower = load_audio_tower("mtr")
    quiet = np.full(CHUNK, 0.4 / 32_768, np.float32)
    quiet[:16_000] = np.random.default_rng(0).normal(0, 0.1, 16_000)
    rounded = np.rint(quiet * 32_768) / 32_768
    assert not rounded[16_000:].any()
    np.testing.assert_array_equal(tower.embed_samples(quiet), tower.embed_samples(rounded))


def test_the_front_end_makes_62_frames_of_992():
    with torch.inference_mode():
        assert FrontEnd().eval()(torch.zeros(1, 1, 128, 992)).shape == (1, 62, 256)


def test_the_audio_tower_agrees_with_its_description(installed):
    _, state = installed
    network = AudioTowerNetwork().eval()
    network.load_state_dict({n: v for n, v in state.items() if n.startswith("audio_")})
    with torch.inference_mode():
        decibels = network.spectrogram(noise(CHUNK))
        np.testing.assert_allclose(network(noise(CHUNK)), by_hand(state, decibels), atol=1e-4)


def test_a_recording_is_the_mean_of_its_whole_chunks(installed, tmp_path):
    _, state = installed
    samples = write_noise(tmp_path / "a.wav", 25.0)
    network = AudioTowerNetwork().eval()
    network.load_state_dict({n: v for n, v in state.items() if n.startswith("audio_")})
    with torch.inference_mode():
        whole = torch.from_numpy(samples[: 2 * CHUNK].reshape(2, CHUNK))
        expected = network(whole).mean(dim=0)
    np.testing.assert_allclose(
        load_audio_tower("mtr").embedding(tmp_path / "a.wav"), expected, atol=1e-4
    )


def test_a_short_recording_is_padded_with_silence(installed, tmp_path):
    samples = write_noise(tmp_path / "short.wav", 3.0)
    padded = np.concatenate([samples, np.zeros(CHUNK - len(samples), "f4")])
    tower = load_audio_tower("mtr")
    np.testing.assert_array_equal(
        tower.embedding(tmp_path / "short.wav"), tower.embed_samples(padded)
    )


# Texts


def test_texts_agree_with_bert_and_the_projection(installed):
    _, state = installed
    texts = ["shy, delicate", "no pedal " * 60]
    tower = load_text_tower("mtr")
    pieces = tokenizer().encode_batch(texts)
    assert len(pieces[1].ids) == 64
    bert = tower._network.text_encoder
    with torch.inference_mode():
        for text, row in zip(texts, tower.embeddings(texts), strict=True):
            alone = torch.tensor([tokenizer().encode(text).ids])
            first = bert(input_ids=alone).last_hidden_state[:, 0]
            normed = functional.layer_norm(
                first, (768,), state["text_projector.0.weight"], state["text_projector.0.bias"]
            )
            expected = (normed @ state["text_projector.1.weight"].T)[0]
            np.testing.assert_allclose(row, expected, atol=1e-4)


def test_the_vocabulary_is_that_of_bert(tmp_path):
    ours = tokenizer()
    assert ours.get_vocab_size() == 30_522
    pieces = sorted(ours.get_vocab(), key=ours.get_vocab().get)
    (tmp_path / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    known = BertTokenizerFast.from_pretrained(tmp_path)
    for text in ("Shy, délicate legato", "isn't 中文 ﬁne_x 12.5", "[CLS] ##ing"):
        assert ours.encode(text).ids == known(text)["input_ids"]
    # "hello world", as BERT's own documentation has it
    assert ours.encode("Hello world").ids == [101, 7592, 2088, 102]


# Checkpoint


def test_what_is_not_used_is_left_out(installed):
    folder, _ = installed
    found = convert(folder.parent / "mtr")
    assert found.source.parent.parent.name == "contrastive"
    assert not any(name.startswith("text_encoder.pooler") for name in found.tensors)
    assert {one.dtype for one in found.tensors.values()} == {torch.float32}


def test_the_model_of_the_paper_is_told_by_its_settings(tmp_path):
    for name, kind in (("a", "tag"), ("b", "stochastic")):
        (tmp_path / "contrastive" / name).mkdir(parents=True)
        (tmp_path / "contrastive" / name / "best.pth").touch()
        settings = f"text_type: bert\ntext_rep: {kind}\nbatch_size: 64\n"
        (tmp_path / "contrastive" / name / "hparams.yaml").write_text(settings)
    assert find_checkpoint(tmp_path).parent.name == "b"


def test_the_folders_above_do_not_name_a_model(tmp_path):
    """Unpacked in a folder "contrastive-bert-stochastic", a model of tags is not the paper's."""
    folder = tmp_path / "contrastive-bert-stochastic" / "mtr"
    for name in ("contrastive/bert_tag", "contrastive/bert_stochastic", "triplet/bert_stochastic"):
        (folder / name).mkdir(parents=True)
        (folder / name / "best.pth").touch()
    assert find_checkpoint(folder).parent.name == "bert_stochastic"
    assert find_checkpoint(folder).parent.parent.name == "contrastive"


def test_several_that_fit_are_listed(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "best.pth").touch()
    with pytest.raises(
        EsprError, match=r"2 models \(a/best.pth, b/best.pth\); give the best.pth of"
    ):
        find_checkpoint(tmp_path)


def test_an_archive_that_is_packed_or_another(tmp_path):
    with pytest.raises(EsprError, match=r"no best.pth in .*zenodo record 7322135"):
        convert(tmp_path)
    with tarfile.open(tmp_path / "mtr.tar.gz", "w:gz"):
        pass
    with pytest.raises(EsprError, match="is packed; unpack it"):
        convert(tmp_path / "mtr.tar.gz")
    assert not recognise(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda state: state.pop("module.audio_encoder.frontend.layer1.bn_3.bias"),
            "layer1.bn_3.bias",
        ),
        (lambda state: state.pop("module.text_projector.1.weight"), "text_projector.1.weight"),
        (
            lambda state: state.update({"module.audio_projector.1.weight": torch.zeros(64, 256)}),
            r"audio_projector.1.weight.*\(64, 256\), not \(128, 256\)",
        ),
        (
            lambda state: state["module.audio_encoder.cls_token"].fill_(math.nan),
            "cls_token.*finite",
        ),
    ],
)
def test_weights_that_are_missing_or_wrong(installed, tmp_path, change, message):
    _, known = installed
    # one number a tensor is stored: a file of hundreds of megabytes would say no more
    state = {f"module.{name}": torch.zeros(()).expand(one.shape) for name, one in known.items()}
    state["module.audio_encoder.cls_token"] = torch.zeros(256)
    change(state)
    torch.save({"state_dict": state}, tmp_path / "best.pth")
    with pytest.raises(EsprError, match=message) as raised:
        convert(tmp_path)
    assert "\n" not in str(raised.value)
    assert "MTR's contrastive model with BERT" in str(raised.value)


class _Program:
    def __init__(self, witness):
        self.witness = str(witness)

    def __reduce__(self):
        return open, (self.witness, "w")


@pytest.mark.parametrize("write", ["torch", "pickle"])
def test_a_program_in_a_checkpoint_is_not_run(installed, tmp_path, write):
    content = {"state_dict": {"module.x": _Program(tmp_path / "witness")}}
    if write == "torch":
        torch.save(content, tmp_path / "best.pth")
    else:
        (tmp_path / "best.pth").write_bytes(pickle.dumps(content))
    with pytest.raises(EsprError, match="MTR's contrastive model with BERT") as raised:
        convert(tmp_path)
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "witness").exists()
    assert not recognise(tmp_path)
