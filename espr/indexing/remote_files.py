"""Files that fsspec reads: ``s3://bucket/music``, ``gs://…``, ``https://…``, ``file:///…``.

They are listed where the library is written, and copied to a temporary file where they are
analysed. CUE sheets among them are not read. fsspec (BSD-3-Clause) comes with the extra
``cluster``; each kind of store needs its own package, which fsspec names.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from espr.catalog.models import ScannedFile
from espr.errors import EsprError

_URL = re.compile(r"[a-z][a-z0-9+.-]+(::|://)", re.ASCII)


def is_url(path: str) -> bool:
    """Whether fsspec is to read a file."""
    return _URL.match(path) is not None


def list_files(url: str) -> tuple[str, list[ScannedFile]]:
    """A URL as its store writes it, and the files there and below, whatever they are.

    Raises
    ------
    EsprError
        When it cannot be listed, or nothing is there.
    """
    with _errors(url):
        system, root = _system(url)
        found = system.find(root, detail=True)
        place = system.unstrip_protocol(root)
        files = [
            ScannedFile(system.unstrip_protocol(name), 0.0, None, one["size"] or 0, _changed(one))
            for name, one in found.items()
        ]
    if not files:
        raise EsprError(f"there is no folder or file {url}")
    return place, sorted(files, key=lambda file: file.path)


@contextmanager
def local_file(path: str) -> Iterator[str]:
    """The path of a file's content on this machine: itself, or a copy while this lasts.

    Raises
    ------
    EsprError, OSError
        When it cannot be copied.
    """
    if not is_url(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="espr-") as folder:
        copy = os.path.join(folder, "copy" + os.path.splitext(path)[1])
        with _errors(path):
            system, name = _system(path)
            system.get_file(name, copy)
        yield copy


def _system(url: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise EsprError('URLs need an extra; run: pip install "espr[cluster]"') from error
    system, name = url_to_fs(url)
    return system, str(name)


def _changed(info: dict[str, Any]) -> int:
    """When a file was changed, ns; of a store that does not say, a number that changes with it."""
    for name in ("mtime", "LastModified", "last_modified", "updated", "created"):
        value = info.get(name)
        if isinstance(value, datetime):
            return round(value.timestamp() * 1e9)
        if isinstance(value, int | float):
            return round(value * 1e9)
    mark = repr([info.get(name) for name in ("ETag", "etag", "md5Hash", "checksum")])
    return int.from_bytes(hashlib.blake2b(mark.encode(), digest_size=7).digest(), "little")


@contextmanager
def _errors(url: str) -> Iterator[None]:
    """What stores raise, which is of any kind, as one line."""
    try:
        yield
    except (EsprError, MemoryError):
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise EsprError(f"{url} cannot be read: {reason}") from error
