"""CLAP models as ``transformers`` saves them: ``clap:FOLDER``.

A recording is read in chunks of what the model's own feature extractor takes at once (10 s at
48 kHz) that do not overlap, a remainder of half a chunk or more included; its embedding is the mean
of theirs. Longer input is cut by the extractor at a place drawn at random, hence the chunks. No
chunk is longer than the input, so that models with feature fusion hear each as short
(``is_longer`` false; the extractor would draw one of a batch at random to be fused). Texts are read
up to 77 tokens, as the published models were trained.

Nothing is fetched, no code in the folder is run, and weights are read as safetensors only.

Source: Wu et al., "Large-scale Contrastive Language-Audio Pretraining with Feature Fusion and
Keyword-to-Caption Augmentation" (ICASSP 2023).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from espr.errors import EsprError
from espr.published.chunks import chunks

_LONGEST = 77  # tokens
_AT_ONCE = 64  # texts
_SHOWN = 120  # letters of another library's message
_DIGITS = 12  # of a SHA-256 in ids
_SETTINGS = "preprocessor_config.json"
_TOKENIZERS = ("tokenizer.json", "vocab.json")


class Clap:
    """Both towers of a CLAP model.

    Parameters
    ----------
    folder : Path
    tokenizer, extractor, model
        As ``transformers`` loads them.
    """

    def __init__(self, folder: Path, tokenizer: Any, extractor: Any, model: Any) -> None:
        self._folder = folder
        self._tokenizer = tokenizer
        self._extractor = extractor
        self._model = model
        self.id = f"{folder.resolve().name}/{_digest(folder)}"
        self.dimension = int(model.config.projection_dim)

    def embeddings(self, texts: Sequence[str]) -> np.ndarray:
        """As the model gives them, of length 1, shape=(len(texts), dimension), float32."""
        starts = range(0, len(texts), _AT_ONCE)
        return np.concatenate([self._texts(texts[at : at + _AT_ONCE]) for at in starts])

    def embedding(
        self, path: str | os.PathLike[str], start: float = 0.0, end: float | None = None
    ) -> np.ndarray:
        """The mean over the chunks of a recording, shape=(dimension,), float32."""
        size = self._extractor.nb_max_samples
        rate = self._extractor.sampling_rate
        rows = [self._sound(one) for one in chunks(path, rate, size, start, end, size // 2)]
        mean: np.ndarray = np.mean(rows, axis=0)
        return mean

    def _texts(self, texts: Sequence[str]) -> np.ndarray:
        import torch

        # positions of RoBERTa begin behind that of padding
        positions = self._model.config.text_config.max_position_embeddings - 2
        with self._errors_as_espr("texts"), torch.inference_mode():
            pieces = self._tokenizer(
                list(texts),
                padding=True,
                truncation=True,
                max_length=min(_LONGEST, positions),
                return_tensors="pt",
            )
            return _rows(self._model.get_text_features(**pieces))

    def _sound(self, samples: np.ndarray) -> np.ndarray:
        import torch

        with self._errors_as_espr("sound"), torch.inference_mode():
            features = self._extractor(
                samples, sampling_rate=self._extractor.sampling_rate, return_tensors="pt"
            )
            row: np.ndarray = _rows(
                self._model.get_audio_features(
                    input_features=features["input_features"],
                    is_longer=torch.zeros_like(torch.as_tensor(features["is_longer"])),
                )
            )[0]
            return row

    @contextmanager
    def _errors_as_espr(self, what: str) -> Iterator[None]:
        """Whatever a stranger's model may raise, as an error of the user's input."""
        try:
            yield
        except EsprError:
            raise
        except Exception as error:
            raise EsprError(f"{self._folder} cannot embed {what}: {_brief(error)}") from error


@cache
def load_clap(path: str) -> Clap:
    """The CLAP model in a folder.

    Raises
    ------
    EsprError
        When the folder lacks something or is damaged, or ``transformers`` is not installed.
    """
    folder = Path(path).expanduser()
    _check(folder)
    try:
        from transformers import AutoFeatureExtractor, AutoTokenizer, ClapModel
        from transformers.utils import logging
    except ImportError as error:
        raise EsprError(
            f"clap:{path} needs the extra 'sentences': pip install \"espr[sentences]\""
        ) from error
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    offline = {"local_files_only": True, "trust_remote_code": False}
    place = str(folder.absolute())
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, **offline)
        extractor = AutoFeatureExtractor.from_pretrained(place, **offline)
        model, loading = ClapModel.from_pretrained(
            place, use_safetensors=True, output_loading_info=True, **offline
        )
        clap = Clap(folder, tokenizer, extractor, model.float().eval())
    except Exception as error:  # tokenizers raises bare ones, safetensors its own
        raise EsprError(f"cannot load {folder}: {_brief(error)}") from error
    missing = sorted(loading["missing_keys"])
    if missing:  # they would be random
        raise EsprError(f"the weights of {folder} lack {len(missing)} parts, first {missing[0]}")
    return clap


def _check(folder: Path) -> None:
    """What a folder lacks, before anything of it is loaded."""
    belongs = "a CLAP folder as transformers saves it holds"
    try:
        config = json.loads((folder / "config.json").read_bytes())
    except FileNotFoundError:
        raise EsprError(f"no config.json in {folder}; {belongs} one") from None
    except (OSError, ValueError, RecursionError) as error:
        raise EsprError(f"cannot read {folder / 'config.json'}: {error}") from error
    kind = config.get("model_type") if isinstance(config, dict) else None
    if kind != "clap":
        raise EsprError(f"{folder} is no CLAP model: its config.json says {kind!r}, not 'clap'")
    if not (folder / _SETTINGS).is_file() and not (folder / "processor_config.json").is_file():
        raise EsprError(f"{folder} has no feature extractor; {belongs} {_SETTINGS}")
    if not any((folder / name).is_file() for name in _TOKENIZERS):
        raise EsprError(f"{folder} has no tokenizer; {belongs} {' or '.join(_TOKENIZERS)}")
    if not any(_weights(folder)):
        raise EsprError(
            f"{folder} has no model.safetensors, which {belongs.removesuffix(' holds')} holds; "
            "a pytorch_model.bin is a Python pickle, which can run code, and is not read"
        )


def _weights(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.glob("model*.safetensors"))


def _digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for path in (folder / "config.json", *_weights(folder)):
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                whole.update(block)
    return whole.hexdigest()[:_DIGITS]


def _rows(found: Any) -> np.ndarray:
    """Embeddings, shape=(n, dimension); from transformers 5 on they are a part of the output."""
    rows: np.ndarray = getattr(found, "pooler_output", found).numpy()
    if not np.isfinite(rows).all():
        raise EsprError("the CLAP model gives embeddings that are no numbers (NaN)")
    return rows


def _brief(error: Exception) -> str:
    """The first line of another library's message."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0] if len(lines[0]) <= _SHOWN else lines[0][: _SHOWN - 1] + "…"
