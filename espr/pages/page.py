"""From a template and plain data to one HTML file that needs nothing else.

Style and script stand in the page, and its Content-Security-Policy names their SHA-256: nothing
else can run or be loaded, whatever a tag or a file name holds. Every text is escaped (Jinja2's
autoescape), and loses what could steer a reader's eye: control and bidirectional characters.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espr.errors import EsprError
from espr.printable import clean

if TYPE_CHECKING:
    import jinja2

_FOLDER = Path(__file__).parent / "templates"
_START = b"<!doctype html"
_JOINERS = "\u200c\u200d"  # within emoji and the words of some scripts
_LONGEST = 10_000  # letters of one text


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a page may take sound and images from, and send requests and forms to, in the words of
    a Content-Security-Policy."""

    media: str = "data: blob:"
    images: str = "data:"
    requests: str = "'none'"
    forms: str = "'none'"


def render_page(
    template: str,
    *,
    sources: Sources = Sources(),
    scripts: Sequence[str] = ("player.js",),
    **data: Any,
) -> str:
    """The page that ``template`` makes of ``data``; ``scripts``: of the templates' folder."""
    from markupsafe import Markup

    style, code = _asset("style.css"), [_asset(name) for name in scripts]
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src {' '.join(repr(_digest(script)) for script in code)}",
            f"media-src {sources.media}",
            f"img-src {sources.images}",
            f"connect-src {sources.requests}",
            f"form-action {sources.forms}",
            "base-uri 'none'",
        )
    )
    page = _environment().get_template(template)
    return page.render(policy=policy, style=Markup(style), scripts=list(map(Markup, code)), **data)


def check_target(path: Path) -> None:
    """Whether a page may be written there: a page that is there is replaced, any other file kept.

    Raises
    ------
    EsprError
        When it cannot be written, or a file that is no page is in its place.
    """
    try:
        if path.is_dir() or not path.parent.is_dir():
            reason = "it is a folder" if path.is_dir() else f"there is no folder {path.parent}"
            raise EsprError(f"cannot write the page {path}: {reason}")
        if not path.is_file():
            return
        with open(path, "rb") as file:
            head = file.read(len(_START))
    except OSError as error:
        raise _cannot_write(path, error) from error
    if head and head.lower() != _START:
        raise EsprError(f"{path} exists and is no page; give --html another name")


def write_page(path: Path, text: str) -> int:
    """Write a page whole or not at all, and return its bytes; see :func:`check_target`.

    Raises
    ------
    EsprError
        When it cannot be written.
    """
    check_target(path)
    content = text.encode("utf-8", "replace")
    try:
        if path.exists() and not path.is_file():  # a pipe, a terminal
            path.write_bytes(content)
        else:
            _replace(Path(os.path.realpath(path)), content)
    except OSError as error:
        raise _cannot_write(path, error) from error
    return len(content)


def _cannot_write(path: Path, error: OSError) -> EsprError:
    return EsprError(f"cannot write the page {path}: {error.strerror}")


def _replace(path: Path, content: bytes) -> None:
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:50]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(unfinished, _mode(path))
        os.replace(unfinished, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(unfinished)
        raise


def _mode(path: Path) -> int:
    """The permissions of the file that is there, else those that a new one gets."""
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


@functools.cache
def _environment() -> jinja2.Environment:
    import jinja2
    from markupsafe import Markup

    def printable(value: object) -> object:
        is_text = isinstance(value, str) and not isinstance(value, Markup)
        return clean(value, _LONGEST, keep=_JOINERS) if is_text else value

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        finalize=printable,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@functools.cache
def _asset(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8")


def _digest(text: str) -> str:
    """As a Content-Security-Policy names a piece of script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
