"""What a user types, and the recordings that it names."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from espr.audio.encoder import Analysis, Windows
from espr.catalog.catalog import Catalog
from espr.catalog.models import ScannedFile
from espr.catalog.recordings import store_analysis
from espr.catalog.regroup import regroup
from espr.errors import WRONG_INPUT, EsprError
from espr.features import MIDLEVEL
from espr.printable import print_track
from espr.retrieval.lookup import find_recording
from espr.works.tags import Tags

DECOMPOSED = unicodedata.normalize("NFD", "/music/Chopin/Préludes/01 Grimaud.flac")
RECORDINGS = [
    (DECOMPOSED, 0.0, None, "Hélène Grimaud"),
    ("/music/Bach/album.flac", 0.0, 40.2, "Glenn Gould"),
    ("/music/Bach/album.flac", 40.2, 95.0, "Glenn Gould"),
    ("/music/Bach/album.flac", 95.0, None, "Glenn Gould"),
    ("/music/Liszt/gould.flac", 0.0, None, "Lazar Berman"),
    ("/music/Liszt/steer\x1b[31m me.flac", 0.0, None, "Alfred Brendel"),
    ("/music/Satie/album.flac", 0.0, None, "Aldo Ciccolini"),
    ("/music/Satie/" + "very " * 200 + "long.flac", 0.0, None, "Reinbert de Leeuw"),
]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    path = tmp_path_factory.mktemp("library") / "library.espr"
    windows = Windows(np.array([[0.0, 15.0]]), np.zeros((1, 8), np.float32), MIDLEVEL)
    with Catalog.open(path, write=True) as catalog:
        for number, (file, start, end, player) in enumerate(RECORDINGS):
            tags = Tags(title=f"Piece {number}", performer=player)
            scanned = ScannedFile(file, start, end, 1, 1)
            store_analysis(catalog, scanned, tags, Analysis(windows, 20, str(number), {}), "fake/1")
        regroup(catalog)
        yield catalog


def named(catalog: Catalog, text: str) -> list[tuple[str, float]]:
    return [(found.path, found.start) for found in catalog.find_recordings(text)]


@pytest.mark.parametrize(("path", "start", "end"), [row[:3] for row in RECORDINGS])
@pytest.mark.parametrize("above", ["", "/music/"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_what_is_printed_names_what_it_was_printed_for(catalog, path, start, end, above, form):
    whole = start == 0 and end is None
    printed = print_track(path.removeprefix(above), start, whole=whole)
    assert named(catalog, unicodedata.normalize(form, printed)) == [(path, start)]


def test_a_name_that_is_typed_in_one_form_finds_the_file_in_the_other(catalog, monkeypatch):
    monkeypatch.chdir("/")
    for text in ("music/Chopin/Préludes/01 Grimaud.flac", "Préludes/01 grimaud.FLAC"):
        assert named(catalog, unicodedata.normalize("NFC", text)) == [(DECOMPOSED, 0.0)]


def test_a_file_that_holds_several_recordings_asks_back_with_their_times(catalog):
    with pytest.raises(EsprError, match=r"album\.flac at 0:00.*at 0:40.*at 1:35") as raised:
        find_recording(catalog, "Bach/album.flac")
    assert raised.value.exit_code == WRONG_INPUT


def test_a_file_by_the_name_of_a_performer_does_not_hide_the_performer(catalog):
    with pytest.raises(EsprError, match="names 4 recordings"):
        find_recording(catalog, "Gould")
    assert find_recording(catalog, "gould.flac").performer == "Lazar Berman"
    assert find_recording(catalog, "Brendel").performer == "Alfred Brendel"
