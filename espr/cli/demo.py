"""``espr demo``: synthesise a small library and answer three queries."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from espr.cli.completions import FOLDER, NAMED_FILE
from espr.cli.output.terminal_safe import clean
from espr.errors import DONE, EsprError
from espr.printable import LONGEST_PATH

LIBRARY = "demo.espr"  # its name in the folder of the recordings


@dataclass(frozen=True, slots=True)
class Question:
    """A query to the demo's library, and the manner that a listener would choose."""

    words: str
    piece: str
    winner: str


# The list was written before there were features or an h to ask. It began with "soft and
# delicate", which finds slow-and-dark and free-romantic: they are soft, too.
# tests/demo/test_takes.py has every paraphrase that was tried, and says which do not work.
QUESTIONS = (
    Question("dry, staccato", "bach", "dry-staccato"),
    Question("fast and aggressive", "elise", "rushed-and-loud"),
    Question("gloomy, melancholic", "bach", "slow-and-dark"),
)


def demo(
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep",
            metavar="FOLDER",
            click_type=FOLDER,
            help="Keep the recordings and library there.",
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            click_type=NAMED_FILE,
            help="Write the first answer as a page that plays.",
        ),
    ] = None,
) -> None:
    """Try ESPR on recordings that it synthesises.

    A synthesised pianist plays two pieces in six manners. The recordings are indexed, and three
    queries are answered. Your own library is not touched.
    """
    if html is not None:
        from espr.cli.output.files import check_target
        from espr.pages.page import PAGE

        check_target(html, "page", PAGE)
    with _folder(keep) as folder:
        _play(folder)
        _index(folder)
        for question in QUESTIONS:
            _ask(question, folder / LIBRARY)
        print(_what_next(keep))
        if html is not None:
            print(f"\nOpen this, and listen: {_write_page(html, folder / LIBRARY)}")


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """The folder to work in: a new or empty one to keep, or one that goes away."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="espr-demo-") as folder:
            yield Path(folder)
        return
    try:
        keep.mkdir(parents=True, exist_ok=True)
        taken = any(keep.iterdir())
    except OSError as error:
        raise EsprError(f"cannot use the folder {keep}: {error.strerror}") from error
    if taken:
        raise EsprError(f"the folder {keep} is not empty; name a new one")
    yield keep


def _play(folder: Path) -> None:
    """Play the performances into ``folder``, and list them."""
    # Read when numpy is imported, below. A note's matrices are small: two threads gain nothing
    # on idle cores, and on busy ones they wait for each other (3 s became 22 s).
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from espr.demo.manners import MANNERS
    from espr.demo.scores import SCORES
    from espr.demo.takes import write_takes

    print("A synthesised pianist plays the beginnings of")
    for score in SCORES:
        print(f"  {score.composer}: {score.title}")
    print(f"each in {len(MANNERS)} manners:")
    for manner in MANNERS:
        print(f"  {manner.name:<15}  {manner.listener}")
    print("\nESPR knows only the sound. (The demo has a library of its own.)", flush=True)
    write_takes(folder)


def _index(folder: Path) -> None:
    from espr.cli.output.progress import report_to
    from espr.indexing.run import index_folders

    print(f"\n$ espr index {clean(shlex.quote(str(folder)))}", flush=True)
    with report_to(as_json=False, quiet=False, dry_run=False) as report:
        summary = index_folders([folder], folder / LIBRARY, listener=report)
    report.finish(summary)
    if summary.exit_code != DONE:
        raise typer.Exit(summary.exit_code)


def _ask(question: Question, library: Path) -> None:
    """Print the query as typed, and its answer: the three best performances."""
    from espr.cli.query import query

    print(f'\n\n$ espr query "{question.words}" --piece {question.piece} --top 3\n', flush=True)
    query([question.words], piece=question.piece, top=3, library=library)


def _write_page(path: Path, library: Path) -> str:
    """Write the answer to the first question; return where it is."""
    from espr.cli.output.page import write_ranking
    from espr.library import Library

    question = QUESTIONS[0]
    with Library.open(library) as opened:
        write_ranking(path, opened.query(question.words, question.piece))
    return clean(path.absolute(), LONGEST_PATH)


def _what_next(keep: Path | None) -> str:
    lines = ["", "", "With your own recordings:"]
    lines += [
        "  espr index ~/Music                             analyse a folder",
        "  espr pieces                                    see which pieces were found",
        '  espr query "shy, delicate" --piece PIECE       rank the performances of one',
    ]
    if keep is None:
        lines.append("To keep these recordings and ask more: espr demo --keep FOLDER")
    else:
        library = clean(shlex.quote(str(keep / LIBRARY)))
        lines.append(f"The recordings are in {clean(keep)}. Ask more:")
        lines.append(f'  espr query "mechanical, boring" --piece elise --library {library}')
    return "\n".join(lines)
