"""What a text says besides how it should sound: performers, a piece, how long it may take.

"Like Glenn Gould", "slower than Richter", "more Grimaud than Gould": names of performers whom the
library knows become recordings to sound like, or not to, or to be compared with. "The slowest
Moonlight": a piece that exactly one set of capital words names is the one that is ranked. "Under 4
minutes" filters by duration. What is understood is cut out of the text; the rest is read as words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from espr.errors import WRONG_INPUT, EsprError
from espr.folding import fold_word

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_COUNTS = dict(zip("one two three four five six seven eight nine ten twelve fifteen twenty".split(),
                   (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20), strict=True))  # fmt: skip
_AMOUNT = (
    rf"\s+(?P<count>\d+(?:[.,]\d+)?|{'|'.join(_COUNTS)})"
    r"\s*(?P<unit>minutes?|mins?|min\.|seconds?|secs?)(?!\w)"
)
_SHORTER = re.compile(
    r"\b(?:under|below|less than|shorter than|at most|up to|no (?:longer|more) than|within)"
    + _AMOUNT,
    re.IGNORECASE,
)
_LONGER = re.compile(
    r"\b(?:over|above|more than|longer than|at least|no (?:shorter|less) than)" + _AMOUNT,
    re.IGNORECASE,
)
_LIKE = frozenset(("like", "la", "more"))
_UNLIKE = frozenset(("unlike", "less"))
_NEGATIONS = frozenset(
    "not never no nothing less isn't isnt doesn't doesnt don't dont didn't didnt without".split()
)
# what may stand between a negation and "like": "doesn't sound at all like", "not so much like"
_BETWEEN = frozenset("at all so much very quite really exactly sound sounds sounding play plays "
                     "played playing that anything to be it".split())  # fmt: skip
_STYLE = (("style", "of"), ("manner", "of"), ("similar", "to"), ("way", "of"))
_INTRODUCING = _LIKE | _UNLIKE | {"than", "of", "to"}
_LONGEST_NAME = 5  # words
_INTRODUCTION = (
    r"(?<!\w)(?:(?:not|less|more|nothing)\s+)?"
    r"(?:like|unlike|more|than|à la|a la|similar to|(?:in\s+)?(?:the\s+)?(?:style|manner|way)\s+of)"
)


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a text mentions.

    Attributes
    ----------
    text : str
        What is left of it: how it should sound.
    like, unlike : tuple of str
        Performers to sound like, and not to.
    beyond : str
        A performer to compare with: "slower than Richter"; or "".
    shortest, longest : float
        Seconds.
    strangers : tuple of str
        Names that stand where a performer's does, and that the library does not know.
    """

    text: str
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    beyond: str = ""
    shortest: float = 0.0
    longest: float = float("inf")
    strangers: tuple[str, ...] = ()

    @property
    def has_longest(self) -> bool:
        return self.longest < float("inf")

    @property
    def has_duration(self) -> bool:
        """Whether recordings of some duration are asked for."""
        return self.shortest > 0 or self.has_longest

    def fit(self, seconds: float) -> bool:
        """Whether a recording is as long as was asked for."""
        return self.shortest <= seconds <= self.longest


def read_mentions(text: str, performers: Iterable[str]) -> Mentions:
    """What ``text`` mentions of ``performers`` and of durations.

    Raises
    ------
    EsprError
        When a surname alone is that of several.
    """
    text, longest = _duration(text, _SHORTER, float("inf"))
    text, shortest = _duration(text, _LONGER, 0.0)
    words = list(_WORD.finditer(text))
    read = [fold_word(word[0]) for word in words]
    names = _forms(performers)
    like: list[str] = []
    unlike: list[str] = []
    beyond = ""
    cuts: list[tuple[int, int]] = []
    at = 0
    while at < len(words):
        length = _name_at(words, read, at, names)
        if not length:
            at += 1
            continue
        start, role = _role(read, at)
        if not role and length < len(words):  # named, but not said how
            at += length
            continue
        performer = _only_one(names[tuple(read[at : at + length])], words[at:][:length])
        if role == "than" and not (like or unlike) and start:
            beyond = beyond or performer
        elif role == "than" and not like:  # "less like Gould than Richter"
            like.append(performer)
        elif role in ("unlike", "than"):
            unlike.append(performer)
        else:
            like.append(performer)
        cuts.append((words[start].start(), words[at + length - 1].end()))
        at += length
    for begin, end in reversed(cuts):
        text = f"{text[:begin].rstrip()} {text[end:].lstrip()}"
    return Mentions(text.strip(), tuple(like), tuple(unlike), beyond, shortest, longest)


def without_strangers(mentions: Mentions, names: Iterable[str]) -> Mentions:
    """``names`` that stand where a performer's does ("like Gulda") cut out of the text."""
    text, strangers = mentions.text, list(mentions.strangers)
    for name in names:
        written = re.escape(name).replace(r"\ ", r"\s+")
        found = re.search(rf"{_INTRODUCTION}\s+({written})(?!\w)", text, re.IGNORECASE)
        if found is not None:
            strangers.append(found[1])
            text = f"{text[: found.start()].rstrip()} {text[found.end() :].lstrip()}".strip()
    return replace(mentions, text=text, strangers=tuple(strangers))


def may_have_strangers(text: str) -> bool:
    """Whether something stands in ``text`` where a performer's name does."""
    return re.search(_INTRODUCTION, text, re.IGNORECASE) is not None


def possible_names(text: str) -> list[str]:
    """The words of ``text``, folded, that may be of names: they have a capital, or stand so."""
    words = _WORD.findall(text)
    read = [fold_word(word) for word in words]
    return [
        read[at]
        for at, word in enumerate(words)
        if len(words) < 3
        or (at and word[0].isupper())
        or _INTRODUCING & {*read[max(0, at - 2) : at]}
    ]


def capital_runs(text: str) -> list[str]:
    """Stretches of capital words and numbers, which may name a piece: "Moonlight", "Op. 27"."""
    runs: list[list[re.Match[str]]] = [[]]
    for word in _WORD.finditer(text):
        if word[0][0].isupper() or (word[0].isdigit() and runs[-1]):
            runs[-1].append(word)
        elif runs[-1]:
            runs.append([])
    if runs[0] and runs[0][0].start() == 0:  # a sentence may begin there
        runs.insert(1, runs[0][1:])
        runs[0] = runs[0] if runs[1] or len(text.split()) == 1 else []
    return [text[run[0].start() : run[-1].end()] for run in runs if run]


def _duration(text: str, pattern: re.Pattern[str], otherwise: float) -> tuple[str, float]:
    """The text without what it says of duration, and that in seconds."""
    found = pattern.search(text)
    if found is None:
        return text, otherwise
    count = found["count"].casefold()
    number = float(_COUNTS.get(count, 0) or count.replace(",", "."))
    seconds = number * (1 if found["unit"].casefold().startswith("s") else 60)
    return text[: found.start()] + text[found.end() :], seconds


def _forms(performers: Iterable[str]) -> dict[tuple[str, ...], list[str]]:
    """Who is meant by a name as it is written: in full, or the surname alone."""
    forms: dict[tuple[str, ...], list[str]] = {}
    surnames: dict[tuple[str, ...], list[str]] = {}
    for performer in sorted(set(performers)):
        words = tuple(fold_word(word[0]) for word in _WORD.finditer(performer))
        if words:
            forms.setdefault(words, []).append(performer)
        if len(words) > 1 and len(words[-1]) > 2:
            surnames.setdefault(words[-1:], []).append(performer)
    return surnames | forms


def _only_one(bearers: Sequence[str], typed: Sequence[re.Match[str]]) -> str:
    if len(bearers) == 1:
        return bearers[0]
    name = " ".join(word[0] for word in typed)
    raise EsprError(
        f"{name!r} names {len(bearers)} performers: {', '.join(bearers)}; give one in full",
        WRONG_INPUT,
    )


def _name_at(
    words: Sequence[re.Match[str]],
    read: Sequence[str],
    at: int,
    names: dict[tuple[str, ...], list[str]],
) -> int:
    """How many words at ``at`` are a name; 0 when it begins none.

    A surname alone may be a word ("Long"): it has a capital, or stands where names do.
    """
    for length in range(min(_LONGEST_NAME, len(read) - at), 0, -1):
        if tuple(read[at : at + length]) in names:
            is_capital = words[at][0][0].isupper() and at > 0
            stands = at > 0 and read[at - 1] in _LIKE | _UNLIKE | {"than"}
            if length > 1 or is_capital or stands or length == len(words):
                return length
    return 0


def _role(read: Sequence[str], at: int) -> tuple[int, str]:
    """Where what introduces a name begins, and what it makes of it."""
    before = read[at - 1] if at else ""
    if tuple(read[max(0, at - 2) : at]) in _STYLE:
        start = max(0, at - (4 if read[at - 3 : at - 2] == ["the"] else 3))
        return start, "like"
    if before == "than":
        return at - 1, "than"
    if before in _UNLIKE:
        return at - 1, "unlike"
    if before in _LIKE:
        start = at - 2 if before == "la" and at > 1 else at - 1
        negation = start - 1
        while negation > 0 and read[negation] in _BETWEEN:
            negation -= 1
        if negation >= 0 and read[negation].replace("’", "'") in _NEGATIONS:
            return negation, "unlike"
        return start - (start > 0 and read[start - 1] == "more"), "like"
    return at, ""
