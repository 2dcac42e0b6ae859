"""What a user types, and the recordings and pieces that it names.

What the index of words finds is what reading every row finds.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import unicodedata

import numpy as np
import pytest

from espr.audio.encoder import Analysis, Windows
from espr.catalog import corrections
from espr.catalog.catalog import Catalog
from espr.catalog.models import Piece, Recording, ScannedFile
from espr.catalog.name_words import (
    ending,
    name_mark,
    recording_words,
    spell,
    work_of,
)
from espr.catalog.name_words import words_of as words_of_name
from espr.catalog.recordings import remove, store_analysis
from espr.catalog.regroup import bring_up_to_date, regroup
from espr.catalog.search import find_pieces, find_recordings
from espr.errors import LIBRARY_DAMAGED, WRONG_INPUT, EsprError
from espr.features import MIDLEVEL
from espr.folding import fold, words
from espr.maintenance.check import check
from espr.printable import print_track
from espr.retrieval.lookup import find_recording
from espr.works.tags import Tags
from tests.catalog.test_affected_recordings import hear
from tests.synthetic_library import build, vector

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
    return [(found.path, found.start) for found in find_recordings(catalog, text)]


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


TITLES = {
    "moonlight": ("Beethoven", "Piano Sonata No. 14 in C-sharp minor, Op. 27 No. 2"),
    "nocturne": ("Chopin", "Nocturne in D-flat, Op. 27 No. 2"),
    "prelude": ("Bach", "Prelude and Fugue in C, BWV 846"),
    "other": ("Bach", "Prelude and Fugue in C minor, BWV 847"),
}


@pytest.fixture
def found(tmp_path):
    with Catalog.open(tmp_path / "library.espr", write=True) as catalog:
        for number, (composer, title) in enumerate(TITLES.values()):
            tags = Tags(composer=composer, title=title)
            hear(catalog, f"/music/{number}.flac", 0.0, tags, number)
        bring_up_to_date(catalog)
        names = {title: name for name, (_, title) in TITLES.items()}

        def find(words: str) -> list[str]:
            return sorted(names[piece.title] for piece in find_pieces(catalog, words))

        yield find


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("moonlight", ["moonlight"]),
        ("Mondschein", ["moonlight"]),
        ("op 27/2", ["moonlight", "nocturne"]),
        ("846", ["prelude"]),
        ("BWV 846", ["prelude"]),
        ("84", []),
        ("prelude fugue", ["other", "prelude"]),
        ("nothing of the kind", []),
        (" ", []),
    ],
)
def test_pieces_by_their_names(found, words, expected):
    assert found(words) == expected


# -- the index of words ---------------------------------------------------------------------

QUERIES = (
    *("prelude", "pre", "PRÉLUDE", "toccata gould", "gould", "g", "hess tocc", "prelude_Arrau"),
    *("prelude_arrau.FLAC", "fur elise", "für", "łukasz", "lukasz", "radu lupu", "x", "flac", ""),
    *(
        "elise-fur",
        "beethoven",
        "\udcff",
        "prelude-in",
        "prelude in c",
        "c",
        "_",
        "prelude gould b",
    ),
)


@pytest.fixture
def path(tmp_path):
    """Two pieces, one with accents and one that was renamed."""
    path = tmp_path / "music.espr"
    builder = build(path)
    builder.add("elise-fur", "Łukasz Krupiński", vector(), title="Für Elise")
    builder.add("elise-fur", "Radu Lupu", vector(loudness=1.0), title="Für Elise", name="01.mp3")
    builder.close()
    with Catalog.open(path, write=True) as catalog:
        regroup(catalog)
        corrections.rename(catalog, find_pieces(catalog, "prelude")[0], "Prelude in C")
    return path


def begin(text: str, names: str) -> bool:
    known = words(fold(names))
    wanted = words(fold(text))
    return bool(wanted) and all(
        one in known if one.isdigit() else any(word.startswith(one) for word in known)
        for one in wanted
    )


def names_of(catalog: Catalog, piece: Piece) -> list[str]:
    """What a piece is called, and the title of each of its recordings."""
    (key,) = (row[1] for row in catalog.read_table("pieces") if row[0] == piece.id)
    titles = [recording.title for recording in catalog.recordings(piece.id)]
    return [f"{work_of(key)} {piece.slug} {piece.title} {piece.composer}", *titles]


def pieces_by_reading_all(catalog: Catalog, text: str) -> list[Piece]:
    pieces, wanted = catalog.pieces(), text.strip().casefold()
    keys = {row[1]: row[2] for row in catalog.read_table("pieces")}
    aliases = {slug: keys.get(key) for slug, key in catalog.read_table("aliases")}

    def of(slugs: set[str | None]) -> list[Piece]:
        return [piece for piece in pieces if piece.slug in slugs]

    if not wanted:
        return []
    return (
        of({wanted})
        or of({aliases.get(wanted)})
        or [piece for piece in pieces if piece.slug.startswith(wanted)]
        or [
            piece for piece in pieces if any(begin(text, name) for name in names_of(catalog, piece))
        ]
        or of({new for old, new in aliases.items() if old.startswith(wanted) or begin(text, old)})
    )


def recordings_by_reading_all(catalog: Catalog, text: str) -> list[Recording]:
    slugs = catalog.slugs()
    by_path, by_name, by_player, by_words = [], [], [], []
    for one in catalog.recordings():
        stem = os.path.splitext(os.path.basename(one.path))[0]
        if spell(one.path).endswith(f"/{spell(text)}") or spell(one.path) == spell(text):
            by_path.append(one)
        if spell(stem) == spell(text):
            by_name.append(one)
        elif begin(text, one.performer):
            by_player.append(one)
        if begin(text, f"{one.performer} {one.title} {slugs.get(one.id, '')} {stem}"):
            by_words.append(one)
    named = sorted(by_name + by_player, key=lambda r: (r.performer.casefold(), r.path, r.start))
    return by_path or (named if by_name else by_words)


ODD = (
    *(
        "/music/a/BWV_846.flac",
        "/CON\x07TROL/Tab\there.mp3",
        "/\u00c9tude/e\u0301t\u00fcde (2).wav",
    ),
    *("flat", "/top.ogg", "/a/", "//x//y.z.flac", '/"quo\\ted"/n\'t.aif', "/\udcff/\udcfe.flac"),
)


@pytest.mark.parametrize("path", ODD)
def test_the_words_of_a_recording_are_those_of_its_names_and_the_marks_of_its_path(path):
    stem = os.path.splitext(os.path.basename(path))[0]
    for performer, title in (("", ""), ("\u0141ucja O'Neil", 'Sonata "K_545", \x00 No. 2')):
        names = (path, ending(path), os.path.basename(path), stem)
        expected = {
            *map(name_mark, names),
            *words(fold(stem)),
            *words(fold(f"{performer} {title}")),
        }
        listed = recording_words("analysed", os.fsencode(path), performer, title)
        assert json.loads(listed) == sorted(expected)
    assert words_of_name(path) == words(fold(path))
    assert ending(path) == "/".join(path.split("/")[-2:])


def test_the_index_finds_what_reading_every_row_finds(path):
    with Catalog.open(path) as catalog:
        (take,) = find_recordings(catalog, "prelude_Arrau")
        for text in (*QUERIES, take.path):
            assert find_pieces(catalog, text) == pieces_by_reading_all(catalog, text), text
            assert find_recordings(catalog, text) == recordings_by_reading_all(catalog, text), text


def test_the_index_follows_every_change(path):
    generator = random.Random(0)
    for step in range(12):
        with Catalog.open(path, write=True) as catalog:
            pieces, takes = catalog.pieces(), catalog.recordings()
            piece, other = generator.sample(pieces, 2) if len(pieces) > 1 else (pieces[0],) * 2
            take = generator.choice(takes)
            if step % 4 == 0:
                corrections.rename(catalog, piece, f"Étude {step}")
            elif step % 4 == 1:
                corrections.assign(catalog, take, piece)
            elif step % 4 == 2 and piece.id != other.id:
                corrections.merge(catalog, piece, other)
            else:
                remove(catalog, [take.id])
                corrections.assign_new(catalog, catalog.recordings()[0], f"Waltz {step}")
        assert check(path, files=False).problems == []
        with Catalog.open(path) as catalog:
            for text in (*QUERIES, "etude", f"waltz {step}", f"étude-{step}"):
                assert find_pieces(catalog, text) == pieces_by_reading_all(catalog, text)
                assert find_recordings(catalog, text) == recordings_by_reading_all(catalog, text)


@pytest.mark.parametrize("table", ["words_of_recordings", "word_totals_of_recordings"])
def test_a_name_that_was_lost_is_damage_and_not_a_miss(path, table):
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER words_of_recordings_removed")
    connection.execute(f"DELETE FROM {table} WHERE word = 'gould'")
    connection.commit()
    connection.close()
    with Catalog.open(path) as catalog, pytest.raises(EsprError) as raised:
        find_recordings(catalog, "gould")
    assert raised.value.exit_code == LIBRARY_DAMAGED
