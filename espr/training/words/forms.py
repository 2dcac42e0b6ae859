"""Forms of a word agree, and words that a prefix or suffix makes opposites oppose.

The sentence encoder reads "sings" and "singing" in contexts of their own, and corpora say
"loudness" of other things than "loud". So each word whose family holds a word that describes
better, its head, is drawn half way to it, and a word like "uneven" is turned away from "even". The
head stays where it is: what the other stages know of describing words is kept.

Families come from WordNet's pointers ("derivationally related", and of adverbs "derived from"),
from inflections that are no lemmas of their own ("sings"), and from suffixes (``SUFFIXES``) where
the two words lie near each other anyway. Opposites are ``un-``, ``in-``, ``dis-``, ``non-`` and
``-less`` where WordNet has the two as antonyms, or its gloss says "not", "lacking", "without".

The words of the named pairs (``CHECKED``) never move.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from espr.query_language.grammar_tables import MODIFIERS
from espr.query_language.inflection import bases
from espr.query_language.score_terms import CHECKED, Entry
from espr.query_language.spelling import variants
from espr.training.vocabulary import WordNet
from espr.training.words.base import units

SHARE = 0.5  # of its head in a word
OPPOSED = -0.3  # cosine of opposites
NEAR = 0.4  # cosine from which a suffix makes a form: "party" is no form of "part"
# (ending of the form, endings of the word that it may come from)
SUFFIXES = (
    ("ness", ("",)), ("ity", ("", "e", "al")), ("dom", ("",)), ("ism", ("", "ic", "ical", "al")),
    ("y", ("", "e", "ic", "ical", "etic", "ous", "ious")), ("th", ("",)), ("ence", ("ent",)),
    ("ance", ("ant",)), ("cy", ("t", "te")), ("ion", ("", "e", "ive")), ("ure", ("",)),
    ("", ("ful", "y", "ous", "ic", "ical", "ly", "ing", "ed", "ive")), ("e", ("ing", "ed", "ive")),
    ("ity", ("ous", "ious")), ("our", ("orful", "ourful")), ("ment", ("", "ed", "ing")),
)  # fmt: skip
_PREFIXES = ("un", "in", "im", "il", "ir", "dis", "non", "non-")
_SURE = ("un", "dis", "non")  # before an adjective they deny it: "inflammable" is no denial
_DENIES = re.compile(
    r"\b(not|without|lack|lacks|lacking|absence|deficient|devoid|free (from|of)|no)\b"
)
_SHORTEST = 4  # letters of the word that a prefix is put before
_NO_FORMS = MODIFIERS | {"supply", "attack"}  # the attack of a note is no assault


@dataclass(frozen=True)
class Relations:
    """``heads``: what each word is drawn to; ``opposites``: what each is turned from."""

    heads: Mapping[str, str]
    opposites: Mapping[str, str]


def read_relations(
    folder: Path, words: Sequence[str], rows: np.ndarray, lexicon: Sequence[Entry]
) -> Relations:
    """The relations among ``words``; ``folder`` is WordNet's, ``rows`` are of unit length."""
    wordnet, pointers = WordNet(folder), _read_pointers(folder)
    place = {word: position for position, word in enumerate(words)}
    terms = {entry.key for entry in lexicon if entry.is_english}
    opposites = _read_opposites(wordnet, pointers, place)
    denying = set(opposites)

    heads = {}
    for word in words:
        # an adjective has a meaning of its own: "moving" is more than "move"
        if " " in word or word in _NO_FORMS or _is_adjective(word, wordnet):
            continue
        # how well each describes: a term of the lexicon before an adjective before others
        relatives = {
            other: (2 * (other in terms) + describes, -place[other])
            for other, describes in _relatives(word, wordnet, pointers, place, rows)
            if other in place and other not in _NO_FORMS and (other in denying) == (word in denying)
        }
        own = (2 * (word in terms), -place[word])
        best = max(relatives, key=relatives.__getitem__, default=word)
        is_inflection = word not in wordnet.classes
        if relatives.get(best, own) > own and (relatives[best][0] > own[0] or is_inflection):
            heads[word] = best
    return Relations(heads, opposites)


def _is_adjective(word: str, wordnet: WordNet) -> bool:
    return any(name.startswith("adj") for name in wordnet.classes.get(word, ()))


def related(words: Sequence[str], rows: np.ndarray, relations: Relations) -> np.ndarray:
    """``rows`` with each word drawn to its head and turned from its opposite, unit rows."""
    place = {word: position for position, word in enumerate(words)}
    moved: dict[str, np.ndarray] = {}

    def row(word: str, pending: frozenset[str] = frozenset()) -> np.ndarray:
        own: np.ndarray = rows[place[word]]
        if word in moved or word in CHECKED or word in pending:
            return moved.get(word, own)
        pending = pending | {word}
        if head := relations.heads.get(word):
            own = units((1.0 - SHARE) * own[None] + SHARE * row(head, pending)[None])[0]
        if opposite := relations.opposites.get(word):
            own = _turned(own, row(opposite, pending))
        moved[word] = own
        return own

    return np.array([row(word) for word in words])


def _turned(row: np.ndarray, other: np.ndarray) -> np.ndarray:
    """``row`` with a cosine of at most ``OPPOSED`` with ``other``, the rest of it kept."""
    cosine = float(row @ other)
    if cosine <= OPPOSED:
        return row
    rest = units((row - cosine * other)[None])[0]
    turned: np.ndarray = OPPOSED * other + np.sqrt(1.0 - OPPOSED**2) * rest
    return turned


@dataclass(frozen=True)
class _Pointers:
    """Of WordNet's lemmas: related adjectives, other related lemmas, antonyms, and all glosses."""

    adjectives: Mapping[str, set[str]]
    others: Mapping[str, set[str]]
    antonyms: Mapping[str, set[str]]
    glosses: Mapping[str, str]


def _read_pointers(folder: Path) -> _Pointers:
    synsets: dict[tuple[str, str], tuple[str, ...]] = {}
    links: list[tuple[str, str, str, int]] = []
    glosses: dict[str, str] = {}
    for part, letters in (("noun", "n"), ("verb", "v"), ("adj", "as"), ("adv", "r")):
        for line in (folder / f"data.{part}").read_text("utf-8").splitlines():
            if line.startswith(" "):
                continue
            synset, _, gloss = line.partition("|")
            fields = synset.split()
            count = int(fields[3], 16)
            lemmas = tuple(
                re.sub(r"\([a-z]+\)$", "", fields[4 + 2 * k]).replace("_", " ").lower()
                for k in range(count)
            )
            for letter in letters:
                synsets[letter, fields[0]] = lemmas
            for lemma in lemmas:
                glosses[lemma] = glosses.get(lemma, "") + gloss.partition('"')[0]
            at = 5 + 2 * count
            for k in range(int(fields[at - 1])):
                symbol, offset, other, ends = fields[at + 4 * k : at + 4 * k + 4]
                if symbol in ("+", "!") or (symbol == "\\" and part == "adv"):
                    own = int(ends[:2], 16) - 1
                    links.append((symbol + lemmas[own], other, offset, int(ends[2:], 16) - 1))
    adjectives: dict[str, set[str]] = {}
    others: dict[str, set[str]] = {}
    antonyms: dict[str, set[str]] = {}
    for named, letter, offset, at in links:
        symbol, lemma, other = named[0], named[1:], synsets[letter, offset][at]
        if symbol == "!":
            antonyms.setdefault(lemma, set()).add(other)
        elif letter in "as":  # to the adjective: "longing" comes from the verb "long"
            adjectives.setdefault(lemma, set()).add(other)
        else:
            others.setdefault(lemma, set()).add(other)
    return _Pointers(adjectives, others, antonyms, glosses)


def _relatives(
    word: str,
    wordnet: WordNet,
    pointers: _Pointers,
    place: Mapping[str, int],
    rows: np.ndarray,
) -> Iterator[tuple[str, bool]]:
    """Words of the family of ``word``, and whether they are of it as adjectives."""
    for form in (word, *variants(word)):
        yield from ((other, False) for other in pointers.others.get(form, ()))
        yield from ((other, True) for other in pointers.adjectives.get(form, ()))
    if word not in wordnet.classes:
        yield from ((base, False) for base in bases(word) if base in wordnet.classes)
    for ending, replacements in SUFFIXES:
        stem = word.removesuffix(ending) if ending else word
        if (stem == word and ending) or len(stem) < _SHORTEST - 1:
            continue
        for replacement in replacements:
            other = stem + replacement
            if other in place and rows[place[word]] @ rows[place[other]] >= NEAR:
                yield other, _is_adjective(other, wordnet)


def _read_opposites(
    wordnet: WordNet, pointers: _Pointers, place: Mapping[str, int]
) -> dict[str, str]:
    opposites = {}
    for word in place:
        for base in _denied(word):
            if base not in place or base not in wordnet.classes:
                continue
            forms = (word, *variants(word))
            is_antonym = any(base in pointers.antonyms.get(form, ()) for form in forms)
            glosses = " ".join(pointers.glosses.get(form, "") for form in forms)
            is_adjective = word.startswith(_SURE) and all(map(wordnet.describes, (word, base)))
            if is_antonym or is_adjective or _DENIES.search(glosses):
                opposites[word] = base
                break
    return opposites


def _denied(word: str) -> Iterator[str]:
    """The words that ``word`` may be the denial of."""
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) >= len(prefix) + _SHORTEST:
            yield word.removeprefix(prefix)
    stem = word.removesuffix("less")
    if stem != word and len(stem) >= _SHORTEST - 1:
        yield from (stem + "ful", stem)
