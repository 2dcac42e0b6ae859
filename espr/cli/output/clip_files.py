"""Passages as audio files in a folder, named by place and performer: safe on every system."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from espr.audio.clips import clip_kind, encode_clip
from espr.errors import NONE_READABLE, EsprError
from espr.printable import clean
from espr.retrieval.passages import Passage

_LONGEST = 150  # bytes of a name; of the path, Windows takes 260 letters
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]+')


def clip_name(place: int, name: str, kind: str) -> str:
    """``01 Glenn Gould.mp3``: no letter that Windows forbids, no blank or dot at its end."""
    words = _FORBIDDEN.sub(" ", unicodedata.normalize("NFC", clean(name)))
    short = " ".join(words.split()).encode()[:_LONGEST].decode(errors="ignore")
    return f"{place:02} {short}".rstrip(" .") + f".{kind}"


def write_clips(folder: Path, passages: Sequence[Passage]) -> list[str]:
    """Write passages into a new or empty folder, all or none; say which could not be read.

    Raises
    ------
    EsprError
        When the folder holds something, or cannot be made; exit code 4 when no file can be read.
    """
    folder = folder.absolute()
    draft = folder.parent / f".{folder.name}.{os.getpid()}.part"
    kind, unreadable = clip_kind(), []
    try:
        if folder.exists() and any(folder.iterdir()):
            raise EsprError(f"the folder {folder} is not empty; name a new one for the clips")
        draft.mkdir(parents=True)
        for place, passage in enumerate(passages, start=1):
            path = passage.recording.path
            try:
                clip = encode_clip(path, passage.start, passage.end, kind)
            except EsprError as error:
                unreadable.append(f"{path} {error}")
                continue
            (draft / clip_name(place, passage.name, kind)).write_bytes(clip)
        if len(unreadable) == len(passages):
            raise EsprError(f"no clip could be cut: {unreadable[0]}", NONE_READABLE)
        if folder.exists():
            folder.rmdir()
        draft.rename(folder)
    except OSError as error:
        raise EsprError(f"cannot write clips into {folder}: {error.strerror}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return unreadable
