"""Titles of one piece give one key, titles of two pieces two, in the languages of the labels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from espr.folding import fold
from espr.works.catalogue_numbers import find_catalogue_numbers, roman
from espr.works.composers import composers_in
from espr.works.musical_keys import find_key
from espr.works.repertoire import repertoire_of
from espr.works.titles import clean_title, read_title, title_composers
from espr.works.work_identification import identify


def key(title: str, composer: str) -> str:
    identity = identify(read_title(title, composer), composer)
    return identity.key if identity else ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Prelude in C-sharp minor", "c sharp minor"),
        ("Prelude in C# minor", "c sharp minor"),
        ("Prelude in C♯ minor", "c sharp minor"),
        ("Präludium cis-Moll", "c sharp minor"),
        ("Prélude en ut dièse mineur", "c sharp minor"),
        ("Preludio in do diesis minore", "c sharp minor"),
        ("Preludio en do sostenido menor", "c sharp minor"),
        ("Sonate B-Dur", "b flat major"),
        ("Sonata in B♭", "b flat major"),
        ("Sonate en si bémol majeur", "b flat major"),
        ("Sonata h-moll", "b minor"),
        ("Sonata in Si minore", "b minor"),
        ("Impromptu As-dur", "a flat major"),
        ("Sonata in c, Op. 13", "c minor"),
        ("Concerto No. 23 in A for Piano", "a major"),
        ("In a Landscape", ""),
        ("A Minor Bird", "a minor"),
        ("Moonlight", ""),
    ],
)
def test_keys_in_several_languages(text: str, expected: str) -> None:
    assert find_key(fold(text))[0] == expected


@pytest.mark.parametrize(
    "text",
    ["Op. 27 No. 2", "op.27/2", "Op 27, Nr. 2", "Opus 27 n° 2", "op. 27 n.º 2", "Op.27: No. 2"],
)
def test_opus_numbers(text: str) -> None:
    (number,), _ = find_catalogue_numbers(fold(text), "beethoven")
    assert (number.system, number.number, number.sub) == ("op", "27", "2")


@pytest.mark.parametrize(
    ("text", "composer", "expected"),
    [
        ("BWV 846-869: Prelude, BWV 846", "bach", "bwv 846"),
        ("KV 331 (300i)", "mozart", "kv 331"),
        ("K310/300d", "mozart", "kv 310"),
        ("K. 330", "scarlatti", "kk 330"),
        ("Kk 141, L 422", "scarlatti", "kk 141"),
        ("D899 No 3", "schubert", "d 899"),
        ("H.XVI No.52", "haydn", "hob 16:52"),
        ("Hob. XVI/52", "haydn", "hob 16:52"),
        ("S.244/2", "liszt", "s 244"),
        ("WoO 59", "beethoven", "woo 59"),
        ("Wq. 117:2", "bach-cpe", "wq 117:2"),
    ],
)
def test_catalogues(text: str, composer: str, expected: str) -> None:
    assert find_catalogue_numbers(fold(text), composer)[0][0].work == expected


def test_a_letter_is_a_catalogue_only_for_its_composer() -> None:
    assert find_catalogue_numbers("Suite in D 960", "debussy")[0] == ()


def test_roman_numerals() -> None:
    assert [roman(text) for text in ("I", "iv", "XIV", "XXX", "IIII", "ABC")] == [
        1,
        4,
        14,
        30,
        0,
        0,
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bach, Johann Sebastian (1685-1750)", ["bach"]),
        ("J.S. Bach", ["bach"]),
        ("JS Bach", ["bach"]),
        ("C.P.E. Bach", ["bach-cpe"]),
        ("Johann Christian Bach", ["bach-jc"]),
        ("Fryderyk Chopin", ["chopin"]),
        ("Sergej Rachmaninow", ["rachmaninoff"]),
        ("Peter Iljitsch Tschaikowsky", ["tchaikovsky"]),
        ("Schumann, Clara", ["schumann-c"]),
        ("Felix Mendelssohn-Bartholdy", ["mendelssohn"]),
        ("Fanny Mendelssohn", ["hensel"]),
        ("Bach-Busoni", ["bach", "busoni"]),
        ("Elisabeth Schumann", []),
        ("Arthur Rubinstein", []),
        ("Alban Berg Quartett", []),
        ("Haydn, Franz Joseph", ["haydn"]),
    ],
)
def test_composers(text: str, expected: list[str]) -> None:
    assert [composer.id for composer in composers_in(text)] == expected


def test_composers_as_labels_of_titles() -> None:
    assert [one.id for one in title_composers("2 - Chopin: Nocturne in E-flat")] == ["chopin"]
    assert title_composers("Variations and Fugue on a Theme by Handel, Op. 24") == ()


SAME = [
    (
        "beethoven",
        "op 27/2|3",
        'Piano Sonata No. 14 in C-Sharp Minor, Op. 27 No. 2 "Moonlight": III. Presto agitato',
        "Mondscheinsonate - 3. Satz",
        "Moonlight Sonata (3rd Movement)",
        "Sonate n°14 en ut dièse mineur, op. 27 n°2 « Clair de lune » : Presto agitato",
        "Sonata quasi una fantasia cis-Moll op. 27/2: 3. Presto agitato [Live]",
    ),
    (
        "beethoven",
        "woo 59",
        "Für Elise",
        "Bagatelle No. 25 in A Minor, WoO 59",
        "Fuer Elise (Albumblatt a-Moll)",
    ),
    (
        "bach",
        "bwv 846|prelude",
        "Das Wohltemperierte Klavier: Book 1, BWV 846-869: Prelude in C Major, BWV 846",
        "WTC I: Prelude No. 1 in C major",
        "Prelude & Fugue No. 1 in C Major, BWV 846: I. Prelude (2015 Remastered)",
        "Le Clavier bien tempéré, Livre I: Prélude en ut majeur",
    ),
    ("chopin", "op 28/15", "Raindrop Prelude", "24 Preludes, Op.28: 15. In D Flat", "Op. 28/15"),
    ("chopin", "op 9/2", "Nocturne No. 2", "Nocturnes, Op. 9: No. 2 in E-Flat Major. Andante"),
    ("schubert", "d 899/3", "Impromptu in G-Flat Major, Op. 90 No. 3", "Impromptu Ges-dur D 899/3"),
    ("mozart", "kv 331|3", "Rondo alla turca", "Klaviersonate A-Dur KV 331 (300i): 3. Alla Turca"),
    (
        "rachmaninoff",
        "op 3/2",
        "Prelude in C-sharp minor",
        "Morceaux de fantaisie, Op. 3: II. Prelude",
        "The Bells of Moscow",
    ),
    ("liszt", "s 541/3", "Liebestraum", "Liebesträume, S. 541: No. 3 in A-Flat Major"),
    ("schumann", "op 15/7", "Träumerei", "Kinderszenen, Op. 15: VII. Träumerei", "Op. 15 No. 7"),
    ("debussy", "bergamasque|3", "Clair de lune", "Suite bergamasque, L. 75: III. Clair de lune"),
    ("chopin", "op 47", "Ballade No. 3, Op. 47", "Ballade in A-flat, Op. 47, No. 3"),
    ("beethoven", "op 111|2", "Sonata Op. 111 No. 32: II. Arietta", "Sonata Op. 111: Arietta"),
    ("beethoven", "op 10/3", "Sonata in D, Op. 10,3", "Sonata Op-10 No-3", "Sonata op. 10 No.3"),
    ("bach", "bwv 552|fugue", "BWV 552.2 Fugue", "Prelude and Fugue, BWV 552: Fugue"),
    ("schumann", "op 99/12", "Bunte Blätter: Abendmusik", "Bunte Blätter, Op. 99: 12. Abendmusik"),
    (
        "mussorgsky",
        "pictures/12",
        "Pictures at an Exhibition: X. The Great Gate of Kiev",
        "Bilder einer Ausstellung: 15. Das große Tor von Kiew",
    ),
]


@pytest.mark.parametrize("case", SAME, ids=lambda case: f"{case[0]} {case[1]}")
def test_one_piece_one_key(case: tuple[str, ...]) -> None:
    composer, expected, *titles = case
    assert {key(title, composer) for title in titles} == {f"{composer}|{expected}"}


NEAR_MISSES = [
    ("bach", "Prelude in C major, BWV 846", "Prelude in C major, BWV 870"),
    ("bach", "Prelude in C major, BWV 846", "Fugue in C major, BWV 846"),
    ("bach", "Prelude in C major, BWV 846", "Prelude and Fugue in C major, BWV 846"),
    ("bach", "Chaconne, BWV 1004", "Chaconne, BWV 1004 (arr. Busoni)"),
    ("chopin", "Nocturne in E flat, Op. 9 No. 2", "Nocturne in E flat, Op. 55 No. 2"),
    ("beethoven", "Moonlight Sonata: I. Adagio sostenuto", "Moonlight Sonata"),
    ("beethoven", "Piano Sonata No. 5", "Violin Sonata No. 5"),
    ("beethoven", "Sonata Op. 2 No. 1: I. Allegro", "Sonata Op. 10 No. 2: I. Allegro"),
    ("debussy", "Préludes, Book 1: No. 8", "Préludes, Book 2: No. 8"),
    ("scarlatti", "Sonata in B minor, K. 27", "Sonata in B minor, K. 87"),
    # a name, number or key does not override what contradicts it
    ("beethoven", "Piano Sonata No. 8 in C minor", "Piano Sonata No. 8 in E major"),
    ("chopin", "Waltz in B minor, Op. 69 No. 2", "Waltz No. 20 in B minor, Op. posth."),
    ("chopin", 'Waltz No. 9 "L\'adieu"', 'Polonaise "Adieu"'),
    ("chopin", "Mazurka in A-flat live", "Mazurka in A major"),
    ("schumann", "Carnaval", "Carnaval de Vienne"),
    ("liszt", "Liebesträume No. 2", "Liebestraum No. 3"),
    ("liszt", "Réminiscences de 'Robert le diable'", "Réminiscences de 'Lucrezia Borgia'"),
    # parts do not collapse into the whole
    ("schumann", "Fantasiestücke, Op. 111: I.", "Fantasiestücke, Op. 111"),
    ("debussy", "Children's Corner", "Children's Corner: Jimbo's Lullaby"),
    ("grieg", "Holberg Suite, Op. 40: Sarabande", "Holberg Suite, Op. 40: Air"),
    ("beethoven", "Sonata Op. 110: IIIa. Adagio", "Sonata Op. 110: IIIb. Fuga"),
    ("bach", "Prelude, BWV 533.1", "Fugue, BWV 533.2"),
    # lists are several pieces
    ("chopin", "Etudes, Op. 25 Nos. 1 & 2", "Etude, Op. 25 No. 1"),
    ("chopin", "Preludes, Op. 28 No. 7-12", "Prelude, Op. 28 No. 7"),
    # catalogues that are not listed for the composer
    ("purcell", "Ground in C minor, Z. 221", "Ground in C minor, Z. 681"),
    # "Tempo I" is no first movement
    ("brahms", "Trio Op. 8: II. Scherzo - Tempo I", "Trio Op. 8: III. Adagio - Tempo I"),
]


@pytest.mark.parametrize(("composer", "first", "second"), NEAR_MISSES)
def test_near_misses_stay_apart(composer: str, first: str, second: str) -> None:
    assert key(first, composer) != key(second, composer)


@pytest.mark.parametrize("title", ["Allegro", "I. Adagio", "Sonata", "Variation 5", "", "02"])
def test_a_tempo_or_a_form_alone_names_no_piece(title: str) -> None:
    assert key(title, "beethoven") == ""


def test_clean_titles_keep_their_spelling() -> None:
    assert clean_title("03 - Chopin: Étude op. 10 n° 3 [2011 Remaster]") == "Étude op. 10 n° 3"
    assert clean_title("Für Elise - Live") == "Für Elise"
    assert clean_title("Le tombeau de Couperin: VI. Toccata").startswith("Le tombeau")


def test_every_work_of_the_repertoire_is_found_by_its_number() -> None:
    for composer in ("bach", "beethoven", "chopin", "schubert", "brahms"):
        for number, (work, *_) in repertoire_of(composer).works.items():
            system, _, value = number.partition(" ")
            if system in ("op", "bwv", "d", "woo", "kv") and value[-1].isdigit():
                written = f"{system} {value.replace('/', ' No. ')}"
                assert key(written, composer) == f"{composer}|{work.id}"


@given(st.text(max_size=80), st.sampled_from(["", "bach", "haydn", "mozart", "debussy", "nobody"]))
def test_any_text_can_be_read(text: str, composer: str) -> None:
    assert fold(fold(text)) == fold(text)
    identity = identify(read_title(text, composer), composer)
    assert identity is None or identity.key.startswith(composer)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Sonata Op. 57, II. Andante con moto - III. Allegro ma non troppo", "op 57|2-3"),
        ("Sonata Op. 57: I. Allegro assai - II. Andante con moto - III. Allegro", "op 57"),
        ("Sonata Op. 57, 2nd and 3rd mvmts.", "op 57|2-3"),
        ("Sonata Op. 54: 2. Allegretto - 3. Più allegro", "op 54|2"),
        ("Sonata Op. 31 No. 2: iii Allegretto", "op 31/2|3"),
        ("Second Piano Sonata", "op 2/2"),
        ("Sonata number XXIII", "op 57"),
    ],
)
def test_movements_written_out(title: str, expected: str) -> None:
    assert key(title, "beethoven") == f"beethoven|{expected}"


def test_a_number_beside_a_bwv_number_counts_the_series() -> None:
    assert key("BWV 847 No. 2, Well-Tempered Clavier I", "bach") == "bach|bwv 847"
    assert key("BWV 847.2", "bach") == "bach|bwv 847|fugue"
    assert key("Two-Part Invention No. 8, BWV 779", "bach") == "bach|bwv 779"
