"""What a worker imports is what a recording costs: gates on ``sys.modules``, not on a clock."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from espr.encoders import load_audio_encoder
from espr.errors import EsprError
from espr.indexing.run import index_folders
from tests.signals import write_phrase

HEAVY = {
    "torch",
    "scipy",
    "librosa",
    "gensim",
    "numba",
    "sklearn",
    "matplotlib",
    "transformers",
    "onnx",
}


class Witness:
    """An encoder that fails when anything heavy was imported for it."""

    def __init__(self, name: str) -> None:
        self._encoder = load_audio_encoder(name)

    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._encoder, name)

    def hear(self, *arguments):
        analysis = self._encoder.hear(*arguments)
        if heavy := HEAVY.intersection(sys.modules):
            raise EsprError(f"imported {', '.join(sorted(heavy))}")
        return analysis


def load_witness(name: str) -> Witness:
    return Witness(name)


@pytest.mark.parametrize("encoder", ["midlevel", "signal"])
def test_a_worker_imports_nothing_heavy(tmp_path: Path, encoder: str) -> None:
    write_phrase(tmp_path / "a_b.wav", 6.0)
    library = tmp_path / "library.espr"
    summary = index_folders([tmp_path], library, encoder=encoder, jobs=1, load=load_witness)
    assert summary.counts == {"indexed": 1}
