"""Sentence-transformers folders: what is in one, found out before anything of it is loaded.

A folder holds ``config.json``, a tokenizer and ``model.safetensors`` (or its shards). Where it has
``modules.json``, that is Transformer, Pooling (mean or cls) and perhaps Normalize; where it has
none, the mean over the tokens is taken, as sentence-transformers does. Anything else (a Dense
layer, other poolings) is refused: left out in silence, it would give other embeddings.

Weights are read as safetensors only, which hold numbers. ``pytorch_model.bin`` is a pickle, a
program that runs when it is read; it is never opened.

Source: Reimers & Gurevych, "Sentence-BERT" (EMNLP 2019); https://www.sbert.net.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from espr.errors import EsprError

MEAN, CLS = "mean", "cls"
LONGEST = 128  # wordpieces; a term is a few words
_TOKENIZERS = ("tokenizer.json", "vocab.txt", "vocab.json", "*.model")
_WEIGHTS = "model*.safetensors"
_PICKLES = ("pytorch_model*.bin", "model*.pt", "*.pkl")
_POOLINGS = {"pooling_mode_mean_tokens": MEAN, "pooling_mode_cls_token": CLS}
_DIGITS = 12  # of a SHA-256 in ids


@dataclass(frozen=True, slots=True)
class SentenceFolder:
    """A folder that can be loaded.

    Attributes
    ----------
    path : Path
        As the user gave it.
    transformer : Path
        Where configuration, tokenizer and weights are: the folder itself, or one inside it.
    weights : tuple of Path
        One file, or its shards in order.
    pooling : str
        ``mean`` over the tokens, or ``cls``, the first one.
    normalised : bool
        Whether an embedding has length 1.
    prompt : str
        What is put before every text; mostly empty.
    longest : int
        Wordpieces of a text that are read.
    """

    path: Path
    transformer: Path
    weights: tuple[Path, ...]
    pooling: str
    normalised: bool
    prompt: str
    longest: int

    @property
    def name(self) -> str:
        return self.path.resolve().name

    def digest(self) -> str:
        """First digits of the SHA-256 over the configuration and the weights."""
        whole = hashlib.sha256()
        for path in (self.transformer / "config.json", *self.weights):
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    whole.update(block)
        return whole.hexdigest()[:_DIGITS]


def inspect_folder(path: Path) -> SentenceFolder:
    """What is in a folder.

    Raises
    ------
    EsprError
        When it is no sentence-transformers folder, or one with parts that ESPR cannot follow.
    """
    try:
        return _inspect(path)
    except OSError as error:
        raise EsprError(f"cannot read {path}: {error.strerror or error}") from error


def _inspect(path: Path) -> SentenceFolder:
    list(path.iterdir())  # a folder that may not be read is reported as such, not as empty
    modules = _modules(path)
    transformer = path / modules.get("Transformer", "")
    if not (transformer / "config.json").is_file():
        raise EsprError(
            f"{path} is a folder, not a word-vector file, and without config.json it is "
            "no sentence-transformers folder"
        )
    if (transformer / "adapter_config.json").exists():  # its base model lies elsewhere
        raise EsprError(f"{path} holds an adapter; merge it into its model and save that")
    _read_json(transformer / "config.json")
    if not any(any(transformer.glob(pattern)) for pattern in _TOKENIZERS):
        raise EsprError(
            f"{path} has no tokenizer: one of {', '.join(_TOKENIZERS)} belongs beside config.json"
        )
    pooling, with_prompt = MEAN, True
    if "Pooling" in modules:
        settings = _read_json(path / modules["Pooling"] / "config.json")
        pooling, with_prompt = _pooling(path, settings), settings.get("include_prompt", True)
    prompt = _prompt(path)
    if prompt and not with_prompt:
        raise EsprError(f"{path} leaves its prompt out of the pooling; ESPR cannot follow that")
    limit = _read_json(transformer / "sentence_bert_config.json", optional=True).get(
        "max_seq_length"
    )
    return SentenceFolder(
        path=path,
        transformer=transformer,
        weights=_weights(path, transformer),
        pooling=pooling,
        normalised="Normalize" in modules,
        prompt=prompt,
        longest=min(LONGEST, limit) if isinstance(limit, int) and limit > 0 else LONGEST,
    )


def _modules(path: Path) -> dict[str, str]:
    """The subfolder of each module, by the module's kind; empty without ``modules.json``."""
    if not (path / "modules.json").is_file():
        return {}
    modules = _read_json(path / "modules.json", kind=list)
    try:
        # "sentence_transformers.models.Pooling": later versions moved the packages, not the names
        found = [(str(each["type"]).rpartition(".")[2], str(each["path"])) for each in modules]
    except (KeyError, TypeError) as error:
        raise EsprError(f"{path / 'modules.json'} is damaged: a module lacks {error}") from error
    kinds = [kind for kind, _ in found]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise EsprError(
            f"{path} is made of {', '.join(kinds) or 'nothing'}; ESPR reads "
            "Transformer, Pooling and, last, Normalize"
        )
    for _, part in found:
        if Path(part).is_absolute() or ".." in Path(part).parts:
            raise EsprError(f"{path / 'modules.json'} names {part!r}, which is outside the folder")
    return dict(found)


def _pooling(path: Path, settings: dict[str, Any]) -> str:
    chosen = [key for key, is_on in settings.items() if key.startswith("pooling_mode_") and is_on]
    modes = [_POOLINGS.get(key, key.removeprefix("pooling_mode_")) for key in chosen]
    if isinstance(settings.get("pooling_mode"), str):  # as later versions write it
        modes = [settings["pooling_mode"]]
    if len(modes) != 1 or modes[0] not in (MEAN, CLS):
        raise EsprError(
            f"{path} pools by {' and '.join(modes) or 'nothing'}; ESPR pools by {MEAN} or {CLS}"
        )
    return modes[0]


def _prompt(path: Path) -> str:
    settings = _read_json(path / "config_sentence_transformers.json", optional=True)
    prompts, name = settings.get("prompts"), settings.get("default_prompt_name")
    return str(prompts.get(name) or "") if name and isinstance(prompts, dict) else ""


def _weights(path: Path, transformer: Path) -> tuple[Path, ...]:
    weights = tuple(sorted(transformer.glob(_WEIGHTS)))
    if weights:
        return weights
    for pattern in _PICKLES:
        for pickle in transformer.glob(pattern):
            raise EsprError(
                f"{pickle} is a Python pickle, which can run code, and is not read; "
                "convert it to model.safetensors"
            )
    raise EsprError(f"{path} has no weights: model.safetensors belongs beside config.json")


def _read_json(path: Path, *, kind: type = dict, optional: bool = False) -> Any:
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        if optional:
            return {}
        raise EsprError(f"{path} is missing") from None
    except (ValueError, RecursionError) as error:
        raise EsprError(f"{path} is no JSON: {error}") from error
    if not isinstance(content, kind):
        raise EsprError(f"{path} is damaged: its content is no {kind.__name__}")
    return content
