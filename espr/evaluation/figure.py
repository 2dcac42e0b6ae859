"""What was asked and what was heard, side by side, after the paper's Figure 3.

Of every piece one query: its profile, and beside it those of all performances as they entered the
cosine, each of unit length, so that what lies on the same side of the axis adds to the score.
Which query is shown is drawn by the seed: neither the best nor the worst is picked.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from espr.errors import EsprError
from espr.evaluation.report import Evaluation, reference_system
from espr.evaluation.system import UNNAMED, Outcome
from espr.features import Space, get_space
from espr.retrieval.ranking import unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = ("png", "svg")
_LONGEST_TEXT = 420  # letters of a query: four lines above the panels
_LETTERS_PER_INCH = 14
_QUERY, _TAKE, _TRUE, _WRONG = "#333333", "#b8b8b8", "#2f7d4f", "#b5482f"


def write_figures(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Draw a figure for every piece, as PNG and SVG.

    Parameters
    ----------
    evaluation : Evaluation
        Of its systems the last `best` one is shown, without any the first.

    Raises
    ------
    EsprError
        When matplotlib is not installed, or the space has no named features.
    """
    try:
        from matplotlib import rc_context
    except ImportError as error:
        raise EsprError("figures need matplotlib; pip install 'espr[figures]'") from error

    number = reference_system(evaluation)
    system = evaluation.systems[number]
    if system.space == UNNAMED:
        raise EsprError(f"the embeddings of {system.pair} have no named features to draw")
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(evaluation.seed)
    written = []
    outcomes = sorted(evaluation.outcomes[number], key=lambda one: one.query)
    for piece in np.unique(evaluation.pieces):
        of_piece = [
            one
            for one in outcomes
            if evaluation.benchmark.performances[one.performance].piece == piece
        ]
        shown = of_piece[rng.integers(len(of_piece))]
        # no date and no random ids: the same evaluation writes the same files
        with rc_context({"svg.hashsalt": "espr"}):
            figure = draw(evaluation, shown, get_space(system.space))
            name = re.sub(r"[^\w-]+", "-", str(piece))
            for suffix in FORMATS:
                path = folder / f"{name}.{suffix}"
                metadata = {"Date": None} if suffix == "svg" else {"Software": None}
                figure.savefig(path, metadata=metadata)
                written.append(path)
    return written


def draw(evaluation: Evaluation, outcome: Outcome, space: Space) -> Figure:
    """The figure of one query: a panel for the query, one for each performance of its piece."""
    from matplotlib.figure import Figure

    performances = evaluation.benchmark.performances
    retrieved = int(outcome.candidates[outcome.scores.argmax()])
    order = outcome.candidates[np.argsort(-outcome.scores, kind="stable")]
    scores = dict(zip(outcome.candidates.tolist(), outcome.scores.tolist(), strict=True))
    profiles = dict(zip(outcome.candidates.tolist(), unit(outcome.centred), strict=True))
    width, height = 2.6 + 1.5 * (1 + len(order)), 2.2 + 0.24 * len(space)  # inches
    figure = Figure(figsize=(width, height))
    panels = figure.subplots(1, 1 + len(order), sharex=True, sharey=True, squeeze=False)[0]
    _bars(panels[0], unit(outcome.profile), _QUERY, "query")
    panels[0].set_yticks(range(len(space)), [f"{f.low} … {f.high}" for f in space.features])
    panels[0].invert_yaxis()
    for panel, take in zip(panels[1:], order.tolist(), strict=True):
        is_true, is_first = take == outcome.performance, take == retrieved
        marks = [mark for mark, holds in (("asked for", is_true), ("found", is_first)) if holds]
        colour = _TRUE if is_true else _WRONG if is_first else _TAKE
        name = _printable(performances[take].performer)
        lines = textwrap.shorten(name, 18, placeholder="…") + f"\n{scores[take]:+.2f}"
        _bars(panel, profiles[take], colour, lines + "\n" + " and ".join(marks))
    text = textwrap.shorten(
        _printable(evaluation.queries[outcome.query].text), _LONGEST_TEXT, placeholder=" …"
    )
    title = textwrap.wrap(
        f"{performances[outcome.performance].piece}: {text}", int(_LETTERS_PER_INCH * width)
    )
    heading = figure.suptitle(
        "\n".join(title), fontsize=8, x=0.01, y=1 - 0.1 / height, ha="left", va="top"
    )
    heading.set_parse_math(False)  # a dollar sign is one
    figure.tight_layout(rect=(0, 0, 1, 1 - (0.2 + 0.15 * len(title)) / height))
    return figure


def _bars(panel: Axes, profile: np.ndarray, colour: str, title: str) -> None:
    panel.barh(range(len(profile)), profile, color=colour)
    panel.axvline(0, color="black", linewidth=0.6)
    panel.set_title(title, fontsize=8).set_parse_math(False)
    panel.tick_params(labelsize=7)
    panel.tick_params(axis="y", length=0)
    for side in ("top", "right", "left"):
        panel.spines[side].set_visible(False)


def _printable(text: str) -> str:
    """Without control characters, which SVG cannot hold."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
