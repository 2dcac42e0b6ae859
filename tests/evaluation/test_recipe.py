"""The recipe of embeddings.md, as it stands there, with two models of random weights."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import espr.evaluation

RECIPE = Path(espr.evaluation.__file__).with_name("embeddings.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", RECIPE, re.S)


class RandomTowers(torch.nn.Module):
    """Recordings by their first samples, texts by their letters, in one space of 6 dimensions."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.audio, self.text = torch.nn.Linear(16, 6), torch.nn.Embedding(128, 6)

    def encode_audio(self, samples):
        return self.audio(samples[:, :16])

    def encode_text(self, pieces, mask):
        return (self.text(pieces) * mask[..., None]).sum(dim=1)

    # MuQ-MuLan's names
    def extract_audio_latents(self, samples):
        return self.encode_audio(samples)

    def extract_text_latents(self, texts):
        (text,) = texts
        pieces = tokenizer(text)["input_ids"]
        return self.encode_text(pieces, torch.ones_like(pieces))

    @classmethod
    def from_pretrained(cls, name):
        return cls()


def tokenizer(text, **_options):
    pieces = torch.tensor([[ord(letter) % 128 for letter in text]])
    return {"input_ids": pieces, "attention_mask": torch.ones_like(pieces)}


@pytest.fixture
def in_the_other_environment(game, tmp_path, monkeypatch):
    """Where the recipe is run: the game beside it, and the other model's packages."""

    def load(path, sr):
        seed = sum(Path(path).name.encode())
        return np.random.default_rng(seed).normal(size=sr).astype(np.float32), sr

    monkeypatch.setitem(sys.modules, "muq", SimpleNamespace(MuQMuLan=RandomTowers))
    monkeypatch.setitem(sys.modules, "librosa", SimpleNamespace(load=load))
    monkeypatch.chdir(tmp_path)
    return game


@pytest.mark.parametrize("model", ["MuQ-MuLan", "MusCALL"])
def test_the_recipe_runs_and_its_tables_are_read(
    model, in_the_other_environment, run_evaluate, tmp_path
):
    recipe, muscall, _ = BLOCKS
    if model == "MusCALL":
        head, marker, tail = recipe.partition("# from here on")
        recipe = head + muscall.replace("def ", "@torch.inference_mode()\ndef ") + marker + tail
    exec(compile(recipe, "embeddings.md", "exec"), {"tokenizer": tokenizer})
    tables = ("--text", str(tmp_path / "texts.npz"), "--audio", str(tmp_path / "recordings.npz"))
    document = json.loads(run_evaluate(*tables, "--zero-shot", "--json"))
    assert document["queries"] == 15
    assert document["systems"][0]["space"] == "embedding"
