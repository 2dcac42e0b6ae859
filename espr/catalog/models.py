"""Values of the catalog: a file on disk, a piece, a recording."""

from __future__ import annotations

from dataclasses import dataclass

from espr.works.tags import Tags


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """A recording as it lies on disk: a file, or one track of a one-file album.

    Attributes
    ----------
    path : str
        Absolute; a name that is not UTF-8 holds surrogate escapes (``os.fsdecode``).
    start, end : float
        Seconds into the file; ``end`` None is the file's end.
    size : int
        Bytes, those of the CUE sheet included: a change of either is a change.
    mtime_ns : int
        Of the file or the CUE sheet, whichever is later.
    cue : Tags or None
        What the CUE sheet says about it.
    """

    path: str
    start: float
    end: float | None
    size: int
    mtime_ns: int
    cue: Tags | None = None

    @property
    def whole(self) -> bool:
        """Whether this is all of the file."""
        return self.start == 0 and self.end is None


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece and how many distinct performances of it the library holds.

    Attributes
    ----------
    rule : str
        The rule that put most of its recordings together.
    count : int
        Performances; a duplicate reissue counts once.
    """

    id: int
    slug: str
    title: str
    composer: str
    rule: str
    count: int


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording that was heard: a file, or a track of a one-file album.

    Attributes
    ----------
    start, end : float
        Seconds into the file; ``end`` None is the file's end.
    duration : float
        Seconds.
    encoder : str
        Id of the audio encoder that heard it last, e.g. ``signal/1``.
    duplicate_of : int or None
        The recording that this one is a reissue of.
    """

    id: int
    path: str
    start: float
    end: float | None
    duration: float
    audio_hash: str
    encoder: str
    performer: str
    title: str
    rule: str
    piece_id: int | None
    tags: Tags
    duplicate_of: int | None = None

    @property
    def whole(self) -> bool:
        """Whether this is all of its file."""
        return self.start == 0 and self.end is None
