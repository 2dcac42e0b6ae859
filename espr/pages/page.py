"""From a template and plain data to one HTML file that needs nothing else.

Style and script stand in the page, and its Content-Security-Policy names their SHA-256: nothing
else can run or be loaded, whatever a tag or a file name holds. Every text is escaped (Jinja2's
autoescape), and loses what could steer a reader's eye: control and bidirectional characters.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espr.printable import clean

if TYPE_CHECKING:
    import jinja2

_FOLDER = Path(__file__).parent / "templates"
PAGE = b"<!doctype html"  # how one begins
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
