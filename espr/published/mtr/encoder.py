"""MTR, the paper's baseline: texts and music in one space of 128 dimensions.

Doh, Won, Choi & Nam, "Toward Universal Text-to-Music Retrieval" (ICASSP 2023), the contrastive
model with BERT and stochastic texts. Its weights are the user's (``espr models add mtr PATH``),
under CC BY-NC 4.0. A recording is read at 16 kHz, its samples rounded to 16 bits as the published
code reads them, in chunks of 9.91 s that do not overlap; what remains at the end is dropped, and
the embeddings of the chunks are averaged. A recording shorter than a chunk is padded with silence
here; the published code refuses it. Texts are read up to 64 wordpieces.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from espr.errors import EsprError
from espr.published.chunks import chunks
from espr.published.mtr import MTR, MTR_SECONDS

if TYPE_CHECKING:
    import torch

    from espr.published.store import Installed

SAMPLE_RATE = 16_000  # Hz
CHUNK = round(MTR_SECONDS * SAMPLE_RATE)  # 158,560 samples
_LONGEST = 64  # wordpieces
_AT_ONCE = 64  # texts
_AUDIO = ("audio_encoder.", "audio_projector.")
_TEXT = ("text_encoder.", "text_projector.")


class MtrAudio:
    """Recordings to embeddings of 128 dimensions; loaded with the first."""

    def __init__(self, installed: Installed) -> None:
        self._installed = installed
        self.id = f"{MTR}/{installed.digest[:8]}"

    @cached_property
    def _network(self) -> torch.nn.Module:
        network = _audio_network()
        # all but the counters of the batch norms
        network.load_state_dict(_weights(self._installed, _AUDIO), strict=False)
        return network.eval()

    def embedding(
        self, path: str | os.PathLike[str], start: float = 0.0, end: float | None = None
    ) -> np.ndarray:
        """The mean over the chunks of a recording, shape=(128,), float32."""
        rows = [self.embed_samples(one) for one in chunks(path, SAMPLE_RATE, CHUNK, start, end)]
        mean: np.ndarray = np.mean(rows, axis=0)
        return mean

    def embed_samples(self, samples: np.ndarray) -> np.ndarray:
        """The embedding of at most 158,560 samples, shape=(128,), float32."""
        import torch

        whole = np.zeros((1, CHUNK), np.float32)
        # silence between the notes is at -100 dB only when it is rounded to zeros
        whole[0, : len(samples)] = np.rint(samples * 32_768.0).clip(-32_768, 32_767) / 32_768.0
        with torch.inference_mode():
            row: np.ndarray = self._network(torch.from_numpy(whole))[0].numpy()
        return row


class MtrText:
    """Texts to embeddings of 128 dimensions: BERT's state at the first position, projected."""

    dimension = 128

    def __init__(self, installed: Installed) -> None:
        _require_transformers()
        self._installed = installed
        self.id = f"{MTR}/{installed.digest[:8]}"

    @cached_property
    def _tokenizer(self) -> Any:
        return tokenizer()

    @cached_property
    def _network(self) -> torch.nn.Module:
        network = _text_network()
        network.load_state_dict(_weights(self._installed, _TEXT))
        return network.eval()

    def embeddings(self, texts: Sequence[str]) -> np.ndarray:
        """Shape=(len(texts), 128), float32."""
        import torch

        rows = []
        for at in range(0, len(texts), _AT_ONCE):
            pieces = self._tokenizer.encode_batch(list(texts[at : at + _AT_ONCE]))
            numbers = torch.tensor([one.ids for one in pieces])
            mask = torch.tensor([one.attention_mask for one in pieces])
            with torch.inference_mode():
                rows.append(self._network(numbers, mask).numpy())
        return np.concatenate(rows)


def tokenizer() -> Any:
    """The tokenizer of bert-base-uncased, from the vocabulary that comes with ESPR."""
    _require_transformers()
    from tokenizers import BertWordPieceTokenizer

    file = resources.files("espr").joinpath("assets/bert_vocabulary.txt")
    # not splitlines(): a wordpiece may be a letter that Python takes for the end of a line
    pieces = file.read_text("utf-8").rstrip("\n").split("\n")
    made = BertWordPieceTokenizer({piece: at for at, piece in enumerate(pieces)}, lowercase=True)
    made.enable_truncation(_LONGEST)
    made.enable_padding()
    return made


def expected_shapes() -> dict[str, tuple[int, ...]]:
    """The shape of every weight that is used, by its published name."""
    import torch

    with torch.device("meta"):  # shapes alone: no memory, no drawing of random weights
        networks = (_audio_network(), _text_network())
        return {
            name: tuple(value.shape)
            for network in networks
            for name, value in network.state_dict().items()
            if value.is_floating_point()
        }


def _weights(installed: Installed, prefixes: tuple[str, ...]) -> dict[str, torch.Tensor]:
    """Those whose names begin so: who embeds recordings does not need BERT's 440 MB."""
    from safetensors import safe_open

    with safe_open(installed.verified(), framework="pt") as file:
        names = [name for name in file.keys() if name.startswith(prefixes)]  # noqa: SIM118
        return {name: file.get_tensor(name) for name in names}


def _audio_network() -> torch.nn.Module:
    from espr.published.mtr.network import AudioTowerNetwork

    return AudioTowerNetwork()


def _text_network() -> torch.nn.Module:
    _require_transformers()
    from espr.published.mtr.text_network import TextTowerNetwork

    return TextTowerNetwork()


def _require_transformers() -> None:
    try:
        import transformers  # noqa: F401
    except ImportError as error:
        raise EsprError(
            "mtr needs the extra 'sentences': pip install \"espr[sentences]\""
        ) from error
