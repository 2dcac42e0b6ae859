"""The piece that a recording's tags name: WORK + MOVEMENT, else composer + title."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from espr.folding import fold
from espr.works.catalogue_numbers import OWN_CATALOGUES, composer_of_catalogue, roman
from espr.works.composers import Composer, composer_by_id, composers_in, unlisted_composer
from espr.works.identity import Identity
from espr.works.known_works import known_place
from espr.works.repertoire import composer_of_name
from espr.works.tags import Tags
from espr.works.title_terms import terms
from espr.works.titles import read_title, title_composers
from espr.works.work_identification import identify, identify_title

_NOT_A_PERSON = re.compile(
    r"(?:various|unknown|anonym\w*|trad\w*|verschiedene|diverse|n/?a|-|\?)?.{0,9}",
    re.IGNORECASE,
)
# What a ripper writes where no title is known: "Track 01" of two discs is not one piece.
_NO_TITLE = re.compile(
    r"(?:audio\s?)?(?:track|titel|titre|piste|plage|traccia|pista|spur|untitled)[\s._#-]*\d*",
    re.IGNORECASE,
)
# An album of several works says nothing of which one a track is.
_SEVERAL = re.compile(
    r"\bnos\b|\bn(?:o|r)s?\.?\s*\d+\s*(?:,|&|\+|-|/|and|und|et)|[;&+/]|\b(?:and|und|et)\b(?! fug)|"
    r"\b(?:sonatas|sonaten|sonates|concertos|concerti|konzerte|symphonies|suites|works|pieces"
    r"|best of)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TagIdentity:
    """What tags tell: the piece (or None), the rule, the composers' ids, the composer's name."""

    identity: Identity | None
    rule: str
    composers: tuple[str, ...]
    composer_name: str


def _found_composers(tags: Tags) -> tuple[Composer, ...]:
    found = composers_in(tags.composer) if tags.composer else ()
    found = found or (title_composers(tags.title) if tags.title else ())
    if not found and tags.work:
        found = title_composers(tags.work)
    for names in (tags.artist, tags.album_artist):
        # Kempff and Horowitz composed, too, but as artists they play.
        found = found or tuple(one for one in composers_in(names) if not one.needs_forename)
    if not found and tags.album:
        album = composers_in(tags.album, names_only=False)
        found = album if len(album) == 1 else ()
    return found


def _given_away(text: str) -> str:
    folded = fold(text)
    return composer_of_catalogue(folded) or composer_of_name(terms(folded))


@lru_cache(maxsize=65536)
def _arrangers(title: str, who: str, born: int) -> str:
    """Later composers whom a label or a bracket names alone: "Bach-Busoni: …", "… (Siloti)"."""
    folded = fold(title)
    label = re.match(r"\s*([^:]{3,50}?)(?::|\s-\s)", folded)
    texts = [
        *re.findall(r"[(\[]([^()\[\]]{3,50})[)\]]", folded),
        *([label[1]] if label else []),
    ]
    for text in texts:
        found = composers_in(text)
        others = [one.id for one in found if one.id != who and one.born > born]
        if others and len(terms(text)) <= 3 * len(found):
            return " ".join(sorted(others))
    return ""


def _own_arrangement(title: str, found: tuple[Composer, ...]) -> Composer | None:
    """The later composer whose catalogue holds the arrangement: Liszt of "Rigoletto, S. 434"."""
    first = min(found, key=lambda one: (one.id in OWN_CATALOGUES, one.born))
    of_first = read_title(title, first.id).catalogue
    if any(number.system != "op" and not number.is_general for number in of_first):
        return None  # "Prelude and Fugue in A minor, BWV 543", whoever arranged it
    for one in sorted(found, key=lambda one: (one.id not in OWN_CATALOGUES, -one.born)):
        if one is first:
            continue
        read = read_title(title, one.id)
        own = any(number.system in OWN_CATALOGUES.get(one.id, ()) for number in read.catalogue)
        identity = identify(read, one.id) if own or known_place(read, one.id) else None
        if identity is not None and identity.sure:
            return one
    return None


def _movement_title(tags: Tags) -> str:
    """Work and movement in one title, as labels print it: "Sonata, Op. 109: III. Presto"."""
    number = tags.movement_number.strip().split("/")[0].strip(". ")
    title = tags.movement.strip()
    if not title and not number:
        title = tags.title.strip()
        if fold(title).lower().startswith(fold(tags.work).lower()[:20]):
            return title
    # no work has a hundred movements, and a "²" is a digit but no number
    counted = number.isdecimal() and len(number) < 3 and int(number) > 0
    if counted and not re.match(r"\W*(?:[IVX]+|\d+)[.):]?\s", title):
        title = f"{_roman(int(number))}. {title}"
    elif number and roman(number):
        title = f"{number.upper()}. {title}"
    return f"{tags.work}: {title}" if title else tags.work


def _roman(number: int) -> str:
    tens, units = divmod(number, 10)
    return "X" * tens + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[units]


def _work_movement(tags: Tags, who: str) -> Identity | None:
    if not tags.work:
        return None
    whole = identify_title(tags.work, who)
    stated = bool(tags.movement or tags.movement_number)
    # iTunes' "grouping" shares a frame with WORK and may hold anything.
    if whole is None or not (whole.sure or stated or read_title(tags.work, who).form):
        return None
    return identify_title(_movement_title(tags), who)


def _with_album(tags: Tags, who: str) -> Identity | None:
    """A title that names only a movement, understood by an album that names only one work."""
    if not tags.album or _SEVERAL.search(fold(tags.album)):
        return None
    whole = identify_title(tags.album, who)
    if whole is None or not whole.sure or whole.part:
        return None
    found = identify_title(f"{tags.album}: {tags.title}", who)
    if found is None or not found.work.startswith(whole.work):
        return None
    return found if found.part or found.tempo or found.work != whole.work else None


@lru_cache(maxsize=131072)
def _identity(tags: Tags) -> TagIdentity:
    found = _found_composers(tags)
    name = found[0].name if found else tags.composer.strip()
    who = found[0].id if found else ""
    arranger = ""
    if len(found) > 1:
        first, *later = sorted(found, key=lambda one: one.born)
        who, name = first.id, first.name
        arranger = " ".join(sorted(one.id for one in later))
    if not who and tags.composer and not _NOT_A_PERSON.fullmatch(fold(tags.composer)):
        who = unlisted_composer(tags.composer)
    if not who:
        who = _given_away(f"{tags.work} {tags.title}")
        known = composer_by_id(who)
        name = known.name if known else name
    if arranger and (own := _own_arrangement(tags.title, found)):
        who, name, arranger = own.id, own.name, ""
    ids = tuple(one.id for one in found) or ((who,) if who else ())
    identity, rule = _work_movement(tags, who), "work+movement"
    if identity is None and who and tags.title and not _NO_TITLE.fullmatch(tags.title.strip()):
        identity, rule = identify_title(tags.title, who), "composer+title"
        if identity is None or not identity.sure:
            identity = _with_album(tags, who) or identity
    if identity is not None and not identity.composer:
        identity = None  # a title alone is no piece: many share "Prelude"
    known = composer_by_id(who)
    if known and not arranger:
        arranger = _arrangers(tags.title, who, known.born)
    if identity is not None and arranger and not identity.arranged:
        identity = replace(identity, arranged=arranger)
    return TagIdentity(identity, rule if identity else "", ids, name)


def tag_identity(tags: Tags) -> TagIdentity:
    """The piece that tags name; the same tags of another disc, track or date give the same."""
    # Artists are asked only where no composer is known: takes of a piece are then understood once.
    known = bool(tags.composer) and bool(composers_in(tags.composer))
    return _identity(
        Tags(
            title=tags.title,
            artist="" if known else tags.artist,
            album=tags.album,
            album_artist="" if known else tags.album_artist,
            composer=tags.composer,
            work=tags.work,
            movement=tags.movement,
            movement_number=tags.movement_number,
        )
    )
