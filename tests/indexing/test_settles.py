"""Whatever lies in a folder, the second run over it finds nothing to do."""

from __future__ import annotations

import os
import tempfile
import unicodedata
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from espr.catalog.catalog import Catalog
from espr.errors import EsprError
from espr.indexing import run as indexing
from espr.indexing.run import Listener, index_folders
from espr.indexing.workers import analyse
from tests.fake_encoder import load
from tests.indexing.test_tags import flac
from tests.signals import write_phrase

NAMES = ("a", "Prélude", unicodedata.normalize("NFD", "Étude"), "Side A", "x y", "#recycle", "a.b")
FOLDERS = ("", "CD 1", "CD 1/scans", "cd 2", ".hidden", "@eaDir")
SHEET = 'FILE "{}" WAVE\n  TRACK 01 AUDIO\n    TITLE "One"\n    INDEX 01 00:00:00\n'
SECOND = '  TRACK 02 AUDIO\n    TITLE "Two"\n    INDEX 01 00:01:00\n'

names = st.sampled_from(NAMES)
entries = st.one_of(
    st.tuples(
        st.sampled_from(("wav", "flac", "broken", "cover", "empty", "link", "carrier")), names
    ),
    st.tuples(st.just("sheet"), st.lists(st.tuples(names, st.booleans()), min_size=1, max_size=3)),
)
trees = st.lists(st.tuples(st.sampled_from(FOLDERS), entries), min_size=1, max_size=7)


class Kinds(Listener):
    def __init__(self) -> None:
        self.kinds: list[str] = []

    def happened(self, event) -> None:
        self.kinds.append(event.kind)


def make(root: Path, folder: str, kind: str, what) -> None:
    place = root / folder
    place.mkdir(parents=True, exist_ok=True)
    if kind == "sheet":
        text = "".join(SHEET.format(f"{n}.wav") + (SECOND if more else "") for n, more in what)
        (place / f"{what[0][0]}.cue").write_text(text)
    elif kind == "wav":
        write_phrase(place / f"{what}.wav", 2.0, len(what))
    elif kind == "flac":
        write_phrase(place / f"{what}.FLAC", 2.0, len(what))
    elif kind == "carrier":
        flac(place / f"{what}.flac", f"CUESHEET={SHEET.format('CDImage.wav')}{SECOND}")
    elif kind == "link":
        if not os.path.lexists(place / what):
            (place / what).symlink_to(root)
    elif kind == "empty":
        if not os.path.lexists(place / what):
            (place / what).mkdir()
    else:
        (place / f"{what}.{'mp3' if kind == 'broken' else 'jpg'}").write_bytes(b"\xff\xfbnothing")


def index(root: Path, library: Path) -> tuple[list[str], list[str]]:
    heard = Kinds()
    summary = index_folders([root], library, encoder="fake", load=load, listener=heard)
    return [kind for kind in heard.kinds if kind != "grouped"], list(summary.notes)


def here(tasks, encoder, load, jobs):
    return ((task, analyse(load(encoder), task)) for task in tasks)


@settings(max_examples=40, deadline=None)
@given(trees)
@example(  # a file that its sheet names twice
    [
        ("CD 1", ("wav", "Prélude")),
        ("CD 1", ("sheet", [("Prélude", False), ("a", False), ("Prélude", True)])),
    ]
)
def test_a_second_run_finds_nothing_to_do(tree):
    before, indexing.analyse_all = indexing.analyse_all, here
    try:
        with tempfile.TemporaryDirectory() as folder:
            root, library = Path(folder, "music"), Path(folder, "library.espr")
            root.mkdir()
            for below, (kind, what) in tree:
                make(root, below, kind, what)
            try:
                kinds, notes = index(root, library)
            except EsprError as error:
                assert "no audio files" in str(error)
                return
            with Catalog.open(library) as catalog:
                state = catalog.state()
            again, notes_again = index(root, library)
            assert sorted(again) == sorted(
                "unchanged" if kind == "indexed" else kind for kind in kinds
            )
            assert notes == notes_again
            with Catalog.open(library) as catalog:
                assert catalog.state() == state
    finally:
        indexing.analyse_all = before
