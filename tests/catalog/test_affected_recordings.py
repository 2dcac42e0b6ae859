"""Grouping what a change can touch gives what grouping everything gives.

Two libraries go through the same changes; one of them forgets its ties before each grouping.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from espr.alignment.comparison import Comparison
from espr.audio.encoder import Analysis, Windows
from espr.catalog import corrections
from espr.catalog import regroup as pieces
from espr.catalog.catalog import Catalog
from espr.catalog.locations import ties_path
from espr.catalog.models import ScannedFile
from espr.catalog.recordings import remove, store_analysis, store_place, store_unreadable
from espr.catalog.regroup import bring_up_to_date
from espr.catalog.sound import COMPARED, set_compared, store_comparisons
from espr.features import MIDLEVEL
from espr.works.grouping import ManifestEntry
from espr.works.tags import Tags

# Titles that complete one another, by all of the rules of `reconciliation.py`.
SCARLATTI = ("Sonata in D minor, K. 141, L. 422", "Sonata, L. 422", "Sonata K. 141: Allegro")
COUPERIN = ("Pièces de clavecin: Les Baricades mistérieuses", "Les Baricades mistérieuses")
UNLISTED = (
    *("Sonata No. 2, Op. 20: I. Allegro", "Sonata No. 2", "Sonata No. 2, Op. 25", "Waltzes, Op. 3"),
    *("Sonata No. 2, Op. 20: Allegro", "Waltz, Op. 3 No. 1", "Waltz No. 1, Op. 3", "Waltz No. 1"),
    *(
        "Sonata No. 2 in A minor",
        "Op. 20: II. Presto agitato",
        "Op. 20: Presto",
        "The Silver Birch",
    ),
    *(
        "Op. 8 No. 1: The Silver Birch",
        "Tone Pictures: The Silver Birch",
        "The Silver Birch, Op. 9",
    ),
)
TITLES = st.one_of(
    st.sampled_from([("Scarlatti", title) for title in SCARLATTI]),
    st.sampled_from([("Couperin", title) for title in COUPERIN]),
    st.sampled_from(
        [(who, title) for who in ("Johann Miller", "Anton Zwackel") for title in UNLISTED]
    ),
    st.sampled_from([("", ""), ("", "Presto"), ("Bach", "BWV 846"), ("", "My Song")]),
)
TAGS = st.builds(
    lambda known, artist, work_id: Tags(
        composer=known[0], title=known[1], artist=artist, work_id=work_id
    ),
    TITLES,
    st.sampled_from(["", "Gould", "Richter"]),
    st.sampled_from(["", "", "", "w1", "w2", "w2; w1"]),
)
NAMES = (
    *(
        "bach_Gould",
        "bach_Richter",
        "song_Hess",
        "song_free-rubato",
        "schumann op 18_excerpt1_Hess",
    ),
    *("schumann op 18_excerpt1_Arrau", "01 Allegro", "02 Presto", "take 1", "BWV 846_Fischer"),
    *("bach_\udcff", "chopin op 9 no 2", "Sonata L. 422_Ross"),
)
PLACES = st.tuples(
    st.sampled_from(["/music/a", "/music/b", "/music/Domenico Scarlatti", "/music/b/\udcfe"]),
    st.sampled_from(NAMES),
).map("/".join)
SOUNDS = st.integers(0, 5)  # few, so that some are heard twice
STARTS = st.sampled_from([0.0, 0.0, 0.0, 60.0])
TOLD = st.text("ab", min_size=1, max_size=2)  # what a user calls a piece
CHANGES = st.one_of(
    st.tuples(st.just("hear"), PLACES, STARTS, TAGS, SOUNDS),
    st.tuples(st.just("hear"), PLACES, STARTS, TAGS, SOUNDS),
    st.tuples(st.just("hear"), PLACES, STARTS, TAGS, SOUNDS),
    st.tuples(st.just("retag"), st.integers(0, 99), TAGS),
    st.tuples(st.just("move"), st.integers(0, 99), PLACES),
    st.tuples(st.just("fail"), PLACES, STARTS),
    st.tuples(st.just("remove"), st.integers(0, 99)),
    st.tuples(st.just("manifest"), st.dictionaries(PLACES, TOLD, max_size=3)),
    st.tuples(st.just("rename"), st.integers(0, 99), TOLD),
    st.tuples(st.just("merge"), st.integers(0, 99), st.integers(0, 99)),
    st.tuples(st.just("assign"), st.integers(0, 99), st.integers(0, 99)),
    st.tuples(st.just("found"), st.integers(0, 99), TOLD),
    st.tuples(st.just("sound"), st.integers(0, 99), st.integers(0, 99)),
    st.tuples(st.just("sound"), st.integers(0, 99), st.integers(0, 99)),
    st.tuples(st.just("perhaps"), st.integers(0, 99), st.integers(0, 99)),
    st.tuples(st.just("perhaps"), st.integers(0, 99), st.integers(0, 99)),
)
ALIKE = Comparison(
    *(0.5, ((0.0, 60.0, 0.0, 60.0),), (1.0, 1.0)), notes=200, pitches=20, shared=0.8, tempo=1.1
)
PERHAPS = replace(ALIKE, fuller=0.5, rival=0.9)


def source(path: str, start: float) -> ScannedFile:
    return ScannedFile(path, start, None, 1, 1)


def hear(catalog: Catalog, path: str, start: float, tags: Tags, sound: int) -> None:
    # 4 and 5 sound alike, and are not the same audio
    features = np.random.default_rng(min(sound, 4)).normal(size=(1, 8)).astype(np.float32)
    windows = Windows(np.array([[0.0, 15.0]]), features, MIDLEVEL)
    hearing = Analysis(windows, 10.0, f"{sound:032x}", {}, np.array([[0.0, 60.0]]))
    store_analysis(catalog, source(path, start), tags, hearing, "fake/1")


def change(catalog: Catalog, kind: str, *how: Any) -> None:
    """One change, of those that indexing and the user make."""
    recordings = sorted(catalog.recordings(), key=lambda recording: recording.id)
    known = catalog.pieces()
    if kind == "hear":
        hear(catalog, *how)
    elif kind == "fail":
        store_unreadable(catalog, source(*how), "fake/1", "damaged", retry=False)
    elif kind == "manifest":
        entries = {path: ManifestEntry(piece, "") for path, piece in how[0].items()}
        corrections.store_manifest(catalog, "/music/pieces.csv", entries)
    elif recordings and kind in ("sound", "perhaps"):
        one, other = (recordings[place % len(recordings)].id for place in how)
        if one != other:
            with catalog.transaction() as connection:
                store_comparisons(connection, one, {other: ALIKE if kind == "sound" else PERHAPS})
                set_compared(connection, [one], COMPARED)
    elif recordings and kind in ("retag", "move", "remove"):
        chosen = recordings[how[0] % len(recordings)]
        if kind == "retag":
            store_place(catalog, chosen.id, source(chosen.path, chosen.start), how[1])
        elif kind == "move":
            store_place(catalog, chosen.id, source(how[1], chosen.start), chosen.tags)
        else:
            remove(catalog, [chosen.id])
    elif known:
        piece, other = known[how[0] % len(known)], known[hash(how[1]) % len(known)]
        if kind == "rename":
            corrections.rename(catalog, piece, how[1])
        elif kind == "merge" and piece.id != other.id:
            corrections.merge(catalog, piece, other)
        elif kind == "assign":
            corrections.assign(catalog, recordings[how[0] % len(recordings)], other)
        elif kind == "found":
            corrections.assign_new(catalog, recordings[how[0] % len(recordings)], how[1])


def content(catalog: Catalog) -> dict[str, list[tuple[Any, ...]]]:
    tables = ("pieces", "recordings", "aliases", "renamed", "merged", "assigned")
    return {table: catalog.rows(f"SELECT * FROM {table}") for table in tables}


@pytest.fixture(scope="module", autouse=True)
def always():
    """What is kept of unchanged recordings is believed in the smallest library."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("espr.catalog.affected_recordings._MANY", 2.0)
        yield


@pytest.fixture
def read(monkeypatch) -> list[int]:
    """How many recordings each grouping reads."""
    counts: list[int] = []
    reading: Callable[..., Any] = pieces._assignments

    def counted(*arguments: Any) -> Any:
        found = reading(*arguments)
        counts.append(len(found[0]))
        return found

    monkeypatch.setattr(pieces, "_assignments", counted)
    return counts


@settings(max_examples=int(os.environ.get("ESPR_CHANGES", "30")), deadline=None)
@given(steps=st.lists(st.lists(CHANGES, min_size=1, max_size=6), min_size=1, max_size=10))
def test_grouping_what_is_touched_gives_what_grouping_everything_gives(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("libraries")
    try:
        with (
            Catalog.open(folder / "touched.espr", write=True) as touched,
            Catalog.open(folder / "everything.espr", write=True) as everything,
        ):
            for catalog in (touched, everything):
                catalog.connection.execute("PRAGMA synchronous = OFF")  # no disk is on trial here
            for number, changes in enumerate(steps):
                for one in changes:
                    change(touched, *one)
                    ties_path(everything.path).unlink(missing_ok=True)
                    change(everything, *one)
                ties_path(everything.path).unlink(missing_ok=True)
                assert bring_up_to_date(touched) == bring_up_to_date(everything), number
                assert content(touched) == content(everything), number
    finally:
        shutil.rmtree(folder)


ZWACKEL = "Anton Zwackel"
BEARINGS = {
    "series": (
        ("/a/1", Tags(composer=ZWACKEL, title="Sonata No. 2")),
        ("/b/2", Tags(composer=ZWACKEL, title="Sonata No. 2, Op. 20")),
    ),
    "name": (
        ("/a/1", Tags(composer=ZWACKEL, title="The Silver Birch")),
        ("/b/2", Tags(composer=ZWACKEL, title="Op. 8 No. 1: The Silver Birch")),
    ),
    "work": (
        ("/a/1", Tags(composer="Scarlatti", title="Sonata, L. 422")),
        ("/b/2", Tags(composer="Scarlatti", title="Sonata in D minor, K. 141, L. 422")),
    ),
    "work id": (
        ("/a/1", Tags(title="Sonata", work_id="w1")),
        ("/b/2", Tags(composer="Scarlatti", title="Sonata, K. 141", work_id="w1")),
    ),
    "folder": (("/a/1", Tags(title="My Song")), ("/a/2", Tags(title="My Song"))),
    "file name": (("/a/waltz_Hess", Tags()), ("/b/waltz_Arrau", Tags())),
    "audio": (("/a/1", Tags()), ("/b/2", Tags(composer="Scarlatti", title="Sonata, K. 141"))),
}


@pytest.mark.parametrize("kind", BEARINGS)
def test_a_new_recording_changes_what_another_is_found_to_be(kind, tmp_path, read):
    (old, old_tags), (new, new_tags) = BEARINGS[kind]
    with Catalog.open(tmp_path / "library.espr", write=True) as catalog:
        hear(catalog, "/elsewhere/1", 0.0, Tags(composer="Bach", title="BWV 846"), 9)
        hear(catalog, old, 0.0, old_tags, 1)
        bring_up_to_date(catalog)
        hear(catalog, new, 0.0, new_tags, 1 if kind == "audio" else 2)
        changed = bring_up_to_date(catalog)
        # the old one, too; in a folder, its rule changes and not its piece
        assert len(changed) == (1 if kind == "folder" else 2)
        assert read == [2, 2]  # and of three, none but these was looked at
        before = content(catalog)
        ties_path(catalog.path).unlink()
        assert pieces.regroup(catalog) == []
        assert content(catalog) == before


@pytest.fixture
def library(tmp_path) -> Path:
    """Ten works of ten takes each, and a folder of ten recordings without tags."""
    path = tmp_path / "library.espr"
    with Catalog.open(path, write=True) as catalog, catalog.transaction():
        for number in range(100):
            tags = Tags(
                title=f"Sonata, Op. {number // 10 + 1}", composer="Johann Miller", artist="Gould"
            )
            hear(catalog, f"/music/{number}.flac", 0.0, tags, number + 10)
        for number in range(10):
            hear(catalog, f"/music/loose/take {number}.flac", 0.0, Tags(), number + 200)
    with Catalog.open(path, write=True) as catalog:
        bring_up_to_date(catalog)
    return path


def test_a_new_recording_touches_its_work_and_no_other(library, read):
    with Catalog.open(library, write=True) as catalog:
        tags = Tags(title="Sonata, Op. 3", composer="Johann Miller")
        hear(catalog, "/music/new.flac", 0.0, tags, 300)
        assert len(bring_up_to_date(catalog)) == 1
        hear(catalog, "/music/loose/take 10.flac", 0.0, Tags(), 301)
        assert len(bring_up_to_date(catalog)) == 1
    assert read == [11, 11]


def test_of_recordings_that_have_not_changed_not_even_a_mark_is_read(library, monkeypatch):
    with Catalog.open(library, write=True) as catalog:
        hear(catalog, "/music/new.flac", 0.0, Tags(title="Sonata, Op. 3"), 300)
        monkeypatch.setattr(catalog, "iterate", None)  # by which all are read
        assert len(bring_up_to_date(catalog)) == 1
        hear(catalog, "/music/new 2.flac", 0.0, Tags(title="Sonata, Op. 3"), 301)
        assert len(bring_up_to_date(catalog)) == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE recordings SET tags = '{}' WHERE id = 5",
        "DELETE FROM recordings WHERE id = 5",
        "DELETE FROM profiles WHERE recording_id = 5",
        "INSERT INTO manifest VALUES (CAST('/music/4.flac' AS BLOB), 'Waltz', '', x'', 0)",
    ],
)
def test_what_changes_beside_a_new_recording_is_noticed(library, tmp_path, change):
    """Whoever changed it, and though only the new one says that it is."""
    other = Path(shutil.copy(library, tmp_path / "other.espr"))  # without ties
    found = []
    for path in (library, other):
        with Catalog.open(path, write=True) as catalog:
            hear(catalog, "/music/new.flac", 0.0, Tags(title="Sonata, Op. 3"), 300)
            with catalog.transaction() as connection:
                connection.execute(change)
            bring_up_to_date(catalog)
            found.append(content(catalog))
    assert found[0] == found[1]


def test_a_correction_touches_the_pieces_it_speaks_of(library, read):
    with Catalog.open(library, write=True) as catalog:
        piece, other, *_ = catalog.pieces()
        corrections.rename(catalog, piece, "Grand Sonata")
        corrections.assign(catalog, catalog.recordings(piece.id)[0], other)
        corrections.assign_new(catalog, catalog.recordings(piece.id)[0], "Waltz")
    assert read == [10, 20, 20]  # a take that was assigned away is still tied to its work


def test_ties_that_are_gone_damaged_or_of_another_library_are_made_anew(library, read, tmp_path):
    path = ties_path(library)
    body = path.read_bytes()
    for damaged in (None, b"", body[:-1], body[:99] + bytes([body[99] ^ 1]) + body[100:], body):
        path.unlink()
        if damaged is not None:
            path.write_bytes(damaged)
        with Catalog.open(library, write=True) as catalog:
            before = content(catalog)
            assert pieces.regroup(catalog) == []
            assert content(catalog) == before
        assert path.read_bytes() == body
    assert read == [110, 110, 110, 110, 0]


def test_a_grouping_that_was_not_stored_leaves_no_ties(library, read):
    with Catalog.open(library, write=True) as catalog:
        try:
            with catalog.transaction():
                hear(catalog, "/music/new.flac", 0.0, Tags(), 300)
                pieces.regroup(catalog)
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            pass
        before = content(catalog)
        assert pieces.regroup(catalog) == []
        assert content(catalog) == before
    assert read[-1] == 110
