"""A piece is found by any of its names, and several fits are all listed."""

import pytest

from espr.catalog.catalog import Catalog
from espr.catalog.regroup import bring_up_to_date
from espr.works.tags import Tags
from tests.catalog.test_affected_recordings import hear

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
            return sorted(names[piece.title] for piece in catalog.find_pieces(words))

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
