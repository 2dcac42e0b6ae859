"""A query beside the performances of a piece, after the paper's Figure 3.

A panel shows the profile of the query, and one for each performance how it deviates from the
others of its piece; each of unit length, so that what lies on the same side of the axis adds to
the score. A piece is drawn with a model that was fitted without its work. By default the queries
are the paper's two.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from espr.datasets.benchmark import Description
from espr.errors import EsprError
from espr.evaluation.encodings import Encodings
from espr.evaluation.report import Evaluation, reference_system
from espr.evaluation.system import UNNAMED, fit_system
from espr.features import Space, get_space
from espr.retrieval.ranking import cosine, unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPERS_QUERIES = ("shy, magical, deep, delicate", "mechanical, boring, beginner")
FORMATS = ("png", "svg")
DPI = 200
_LONGEST_TEXT = 420  # letters of a query: four lines above the panels
_LETTERS_PER_INCH = 14
_LONGEST_NAME = 18  # letters of a performer
_QUERY, _OTHER, _FIRST = "#333333", "#b8b8b8", "#2f7d4f"


def write_figures(
    evaluation: Evaluation, encodings: Encodings, queries: Sequence[str], folder: Path
) -> list[Path]:
    """Draw every query beside every piece, as PNG and SVG.

    Parameters
    ----------
    evaluation : Evaluation
        Of its systems the last `best` one is shown, without any the first.
    queries : sequence of str

    Raises
    ------
    EsprError
        When matplotlib is not installed, the space has no named features, or no word of a query
        is known.
    """
    try:
        from matplotlib import rc_context
    except ImportError as error:
        raise EsprError("figures need matplotlib; pip install 'espr[figures]'") from error

    system = evaluation.systems[reference_system(evaluation)]
    if system.space == UNNAMED:
        raise EsprError(f"the embeddings of {system.pair} have no named features to draw")
    descriptions = [Description(-1, ((text, 1.0),)) for text in queries]
    embeddings = encodings.embed(system, descriptions)
    corpus, added = encodings.corpus(system), encodings.augmentation(system)
    performers = [_printable(one.performer) for one in evaluation.benchmark.performances]
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for work in np.unique(corpus.works):
        training = corpus.works != work
        allowed = added.without([work]) if added else None
        model = fit_system(system, corpus, training, allowed)
        for piece in np.unique(corpus.pieces[~training]):
            performances = np.flatnonzero(corpus.pieces == piece)
            centred = model.h.centred(corpus.profiles[performances])
            names = [performers[number] for number in performances]
            for number, (text, embedding) in enumerate(zip(queries, embeddings, strict=True), 1):
                # no date and no random ids: the same evaluation writes the same files
                with rc_context({"svg.hashsalt": "espr"}):
                    figure = draw(
                        f"{_title(piece)}: {_printable(text)}",
                        model.profile(embedding),
                        names,
                        centred,
                        get_space(system.space),
                    )
                    name = re.sub(r"[^\w-]+", "-", f"{piece}-{number}")
                    for suffix in FORMATS:
                        path = folder / f"{name}.{suffix}"
                        metadata = {"Date": None} if suffix == "svg" else {"Software": None}
                        figure.savefig(path, dpi=DPI, metadata=metadata)
                        written.append(path)
    return written


def draw(
    title: str, query: np.ndarray, performers: Sequence[str], centred: np.ndarray, space: Space
) -> Figure:
    """The figure of one query: a panel for the query, then the performances, the best first.

    Parameters
    ----------
    query : np.ndarray, shape=(d,)
    centred : np.ndarray, shape=(n, d)
        The performances' profiles as they enter the cosine.
    """
    from matplotlib.figure import Figure

    scores = cosine(query, centred)
    order = np.argsort(-scores, kind="stable")
    width, height = 2.6 + 1.35 * (1 + len(order)), 1.35 + 0.24 * len(space)  # inches
    figure = Figure(figsize=(width, height), layout="constrained")
    panels = figure.subplots(1, 1 + len(order), sharex=True, sharey=True, squeeze=False)[0]
    panels[0].set_yticks(range(len(space)), [f"{f.low} … {f.high}" for f in space.features])
    _bars(panels[0], unit(query), _QUERY, "query")
    for place, (panel, row) in enumerate(zip(panels[1:], order, strict=True)):
        name = textwrap.shorten(performers[row], _LONGEST_NAME, placeholder="…")
        _bars(
            panel,
            unit(centred[row]),
            _OTHER if place else _FIRST,
            f"{place + 1}. {name}\n{scores[row]:+.2f}",
        )
    panels[0].invert_yaxis()
    shown = textwrap.shorten(title, _LONGEST_TEXT, placeholder=" …")
    heading = figure.suptitle(
        "\n".join(textwrap.wrap(shown, int(_LETTERS_PER_INCH * width))),
        fontsize=9,
        x=0.01,
        ha="left",
    )
    heading.set_parse_math(False)  # a dollar sign is one
    return figure


def _bars(panel: Axes, profile: np.ndarray, colour: str, title: str) -> None:
    panel.barh(range(len(profile)), profile, color=colour)
    panel.axvline(0, color="black", linewidth=0.6)
    panel.set_title(title, fontsize=8).set_parse_math(False)
    panel.tick_params(labelsize=7)
    panel.tick_params(axis="y", length=0)
    for side in ("top", "right", "left"):
        panel.spines[side].set_visible(False)


def _title(piece: str) -> str:
    """``schumann_arabeske_excerpt1`` as a person writes it."""
    words = re.sub(r"excerpt(?=\d)", "excerpt ", _printable(piece).replace("_", " ")).split()
    return " ".join(
        word[:1].upper() + word[1:] if at < 2 and word != "excerpt" else word
        for at, word in enumerate(words)
    )


def _printable(text: str) -> str:
    """Without control characters, which SVG cannot hold."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
