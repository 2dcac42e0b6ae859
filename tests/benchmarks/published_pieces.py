"""Grouping measured on metadata that others published: it lies beside the checkout, not in it.

`ESPR_SHARED_DATA/pieces` holds CSV files with the columns source, form, composer, title, album,
artist, path, true_piece. ATEPP (Zhang et al. 2022, CC BY 4.0) is tried as tags and in the forms
that folders and file names take; ASAP (Foscarin et al. 2020) by its paths, MusicNet (Thickstun et
al. 2017) by its tags; the smallest cases one by one.

Run: python -m tests.benchmarks.published_pieces
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from espr.works.grouping import Facts, group
from espr.works.tags import Tags
from tests.benchmarks.tag_grouping import Agreement, agreement
from tests.shared_data import DATA

PIECES = DATA / "pieces"
_TAGS = ("title", "composer", "album", "artist")
Row = Mapping[str, str]
Form = Callable[[int, Row], tuple[str, Tags]]  # number and row → path and tags


def rows_of(name: str) -> list[Row]:
    """The rows of `pieces-NAME.csv`."""
    with (PIECES / f"pieces-{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _safe(text: str) -> str:
    """A title as a file name: no file system allows "/", and few ":"."""
    return text.replace("/", "_").replace(":", " -")


def as_listed(number: int, row: Row) -> tuple[str, Tags]:
    """The path and tags of the row; rows that tell of files have no tags."""
    path = "/music/" + (row["path"] or f"{row['source']}/{number:05}/track.flac")
    untagged = row["form"].startswith(("folder", "file name", "path"))
    return path, Tags() if untagged else Tags(**{name: row[name] for name in _TAGS})


def title_under_composer(number: int, row: Row) -> tuple[str, Tags]:
    """`Composer/Performer/NNNNN.flac`, with a title tag and no other."""
    surname = (row["composer"].split() or [""])[-1]
    path = f"/music/{_safe(surname)}/{_safe(row['artist'])}/{number:05}.flac"
    return path, Tags(title=row["title"])


def composer_title_performer(_: int, row: Row) -> tuple[str, Tags]:
    """`Composer - Title - Performer.flac`, untagged."""
    return (
        f"/music/{' - '.join(_safe(row[k]) for k in ('composer', 'title', 'artist'))}.flac",
        Tags(),
    )


def composer_performer_number(number: int, row: Row) -> tuple[str, Tags]:
    """`Composer/Performer/NN - Title.flac`, untagged."""
    folder = f"/music/{_safe(row['composer'])}/{_safe(row['artist'])}"
    return f"{folder}/{number % 30 + 1:02} - {_safe(row['title'])}.flac", Tags()


SETS: dict[str, tuple[str, Form]] = {
    "atepp by tags": ("atepp-a", as_listed),
    "atepp, title under composer": ("atepp-a", title_under_composer),
    "atepp, composer - title - performer": ("atepp-a", composer_title_performer),
    "atepp, composer/performer/NN - title": ("atepp-a", composer_performer_number),
    "asap by paths": ("asap", as_listed),
    "musicnet by tags": ("musicnet", as_listed),
}


def agreement_of(name: str) -> Agreement:
    """Pairwise agreement on one of `SETS`; of rows with one path and no tags the first counts."""
    source, form = SETS[name]
    facts: list[Facts] = []
    pieces: list[str] = []
    seen = set()
    for number, row in enumerate(rows_of(source)):
        path, tags = form(number, row)
        if (path, tags) not in seen:
            seen.add((path, tags))
            facts.append(Facts(number, path, tags))
            pieces.append(row["true_piece"])
    return agreement(group(facts), pieces)


def wrong_minimal_cases() -> list[str]:
    """The smallest cases, each grouped alone, that are not divided as listed."""
    cases: dict[str, list[Row]] = defaultdict(list)
    for row in rows_of("minimal"):
        cases[row["source"]].append(row)
    return [case for case, rows in cases.items() if not _right(rows)]


def _right(rows: Sequence[Row]) -> bool:
    facts = [Facts(number, *as_listed(number, row)) for number, row in enumerate(rows)]
    keys = [assignment.key for assignment in group(facts)]
    pieces = [row["true_piece"] for row in rows]
    return len(set(keys)) == len(set(pieces)) == len(set(zip(keys, pieces, strict=True)))


def lines() -> Iterator[str]:
    """What the command prints."""
    wrong = wrong_minimal_cases()
    yield f"minimal cases wrong: {len(wrong)} {' '.join(wrong)}".rstrip()
    for name in SETS:
        found = agreement_of(name)
        yield (
            f"{name}: {found.recordings} recordings of {found.pieces} pieces: "
            f"precision {found.precision:.4f}, recall {found.recall:.4f}"
        )


if __name__ == "__main__":
    if not Path(PIECES).is_dir():
        raise SystemExit(f"no metadata in {PIECES}")
    print("\n".join(lines()))
