"""CLAP models as transformers saves them, tiny and random."""

from __future__ import annotations

import json
import pickle
import shutil

import numpy as np
import pytest
import torch
from transformers import ClapModel, ClapProcessor

from espr.errors import EsprError
from espr.published.joint_encoder import load_audio_tower, load_text_tower
from tests.tower_models import write_clap, write_noise

RATE = 48_000


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return write_clap(tmp_path_factory.mktemp("clap") / "tiny")


@pytest.fixture
def folder(saved, tmp_path):
    return shutil.copytree(saved, tmp_path / "tiny")


def known_sound(folder, samples):
    """What transformers says of at most 10 s."""
    processor, model = ClapProcessor.from_pretrained(folder), ClapModel.from_pretrained(folder)
    heard = processor.feature_extractor(samples, sampling_rate=RATE, return_tensors="pt")
    with torch.inference_mode():
        return model.eval().get_audio_features(**heard).pooler_output[0].numpy()


def test_texts_are_those_of_transformers(saved):
    tower = load_text_tower(f"clap:{saved}")
    processor, model = ClapProcessor.from_pretrained(saved), ClapModel.from_pretrained(saved)
    texts = ["shy, delicate", "loud"]
    pieces = processor.tokenizer(texts, padding=True, return_tensors="pt")
    with torch.inference_mode():
        expected = model.eval().get_text_features(**pieces).pooler_output.numpy()
    np.testing.assert_allclose(tower.embeddings(texts), expected, atol=1e-6)
    assert tower.dimension == expected.shape[1]


def test_a_long_text_is_cut_not_refused(saved):
    tower = load_text_tower(f"clap:{saved}")
    rows = tower.embeddings(["loud" * 100, "loud" * 101])
    np.testing.assert_array_equal(rows[0], rows[1])


@pytest.mark.parametrize("seconds", [3.0, 10.0])
def test_a_recording_is_heard_as_transformers_does(saved, tmp_path, seconds):
    samples = write_noise(tmp_path / "a.wav", seconds, rate=RATE)
    found = load_audio_tower(f"clap:{saved}").embedding(tmp_path / "a.wav")
    np.testing.assert_allclose(found, known_sound(saved, samples), atol=1e-5)


def test_a_longer_one_is_the_mean_of_its_chunks(saved, tmp_path):
    samples = write_noise(tmp_path / "a.wav", 26.0, rate=RATE)
    parts = [samples[: 10 * RATE], samples[10 * RATE : 20 * RATE], samples[20 * RATE :]]
    expected = np.mean([known_sound(saved, part) for part in parts], axis=0)
    tower = load_audio_tower(f"clap:{saved}")
    np.testing.assert_allclose(tower.embedding(tmp_path / "a.wav"), expected, atol=1e-5)
    write_noise(tmp_path / "b.wav", 24.0, rate=RATE)  # 4 s are less than half a chunk
    expected = np.mean([known_sound(saved, part) for part in parts[:2]], axis=0)
    shorter = tower.embedding(tmp_path / "b.wav", 0.0, 24.0)
    again = tower.embedding(tmp_path / "b.wav", 0.0, 20.0)
    np.testing.assert_allclose(shorter, again, atol=1e-6)


def test_feature_fusion_draws_nothing_at_random(tmp_path):
    write_clap(tmp_path / "fused", fusion=True)
    write_noise(tmp_path / "a.wav", 21.0, rate=RATE)
    tower = load_audio_tower(f"clap:{tmp_path / 'fused'}")
    first, second = (tower.embedding(tmp_path / "a.wav") for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_the_id_is_that_of_the_weights(saved, folder):
    assert load_audio_tower(f"clap:{folder}").id == load_audio_tower(f"clap:{saved}").id
    changed = json.loads((folder / "config.json").read_text()) | {"logit_scale_init_value": 1.0}
    moved = shutil.copytree(folder, folder.parent / "other" / "tiny")
    (moved / "config.json").write_text(json.dumps(changed))
    assert load_audio_tower(f"clap:{moved}").id != load_audio_tower(f"clap:{saved}").id


def refusal(folder):
    with pytest.raises(EsprError) as raised:
        load_text_tower(f"clap:{folder}")
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("removed", "message"),
    [
        ("config.json", "no config.json in"),
        ("processor_config.json", "has no feature extractor"),
        ("vocab.json", ""),
        ("model.safetensors", "has no model.safetensors"),
    ],
)
def test_a_folder_that_lacks_something(folder, removed, message):
    (folder / removed).unlink()
    if not message:  # tokenizer.json says the same
        load_text_tower(f"clap:{folder}")
        (folder / "tokenizer.json").rename(folder / "gone")
        folder, message = folder.rename(folder.parent / "none"), "has no tokenizer"
    assert message in refusal(folder)


def test_another_model_and_no_folder(folder, tmp_path):
    (folder / "config.json").write_text('{"model_type": "bert"}')
    assert "says 'bert', not 'clap'" in refusal(folder)
    assert "no config.json in" in refusal(tmp_path / "absent")
    assert "give the folder of one" in refusal("")


def test_weights_that_are_missing_parts(folder):
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    del weights["text_projection.linear1.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    assert "lack 1 parts, first text_projection.linear1.weight" in refusal(folder)
    (folder / "model.safetensors").write_bytes(b"no safetensors")
    moved = folder.rename(folder.parent / "damaged")
    assert "cannot load" in refusal(moved)


class _Program:
    def __init__(self, witness):
        self.witness = str(witness)

    def __reduce__(self):
        return open, (self.witness, "w")


def test_pickled_weights_are_not_opened(folder, tmp_path):
    (folder / "model.safetensors").unlink()
    content = pickle.dumps({"a": _Program(tmp_path / "witness")})
    (folder / "pytorch_model.bin").write_bytes(content)
    assert "is a Python pickle, which can run code, and is not read" in refusal(folder)
    assert not (tmp_path / "witness").exists()
