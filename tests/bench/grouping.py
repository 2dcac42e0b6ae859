"""Grouping beside another checkout: ``python -m tests.bench.grouping CHECKOUT [RECORDINGS]``.

Prints one JSON document with seconds of the processor on both sides and their ratios: for grouping
made-up recordings as labels tag them and as untagged files name them, ten takes a piece (medians of
interleaved processes); for making a library of as many (stored and grouped, one run); for grouping
again when one recording is new in it, and for the whole process of indexing it (medians).
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.bench.growing import PIANISTS, place_of

RECORDINGS = 100_000
RUNS, RUNS_OF_ONE = 3, 7
_COMPOSERS = ("Frédéric Chopin", "Beethoven, Ludwig van", "Brahms", "J. S. Bach", "Nobody Known")
_WORKS = ("Prelude", "Sonata", "Nocturne", "Walzer", "Étude", "Ballade", "Fantasie", "Suite")
_KEYS = ("C major", "a-Moll", "G", "E flat major", "ré mineur", "B minor", "F-Dur")
_PARTS = ("", ": I. Allegro", " - 2. Adagio", ": III. Rondo. Allegretto", ": Presto agitato")
# The modules had other names in the base of 2026; both sides run the same lines.
_GROUP = """
import json, sys, time
try:
    from espr.works.grouping import Facts, group
    from espr.works.tags import Tags
except ImportError:
    from espr.library.grouping import Facts, group
    from espr.library.tags import Tags
with open(sys.argv[1], encoding="utf-8") as file:
    facts = [Facts(n, path, Tags(**tags)) for n, (path, tags) in enumerate(map(json.loads, file))]
since = time.process_time()
group(facts)
print(time.process_time() - since)
"""
_ONE_NEW = """
import sys, time
from pathlib import Path
try:
    from espr.catalog.catalog import Catalog
    from espr.catalog.models import ScannedFile
    from espr.catalog.recordings import store_analysis
    from espr.catalog.regroup import bring_up_to_date
except ImportError:
    from espr.library.catalog import Catalog
    from espr.library.hearings import store_heard as store_analysis
    from espr.library.pieces import bring_up_to_date
    from espr.library.scan import Source as ScannedFile
from tests.bench.growing import Inventing, place_of, tags_of
encoder, new = Inventing(), place_of(Path(sys.argv[1]), 10).with_name(sys.argv[2])
with Catalog.open(Path(sys.argv[1]) / "library.espr", write=True) as catalog:
    with catalog.transaction():
        source = ScannedFile(str(new), 0.0, None, 1, 1)
        store_analysis(catalog, source, tags_of(1, 0), encoder.hear(new), encoder.id)
    since = time.process_time()
    bring_up_to_date(catalog)
    print(time.process_time() - since)
"""
Recording = tuple[str, dict[str, str]]


def _title(piece: int) -> tuple[str, str]:
    """Composer and title of a made-up piece; no two pieces have the same."""
    opus, number = divmod(piece, 12)
    form = _WORKS[piece % len(_WORKS)]
    key, part = _KEYS[piece % len(_KEYS)], _PARTS[piece % len(_PARTS)]
    title = f"{form} in {key}, Op. {opus + 1} No. {number + 1}{part}"
    return _COMPOSERS[piece % len(_COMPOSERS)], title


def tagged(count: int) -> Iterator[Recording]:
    """Recordings as labels tag them."""
    for recording in range(count):
        piece, take = divmod(recording, len(PIANISTS))
        composer, title = _title(piece)
        album = f"{PIANISTS[take]} plays, vol. {piece // 20}"
        tags = {"title": title, "composer": composer, "artist": PIANISTS[take], "album": album}
        yield f"/music/{PIANISTS[take]}/{album}/{piece % 20 + 1:02}.flac", tags


def named(count: int) -> Iterator[Recording]:
    """Recordings without tags, in a folder for each composer."""
    for recording in range(count):
        piece, take = divmod(recording, len(PIANISTS))
        composer, title = _title(piece)
        name = f"{composer} - {title.replace(':', ' -')} - {PIANISTS[take]}"
        yield f"/music/{composer}/{name}.flac", {}


def grouping_seconds(checkout: Path, file: Path) -> float:
    """Seconds of the processor for grouping the recordings of a file, in a new process."""
    return float(_run(checkout, "-c", _GROUP, str(file)))


def making_seconds(checkout: Path, folder: Path, count: int) -> float:
    """Seconds of the processor for making a library."""
    return _processor(
        lambda: _run(checkout, "-m", "tests.bench.growing", "make", str(folder), str(count))
    )


def regrouping_seconds(checkout: Path, folder: Path, run: int) -> float:
    """Seconds of the processor for grouping again when one recording is new."""
    return float(_run(checkout, "-c", _ONE_NEW, str(folder), f"new-{run}.flac"))


def indexing_seconds(checkout: Path, folder: Path, run: int) -> float:
    """Seconds of the processor for indexing one new recording, whole process."""
    new = place_of(folder, 0).with_name(f"piece-000000_Richter{run}.flac")
    shutil.copy(place_of(folder, 0), new)
    os.utime(new)
    return _processor(lambda: _run(checkout, "-m", "tests.bench.growing", "index", str(folder)))


def _run(checkout: Path, *arguments: str) -> str:
    environment = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **environment, "PYTHONPATH": str(checkout)},
        cwd=checkout,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def _processor(work: Callable[[], object]) -> float:
    """Seconds of the processor that the children of this process take for some work."""
    before = os.times()
    work()
    after = os.times()
    return (after.children_user - before.children_user) + (
        after.children_system - before.children_system
    )


def _compared(ours: float, theirs: float) -> dict[str, float]:
    return {"seconds": round(ours, 3), "other": round(theirs, 3), "ratio": round(ours / theirs, 3)}


def main(other: Path, count: int) -> None:
    here = Path(__file__).parents[2]
    document: dict[str, Any] = {"schema": "espr.grouping/1", "recordings": count}
    with tempfile.TemporaryDirectory() as folder:
        for make in (tagged, named):
            file = Path(folder) / make.__name__
            file.write_text("\n".join(map(json.dumps, make(count))), encoding="utf-8")
            pairs = [
                (grouping_seconds(here, file), grouping_seconds(other, file)) for _ in range(RUNS)
            ]
            document[make.__name__] = _compared(*map(statistics.median, zip(*pairs, strict=True)))
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs:
        sides = ((here, Path(ours)), (other, Path(theirs)))
        document["make"] = _compared(*(making_seconds(*side, count) for side in sides))
        for name, measure in (
            ("regroup_one_new", regrouping_seconds),
            ("index_one_new", indexing_seconds),
        ):
            pairs = [
                (measure(*sides[0], run), measure(*sides[1], run)) for run in range(RUNS_OF_ONE)
            ]
            document[name] = _compared(*map(statistics.median, zip(*pairs, strict=True)))
    print(json.dumps(document))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else RECORDINGS)
