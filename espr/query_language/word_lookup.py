"""Which words of the vocabulary a typed word is.

What a score abbreviates ("mf") is what it stands for, and "softer" and "softest" are "soft". Any
other word is read as typed; else without the letters that stretch it ("slooow"); else in the other
spelling (British, American, "ue" for "ü"); else as the base that it is an inflection of; else,
with a negation or a degree, as the word inside it ("unpedalled" is not "pedalled"); else as the
one word of which it is a likely slip. Every reading but as typed is shown. A misspelling of several
words is left unknown, and they are suggested; for a score's term that the vectors lack, its gloss
is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from espr.query_language.grammar_tables import (
    COMMA,
    GRAMMATICAL,
    MODIFIERS,
    NEGATING_SUFFIXES,
    PREFIXES,
    STOP,
    STOP_WORDS,
)
from espr.query_language.inflection import adjective, bases, cognates, derivations, foreign_bases
from espr.query_language.languages import SMALL_WORDS
from espr.query_language.score_terms import find_entry, is_foreign
from espr.query_language.spelling import (
    ABBREVIATIONS,
    MISSPELT,
    other_words,
    pianists,
    unstretched,
    variants,
)
from espr.query_language.tokenizer import Token, Typed

MOST_SUGGESTED_FOR = 8  # unknown words of a query that are looked up: 5 ms each
_SHORTEST_BASE = 4  # letters: "siced" is a misspelling, not a form of "sic"
_LONGEST_WORD = 4  # parts of a word of the vocabulary: "con tutta la forza"
_SUGGESTED = 3  # words for one that is not known
_COMPARED = 8  # words spelt nearly alike, among which the one that is meant must stand alone
_VOWELS = frozenset("aeiouy")
_NO_BASES = STOP_WORDS | MODIFIERS | MISSPELT.keys()  # "quitely" is no form of "quite"
SHORTEST_CORRECTED = 5  # letters: a shorter word is one edit from a dozen others
_LONG = 7  # letters: "dramtic" is "dramatic" rather than "drastic"


class Vocabulary(Protocol):
    """The words that the vectors know."""

    def __contains__(self, word: object) -> bool: ...

    @property
    def phrases(self) -> Mapping[str, str]:
        """Words of several parts by their spaced form: "laid back" is ``laid-back``."""

    def suggest(self, word: str, n: int = 3) -> tuple[str, ...]:
        """Up to ``n`` words of the vocabulary spelt nearly like ``word``, the nearest first."""


def resolve(word: str, vocabulary: Vocabulary) -> str | None:
    """The word of the vocabulary that ``word`` is: as typed, respelt, or its base form."""
    if (compared := adjective(word)) is not None and compared in vocabulary:
        return compared
    if word in vocabulary:
        return word
    for form in _forms(word):
        if form in vocabulary and form not in _NO_BASES:
            return form
    return None


def _forms(word: str) -> Iterator[str]:
    """What ``word`` may be a respelling or an inflection of, the likeliest first."""
    yield from variants(word)
    plural = (word.removesuffix("s"),) if word.endswith("s") else ()
    for inflected in (word, *plural):  # "leanings" is the plural of a participle
        for base in bases(inflected):
            if len(base) >= _SHORTEST_BASE:
                yield base
                yield from variants(base)
    yield from (base for base in derivations(word) if len(base) >= _SHORTEST_BASE)
    if len(word) > _SHORTEST_BASE:  # "dawdle": what describes a performance is a participle
        yield word.removesuffix("e") + "ing"
    yield from filter(is_foreign, foreign_bases(word))
    yield from cognates(word)


class Recogniser:
    """Recognises the words of one query, its exclusions included."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._suggested: dict[str, tuple[str, ...]] = {}
        self._words: dict[str, str] = {}
        self._tokens: dict[str, list[Token]] = {}

    def tokens(self, word: Typed, before: Typed | None = None) -> list[Token]:
        """What a token of :func:`espr.query_language.tokenizer.tokenise_typed` is read as.

        An unknown word with a capital within a clause is a name, and so is a known pianist's.
        """
        folded, typed = word.folded, word.typed
        is_capital = word.typed[:1].isupper() and word.typed[1:].islower()
        may_be_name = is_capital and before is not None and before.folded not in (COMMA, STOP, "-")
        if (may_be_name or folded in pianists()) and not self._means_something(folded):
            return [Token(folded, typed, is_name=True)]
        if folded not in self._tokens:
            self._tokens[folded] = self._read(folded)
        if typed == folded:
            return self._tokens[folded]
        return [
            replace(token, typed=typed) if token.typed == folded else token
            for token in self._tokens[folded]
        ]

    def _means_something(self, folded: str) -> bool:
        is_small = folded in GRAMMATICAL or folded in SMALL_WORDS or folded in ABBREVIATIONS
        return is_small or "-" in folded or bool(self.word(folded) or find_entry(folded))

    def word(self, read: str) -> str:
        """The word of the vocabulary that ``read`` is; "" when there is none."""
        if read not in self._words:
            self._words[read] = resolve(read, self.vocabulary) or ""
        return self._words[read]

    def word_of_parts(self, words: Sequence[str]) -> tuple[str, int]:
        """A word written in parts with which ``words`` begin, and how many: "laid back", 2."""
        for length in range(min(_LONGEST_WORD, len(words)), 1, -1):
            spaced = " ".join(words[:length])
            if word := self.vocabulary.phrases.get(spaced, ""):
                # "so so soft" is not "so-so", nor "no nonsense" one word; "matter of fact" is
                is_split = any(is_grammatical(part) for part in (words[0], words[length - 1]))
                if word == spaced or not is_split:
                    return word, length
        return "", 1

    def _read(self, typed: str) -> list[Token]:
        if (meant := ABBREVIATIONS.get(typed) or MISSPELT.get(typed)) is not None:
            return [Token(meant, typed)]
        plain = [*unstretched(typed)]
        for known in (GRAMMATICAL, self.vocabulary):  # "soo" may be a word, too
            if found := [word for word in plain if word in known]:
                return [Token(found[0], typed)]
        if typed in GRAMMATICAL or typed in SMALL_WORDS or typed in self.vocabulary:
            return [Token(typed, typed)]
        if "-" in typed:
            return self._compound(typed)
        if self.word(typed):
            return [Token(typed, typed)]
        return self._weighed(typed) or [Token(self._mended(typed), typed)]

    def _compound(self, typed: str) -> list[Token]:
        """Joined if that is known ("offbeat"), else its parts."""
        first, *others = parts = [part for part in typed.split("-") if part]
        if self.word(joined := "".join(parts)):
            return [Token(joined, typed)]
        if others and parts[-1] in NEGATING_SUFFIXES:  # "pedal-free"
            parts = ["not", *parts[:-1]]
        elif others and first in PREFIXES:
            parts = [PREFIXES[first], *others]
        return [token for part in parts for token in self._read(part)]

    def _weighed(self, typed: str) -> list[Token]:
        """What is negated or weighed in ``typed``, if it is a known word; else nothing."""
        for prefix, weight in PREFIXES.items():
            if typed.startswith(prefix) and self._is_known(inside := typed[len(prefix) :]):
                if (hyphened := f"{prefix}-{inside}") in self.vocabulary:
                    return [Token(hyphened, typed)]
                return [Token(weight, ""), Token(inside, typed, weight)]
        if typed.endswith("less") and self._is_known(inside := typed.removesuffix("less")):
            return [Token("not", ""), Token(inside, typed, "not")]
        return []

    def _is_known(self, word: str) -> bool:
        return len(word) >= _SHORTEST_BASE and bool(self.word(word))

    def _mended(self, typed: str) -> str:
        """The only word of which it is a likely slip; else as typed.

        In a short word, other words within one edit are rivals, too, unless inflections of it.
        """
        if len(typed) < SHORTEST_CORRECTED or not typed.isalpha() or find_entry(typed):
            return typed
        if not other_words().isdisjoint((typed, *bases(typed))):
            return typed
        near = [word for word in self._near(typed) if is_one_edit(typed, word)]
        slips = [word for word in near if is_likely_slip(typed, word)]
        if english := [word for word in slips if not is_foreign(word)]:
            slips, near = english, [word for word in near if not is_foreign(word)]
        rivals = slips if len(typed) >= _LONG else near
        if slips and all(_is_form(word, slips[0]) for word in rivals):
            return slips[0]
        return typed

    def suggestions(self, word: str) -> tuple[str, ...]:
        """Words spelt nearly like it, or what a score's term means; none for the ninth and on."""
        if (entry := find_entry(word)) is not None:
            return tuple(gloss for gloss in entry.gloss if gloss in self.vocabulary)
        return self._near(word)[:_SUGGESTED]

    def _near(self, word: str) -> tuple[str, ...]:
        if word not in self._suggested and len(self._suggested) < MOST_SUGGESTED_FOR:
            self._suggested[word] = self.vocabulary.suggest(word, _COMPARED)
        return self._suggested.get(word, ())


def _is_form(word: str, other: str) -> bool:
    """Whether one is the other or an inflection of it: "playfully" of "playful"."""
    return word == other or word in bases(other) or other in bases(word)


def is_likely_slip(typed: str, meant: str) -> bool:
    """Whether what differs is what people mistype, and no other word: "etude" is not "elude".

    First letters are seldom wrong (Pollock & Zamora, CACM 27, 1984), last ones carry the
    inflection, and a consonant in the place of another makes another word more often than a slip.
    """
    replaced = [{a, b} for a, b in zip(typed, meant, strict=False) if a != b]
    if typed[0] == meant[0] and len(typed) == len(meant) and len(replaced) == 2:
        return True  # swapped
    is_same_shape = typed[0] == meant[0] and typed[-1] == meant[-1]
    return is_same_shape and (len(typed) != len(meant) or replaced[0] <= _VOWELS)


def is_one_edit(word: str, other: str) -> bool:
    """Whether one letter is inserted, left out, replaced, or swapped with its neighbour."""
    if abs(len(word) - len(other)) > 1 or word == other:
        return False
    start = 0
    while start < min(len(word), len(other)) and word[start] == other[start]:
        start += 1
    rest, other_rest = word[start:], other[start:]
    return (
        rest[1:] == other_rest[1:]
        or rest[1:] == other_rest
        or rest == other_rest[1:]
        or (rest[:2] == other_rest[1::-1] and len(rest) > 1 and rest[2:] == other_rest[2:])
    )


def is_grammatical(word: str) -> bool:
    """Whether a word means something to the grammar, or nothing at all."""
    return word in STOP_WORDS or word in MODIFIERS
