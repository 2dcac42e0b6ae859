"""The tables of the query grammar: which words negate, weigh, join or say nothing.

A *degree* word multiplies the weight of what it stands before. The order of the steps, and
their range of about 0.5 to 1.5 of the bare word, follow what readers judged (Cliff, "Adverbs
as multipliers", Psychological Review 66, 1959: slightly, somewhat, rather, very, extremely).
"""

from __future__ import annotations

# Phrases are matched longest first, so "not only" is tried before "not".
NEGATIONS = frozenset(
    {
        ("not",),
        ("no",),
        ("non",),
        ("never",),
        ("neither",),
        ("without",),
        ("lacking",),
        ("lacking", "in"),
        ("lacks",),
        ("lack", "of"),
        ("absence", "of"),
        ("devoid", "of"),
        ("free", "of"),
        ("free", "from"),
        ("empty", "of"),
        ("none", "of"),
        ("avoid",),
        ("avoids",),
        ("avoiding",),
        ("minus",),
        ("less",),
        ("least",),
        ("n't",),
        ("not", "at", "all"),
        ("not", "a", "bit"),
        ("not", "in", "the", "least"),
        ("in", "no", "way"),
        ("by", "no", "means"),
        ("nothing",),
        ("far", "from"),
        ("rather", "than"),
        ("instead", "of"),
        ("senza",),
        ("meno",),
        ("ohne",),
        ("nicht",),
        ("kein",),
        ("keine",),
        ("sans",),
        ("pas",),
        ("anything", "but"),
        ("everything", "but"),
    }
)

_BY_FACTOR: dict[float, str] = {
    1.75: """
        extremely | incredibly | insanely | exceptionally | way too | far too | ultra
        """,
    1.5: """
        overly | very | really | so | too | highly | most | super | especially | particularly
        remarkably | terribly | awfully | absolutely | completely | entirely | totally | utterly
        full of | lots of | a lot of | plenty of | loads of | molto | troppo | sehr | tres
        """,
    1.25: "much | far more | increasingly | more and more | sempre piu | immer",
    0.75: """
        quite | rather | fairly | pretty much | moderately | reasonably | relatively | mostly
        mainly | largely | almost | nearly | virtually | ziemlich | assez
        """,
    0.5: """
        somewhat | slightly | mildly | kind of | sort of | bit | bit of | little bit
        a bit | a bit of | a little | a little bit | a little bit of | a few | a tad
        a touch | a touch of | a hint of | a trace of | a dash of | a shade | a shade of
        sometimes | occasionally | partly | partially
        poco | un poco | un po | etwas | un peu
        """,
    # "little pedal"; "a little" is above
    -0.5: "hardly | little | few | barely | scarcely | rarely | seldom | kaum | peu",
    -0.75: "hardly any | barely any | scarcely any | next to no | hardly ever",
}
DEGREES: dict[tuple[str, ...], float] = {
    tuple(phrase.split()): factor
    for factor, phrases in _BY_FACTOR.items()
    for line in phrases.strip().splitlines()
    for phrase in line.split("|")
}
# What weakens the term before it: "allegro ma non troppo".
POSTPOSED: dict[tuple[str, ...], float] = {
    ("ma", "non", "troppo"): 0.75,
    ("ma", "non", "tanto"): 0.75,
    ("but", "not", "too", "much"): 0.75,
    ("but", "not", "overly"): 0.75,
}
WEAKENED = 0.5  # "not very fast", "not too fast": only a little on the slow side
STRONGEST = 3.0  # "very, very, very soft" ends here

# Phrases of which no part is a negation or a degree.
PLAIN = frozenset(
    {("not", "only"), ("not", "just"), ("nothing", "but"), ("no", "doubt"), ("poco", "a", "poco")}
)

BREAK = ","  # the token that ends a term
# So do these words. "or" carries a negation on ("not fast or loud"), "nor" is one.
JOINING = frozenset(("and", "but", "or", "nor", "yet", "although", "though", "while", "plus"))
CARRYING = frozenset(("or", "nor"))
NEGATING = "nor"

# What follows is what the term before is compared with: "more lyrical than dry" is not dry.
COMPARISONS = frozenset(
    {
        ("than",),
        ("unlike",),
        ("compared", "to"),
        ("compared", "with"),
        ("in", "comparison", "to"),
        ("in", "comparison", "with"),
    }
)
EQUAL = "as"  # and so does its second one: "as slow as the others"
# Not named, and so left out: what the listener knows and ESPR cannot ("than usual"). What begins
# with a pronoun ("than I expected") or points at one performance ("than the first") is no quality.
REFERENCES = frozenset(
    """
    all any anybody anyone average before else ever everybody everyone expected ideal last
    necessary needed next none normal normally nobody one ones ordinary other others possible
    previous required rest standard typical usual usually written first second third fourth
    """.split()
)
SUBJECTS = frozenset("he i it one she they we you".split())
POINTING = frozenset("his her my our that the their these this those your".split())

# Words that say nothing about how a performance sounds: articles, pronouns, auxiliaries,
# prepositions (of scores, too: "con fuoco"), and the frame in which people describe one.
STOP_WORDS = frozenset(
    """
    a about again all also always am an any anything are as at be because been being both but by
    can could did do does doing done during each either else enough ever every everything for from
    get gets give gives had has have having he hear heard hears her here hers him his how however
    i if in into is it its itself just like lot lots make makes many may me might mine more must
    my of off on once one only onto or other others our ours own perhaps s shall she should since
    some something somehow sort such t than that the their them then there these they thing things
    this those through to together towards up upon us want was we were what when where which who
    whom whose why will with within would you your interpretation interpretations listen listener
    listening music pianist performance performances performed performer performing piece pieces
    play played player playing plays con mit avec recording recordings rendition renditions
    sounded sounding sounds feels felt seem seems take takes version versions
    """.split()
)

# Contractions written without their apostrophe.
UNMARKED = frozenset(
    "aint arent cant couldnt didnt doesnt dont hadnt hasnt havent isnt mustnt shouldnt wasnt "
    "werent wont wouldnt cannot".split()
)

# Words that mean something to the grammar, alone or in a phrase: never taken for misspellings.
GRAMMATICAL = (
    STOP_WORDS
    | JOINING
    | UNMARKED
    | {
        word
        for phrase in NEGATIONS | PLAIN | COMPARISONS | DEGREES.keys() | POSTPOSED.keys()
        for word in phrase
    }
)
# A word that is not known may be one that is, negated: "unpedalled", "rubato-free".
NEGATING_PREFIXES = ("un", "non")
NEGATING_SUFFIXES = ("less", "free")
