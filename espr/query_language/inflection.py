"""The forms that an English word may be an inflection of.

Suffix detachment in the manner of WordNet's ``morphy`` (Fellbaum 1998, morphy(7WN)),
with adverbs in -ly and nouns in -ness added, because listeners say "tenderly" and
"heaviness". A candidate is only a spelling: the caller keeps the first that is a word.

Comparatives and superlatives are told apart from nouns ("singer", "number") by a table of
adjectives that are compared by -er and -est. They are read as the adjective even where vectors
have them: takes are compared with each other anyway, and "softer", of which corpora say other
things than of "soft", had nothing in common with it in the profile (cosine 0.04).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

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
SIBILANTS = ("s", "x", "z", "ch", "sh", "o")  # after them the plural has an "e" of its own
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
        if ending == "es" and not stem.endswith(SIBILANTS):
            replacements = replacements[::-1]  # "fortes" is "forte" before it is "fort"
        for replacement in replacements:
            if len(stem + replacement) >= _SHORTEST_BASE:
                yield stem + replacement
        if ending in _DOUBLING and len(stem) > _SHORTEST_BASE and stem[-1] == stem[-2]:
            yield stem[:-1]


_GERMAN = ("em", "en", "er", "es", "e")
# Derivations, apart from the inflections above by which the vocabulary was chosen: nouns in -ity,
# verbs in -ise, adjectives in -y from nouns and verbs; adverbs, plurals and feminines of scores,
# and what German adds to an adjective ("mit innigster Empfindung").
_DERIVED = (
    ("ivity", ("ive",)),
    ("osity", ("ous",)),
    ("ility", ("le", "ile")),
    ("ity", ("", "e")),
    *((f"i{letter}{ending}", ("",)) for letter in "sz" for ending in ("e", "ed", "es", "ing")),
    ("y", ("", "e")),
    ("i", ("o",)),
    ("amente", ("o",)),
    ("emente", ("e",)),
    ("mente", ("e",)),
    ("ement", ("e", "")),
    *((f"{superlative}{ending}", ("",)) for superlative in ("st", "") for ending in _GERMAN),
    ("a", ("o",)),
)


def derivations(word: str) -> Iterator[str]:
    """The spellings that ``word`` may be derived from: "expressivity", "thumpy", "ritardandi"."""
    for ending, replacements in _DERIVED:
        stem = word.removesuffix(ending)
        if stem != word and not (ending == "y" and stem.endswith("e")):  # "heavey" is no "heave"
            for replacement in replacements:
                yield stem + replacement


# Endings of German, French, Italian and Spanish adjectives and their adverbs, without accents.
_FOREIGN = (
    *((f"{consonant}{ending}", (f"e{consonant}",))  # dunkle: dunkel
      for consonant in "lr" for ending in _GERMAN),
    ("eusement", ("eux",)), ("ivement", ("if",)), ("ellement", ("el",)), ("ement", ("", "e")),
    ("amment", ("ant",)), ("emment", ("ent",)), ("ment", ("",)),
    *((f"{feminine}{plural}", (masculine,)) for plural in ("", "s") for feminine, masculine in (
        ("euse", "eux"), ("euse", "eur"), ("trice", "teur"), ("ive", "if"), ("ere", "er"),
        ("elle", "el"), ("enne", "en"), ("onne", "on"), ("ette", "et"), ("ete", "et"), ("e", ""),
    )),
    ("aux", ("al",)), ("amente", ("o",)), ("mente", ("", "e")),
    *((f"is{s}im{ending}", ("o", "e", "")) for s in ("", "s") for ending in (*"oaie", "os", "as")),
    ("chi", ("co",)), ("che", ("co",)), ("ghi", ("go",)), ("ghe", ("go",)), ("ces", ("z",)),
    ("as", ("o", "")), ("os", ("o", "")), ("es", ("", "e")), ("s", ("",)), ("i", ("o", "e", "io")),
    ("e", ("o", "a")), ("a", ("o", "")), ("o", ("",)),
)  # fmt: skip


def foreign_bases(word: str) -> Iterator[str]:
    """What ``word`` may be a form of in German, French, Italian or Spanish: heureuse, claras."""
    for ending, replacements in _FOREIGN:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST_BASE - 1:
            yield from (stem + replacement for replacement in replacements)


# Endings that German, French, Italian and Spanish words have where their English cognates have
# others, without accents: brutalité, brutalità, brutalidad, Brutalität.
_COGNATE = (
    ("itat", ("ity",)), ("ite", ("ity",)), ("ita", ("ity",)),
    ("idad", ("ity",)), ("zione", ("tion",)), ("cion", ("tion",)), ("eux", ("ous",)),
    ("euse", ("ous",)), ("oso", ("ous",)), ("osa", ("ous",)), ("isch", ("ic", "ical", "")),
    ("ique", ("ic", "ical")), ("ico", ("ic", "ical")), ("ica", ("ic", "ical")), ("ivo", ("ive",)),
    ("iva", ("ive",)), ("iv", ("ive",)), ("if", ("ive",)), ("ismo", ("ism",)), ("isme", ("ism",)),
    ("ismus", ("ism",)), ("anza", ("ance",)), ("ancia", ("ance",)), ("enza", ("ence",)),
    ("encia", ("ence",)), ("enz", ("ence",)), ("anz", ("ance",)), ("ante", ("ant",)),
    ("ente", ("ent",)), ("abile", ("able",)), ("ibile", ("ible",)), ("ale", ("al",)),
)  # fmt: skip


def cognates(word: str) -> Iterator[str]:
    """English words that ``word``, or what it is a form of, may be in another language."""
    for form in (word, *foreign_bases(word)):
        for ending, replacements in _COGNATE:
            stem = form.removesuffix(ending)
            if stem != form and len(stem) >= _SHORTEST_BASE:
                yield from (stem + replacement for replacement in replacements)


_COMPARED = """
    airy ample angry big bitter blank bland bleak blunt bold bouncy brash brave breezy brief bright
    brisk brittle broad busy calm cheery choppy clean clear close cloudy coarse cold cool crazy
    creamy crisp cruel dark deep dense dim dreamy dreary dry dull early earthy easy edgy empty faint
    fair fancy fast feeble fierce fine firm flashy flat frail free fresh friendly full funny fussy
    gay gentle glad gloomy grand grave great grim happy hard harsh hasty hazy heavy high hollow hot
    humble icy jerky jolly jumpy keen kind large lazy lean light limp lively lonely long loose loud
    lovely low lush mellow merry messy mild moody muddy narrow near neat nervy nice nimble noble
    noisy odd old pale plain poor pretty proud punchy pure quick quiet rash raw rich roomy rough
    round sad shaky shallow sharp short showy shrill shy silent silky silly simple slack sleepy slim
    slow small smart smooth snappy sober soft solemn sour sparse spiky springy stark stately steady
    steep stern stiff still stormy stout strict strong subtle sunny supple sure sweet swift tame
    tender tense terse thick thin tidy tight tiny tough ugly vague vast warm wary weak weary wet
    wide wild wise witty young
    """.split()
_VOWELS = "aeiou"


def adjective(word: str) -> str | None:
    """The adjective of which ``word`` is the comparative or the superlative; else None."""
    return _compared().get(word)


@cache
def _compared() -> dict[str, str]:
    forms: dict[str, str] = {}
    for word in _COMPARED:
        stems = {word, word.removesuffix("e")}
        if word[-1] == "y" and word[-2] not in _VOWELS:
            stems.add(word[:-1] + "i")
        if word[-1] not in _VOWELS + "wy" and word[-2] in _VOWELS and word[-3] not in _VOWELS:
            stems.add(word + word[-1])
        forms |= {stem + ending: word for stem in stems for ending in ("er", "est")}
    return forms


_DESCRIBING = (
    *("ful", "less", "ous", "ive", "ical", "onal", "ic", "ed", "able", "ible", "ish", "ly", "ant"),
    *("esque", "like", "some"),
)
_NOUNS = frozenset(
    """
    music lyric logic magic rhetoric dynamic topic fabric speed need feeling phrasing voicing timing
    shaping meaning understanding pedalling pedaling breathing drive dive motive narrative
    perspective initiative panic epic critic public deed greed anguish finish flourish polish relish
    melancholy family folly
    """.split()
)


def is_describing(word: str, *, beside: str = "ing") -> bool:
    """Whether a word looks like an adjective or an adverb: in a table, or by its ending.

    "Without haste, calm and free" does not list three things that are missing. What ends in -ing
    may be either, and is taken for the kind that ``beside`` is: "without rushing and dragging".
    """
    if word in _NOUNS:
        return False
    if word.endswith("ing"):
        return not beside.endswith("ing")
    return word in _COMPARED or adjective(word) is not None or word.endswith(_DESCRIBING)
