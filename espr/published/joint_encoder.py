"""Two-tower models: texts and recordings embedded in one space by models made elsewhere.

``mtr`` is the baseline of the paper's Table 1, ``clap:FOLDER`` a CLAP model on the user's disk.
They take part in `espr evaluate`, and :func:`load_joint_encoder` gives them to Python programs; no
part is imported before one is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from espr.errors import EsprError
from espr.published.mtr import MTR

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    import numpy as np

_CLAP = "clap:"


class TextTower(Protocol):
    """What embeds texts; ``id`` is name and digest of the model."""

    @property
    def id(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embeddings(self, texts: Sequence[str]) -> np.ndarray:
        """As the model gives them, shape=(len(texts), dimension), float32."""


class AudioTower(Protocol):
    """What embeds recordings.

    Attributes
    ----------
    id : str
        Name and digest: embeddings of different ids are of different spaces.
    """

    @property
    def id(self) -> str: ...

    def embedding(
        self, path: str | PathLike[str], start: float = 0.0, end: float | None = None
    ) -> np.ndarray:
        """The mean over the chunks of a recording, shape=(dimension,), float32.

        Raises
        ------
        EsprError
            When the recording cannot be decoded; see :func:`espr.audio.decode.decode`.
        """


def is_tower(name: str) -> bool:
    """Whether a name on the command line is that of a two-tower model."""
    return name == MTR or name.startswith(_CLAP)


def load_text_tower(name: str) -> TextTower:
    """The text side of a two-tower model.

    Raises
    ------
    EsprError
        When it is not there, damaged, or ``transformers`` is not installed.
    """
    if name == MTR:
        from espr.published.mtr.encoder import MtrText
        from espr.published.store import required

        return MtrText(required(MTR))
    from espr.published.clap import load_clap

    return load_clap(_folder(name))


def load_audio_tower(name: str) -> AudioTower:
    """The audio side of a two-tower model; raises as :func:`load_text_tower` does."""
    if name == MTR:
        from espr.published.mtr.encoder import MtrAudio
        from espr.published.store import required

        return MtrAudio(required(MTR))
    from espr.published.clap import load_clap

    return load_clap(_folder(name))


class JointEncoder:
    """A model that embeds recordings and texts in one space of ``dimension`` numbers.

    Attributes
    ----------
    name : str
        ``mtr`` or ``clap:FOLDER``.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._texts = load_text_tower(name)
        self._recordings = load_audio_tower(name)

    def __repr__(self) -> str:
        return f"JointEncoder({self.name!r}, dimension={self.dimension})"

    @property
    def id(self) -> str:
        """Name and digest of the weights: embeddings of different ids are of different spaces."""
        return self._recordings.id

    @property
    def dimension(self) -> int:
        return self._texts.dimension

    def embed_audio(
        self, path: str | PathLike[str], start: float = 0.0, end: float | None = None
    ) -> np.ndarray:
        """The embedding of a recording, or of its part between two times in seconds.

        Returns
        -------
        np.ndarray, shape=(dimension,), float32
            The mean over chunks, not normalised.

        Raises
        ------
        EsprError
            When the recording cannot be decoded.
        """
        return self._recordings.embedding(path, start, end)

    def embed_text(self, texts: Sequence[str]) -> np.ndarray:
        """The embeddings of texts, as the model gives them.

        Returns
        -------
        np.ndarray, shape=(len(texts), dimension), float32
        """
        import numpy as np

        if isinstance(texts, str):
            raise TypeError("embed_text takes a list of texts; give [text]")
        if not len(texts):
            return np.zeros((0, self.dimension), np.float32)
        return self._texts.embeddings(texts)


def load_joint_encoder(name: str) -> JointEncoder:
    """The model called ``name``: ``mtr``, once it was added, or ``clap:FOLDER``.

    Raises
    ------
    EsprError
        When there is no such model, it is not there or damaged, or ``transformers`` is not
        installed.
    """
    if not is_tower(name):
        raise EsprError(f"no joint encoder {name!r}; there is {MTR}, or give {_CLAP}FOLDER")
    return JointEncoder(name)


def _folder(name: str) -> str:
    folder = name.removeprefix(_CLAP)
    if not folder:
        raise EsprError("clap: names no model; give the folder of one, as clap:FOLDER")
    return folder
