"""The forms that an English word may be an inflection of.

Suffix detachment in the manner of WordNet's ``morphy`` (Fellbaum 1998, morphy(7WN)),
with adverbs in -ly and nouns in -ness added, because listeners say "tenderly" and
"heaviness". A candidate is only a spelling: the caller keeps the first that is a word.
"""

from __future__ import annotations

from collections.abc import Iterator

# (ending, what takes its place), longer endings first. Within an ending the likelier
# base comes first: "rushes" is "rush" before it is "rushe".
_ENDINGS = (
    ("issimo", ("o", "e")),  # Italian: legatissimo, dolcissimo
    ("ically", ("ic", "ical")),
    ("iness", ("y",)),
    ("ness", ("",)),
    ("ably", ("able",)),
    ("ibly", ("ible",)),
    ("iest", ("y",)),
    ("ily", ("y",)),
    ("lly", ("ll", "l")),
    ("ies", ("y", "ie")),
    ("ied", ("y", "ie")),
    ("ier", ("y",)),
    ("ves", ("f", "fe", "ve")),
    ("men", ("man",)),
    ("ing", ("", "e")),
    ("est", ("", "e")),
    ("ish", ("", "e")),
    ("es", ("", "e")),
    ("ed", ("", "e")),
    ("er", ("", "e")),
    ("ly", ("", "le")),
    ("s", ("",)),
)
_DOUBLING = frozenset(("ing", "ed", "er", "est", "ish"))  # run → running, flat → flattish
_SHORTEST_BASE = 3  # letters: "being" is not an inflection of "b"


def bases(word: str) -> Iterator[str]:
    """The spellings that ``word`` may be an inflection of, the likeliest first."""
    for ending, replacements in _ENDINGS:
        if not word.endswith(ending):
            continue
        stem = word[: -len(ending)]
        if ending == "s" and stem.endswith(("s", "u", "i")):
            continue  # "boneless", "nervous", "crisis" are no plurals
        for replacement in replacements:
            if len(stem + replacement) >= _SHORTEST_BASE:
                yield stem + replacement
        if ending in _DOUBLING and len(stem) > _SHORTEST_BASE and stem[-1] == stem[-2]:
            yield stem[:-1]
