"""Short readable names of pieces: "chopin-nocturne-op-9-2", "bach-prelude-bwv-846"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from espr.folding import fold, words
from espr.works.composers import composers_in
from espr.works.work_identification import identify_title

# Long enough for "beethoven-violin-sonata-op-30-2-3", short enough to type with a prefix.
LONGEST = 44
# Terms that `musical_terms.py` writes as one word.
_SPELT = {
    "momentmusical": "moment musical",
    "lyricpiece": "lyric piece",
    "songwithoutwords": "song without words",
    "hungarianrhapsody": "hungarian rhapsody",
    "hungariandance": "hungarian dance",
    "spanishdance": "spanish dance",
    "etudetableau": "etude tableau",
    "transcendentaletude": "etude",
    "concertetude": "etude",
    "paganinietude": "etude",
    "englishsuite": "english suite",
    "frenchsuite": "french suite",
    "mephistowaltz": "mephisto waltz",
    "brandenburgconcerto": "brandenburg concerto",
    "albumleaf": "album leaf",
}


def _cut(parts: list[str]) -> str:
    text = ""
    for part in parts:
        longer = f"{text}-{part}" if text else part
        if text and len(longer) > LONGEST:
            break
        text = longer
    return text[:LONGEST].strip("-")


def slug(title: str, composer: str) -> str:
    """A short readable name of lower-case ASCII letters, digits and hyphens.

    With a composer: surname, form, catalogue number and part where the title tells them, else
    the surname and the title's words. Without: the words of the title.
    """
    plain = [word for word in words(fold(title)) if word.isascii()]
    if not composer:
        return _cut(plain) or "piece"
    named = composers_in(composer)
    head = named[0].id if named else "".join(words(fold(composer))[-1:])
    identity = identify_title(title, named[0].id) if named else None
    if identity is None or not identity.sure:
        rest = [word for word in plain if word not in (head, *head.split("-"))]
        return _cut([head, *rest]) or "piece"
    form = identity.series[0]
    half = identity.part if identity.part.isalpha() else ""
    middle = half or form
    work = words(identity.work)
    middle = _SPELT.get(middle, middle)
    if middle and any(word.startswith(middle) for word in work):  # "gymnopedies" says it
        middle = ""
    parts = [head, *words(middle), *work]
    if identity.part and not half:
        parts += words(identity.part)
    elif identity.tempo:
        parts += identity.tempo
    return _cut([part for part in parts if part]) or "piece"


def unique_slugs(
    pieces: Iterable[tuple[str, str, str]],
    taken: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Grouping key → slug, for pieces given as (key, title, composer's name).

    Keys that `taken` holds keep their slug, so that no slug changes because an unrelated piece
    came. Two pieces that would share one are told apart by "-2", "-3".
    """
    slugs = dict(taken)
    used = set(slugs.values())
    for key, title, composer in sorted(pieces):
        if key in slugs:
            continue
        name = base = slug(title, composer)
        number = 2
        while name in used:
            name, number = f"{base}-{number}", number + 1
        slugs[key] = name
        used.add(name)
    return slugs
