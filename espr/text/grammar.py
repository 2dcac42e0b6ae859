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
        ("lacks",),
        ("lack", "of"),
        ("less",),
        ("least",),
        ("n't",),
        ("not", "at", "all"),
        ("not", "a", "bit"),
        ("nothing",),
        ("far", "from"),
        ("rather", "than"),
        ("instead", "of"),
        ("senza",),
        ("meno",),
        ("ohne",),
        ("nicht",),
        ("sans",),
        ("anything", "but"),
    }
)

DEGREES: dict[tuple[str, ...], float] = {
    ("extremely",): 1.75,
    ("incredibly",): 1.75,
    ("overly",): 1.5,
    ("very",): 1.5,
    ("really",): 1.5,
    ("so",): 1.5,
    ("too",): 1.5,
    ("way", "too"): 1.75,
    ("highly",): 1.5,
    ("most",): 1.5,
    ("much",): 1.25,
    ("quite",): 0.75,
    ("rather",): 0.75,
    ("fairly",): 0.75,
    ("pretty", "much"): 0.75,
    ("somewhat",): 0.5,
    ("slightly",): 0.5,
    ("mildly",): 0.5,
    ("kind", "of"): 0.5,
    ("sort", "of"): 0.5,
    ("bit",): 0.5,
    ("bit", "of"): 0.5,
    ("little", "bit"): 0.5,
    ("a", "bit"): 0.5,
    ("a", "bit", "of"): 0.5,
    ("a", "little"): 0.5,
    ("a", "little", "bit"): 0.5,
    ("a", "touch"): 0.5,
    ("a", "touch", "of"): 0.5,
    ("molto",): 1.5,
    ("troppo",): 1.5,
    ("sehr",): 1.5,
    ("tres",): 1.5,
    ("poco",): 0.5,
    ("un", "poco"): 0.5,
    ("etwas",): 0.5,
    ("un", "peu"): 0.5,
    ("hardly",): -0.5,
    ("little",): -0.5,  # "little pedal"; "a little" is above
    ("barely",): -0.5,
    ("hardly", "any"): -0.75,
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

# Words that say nothing about how a performance sounds: articles, pronouns, auxiliaries,
# prepositions (of scores, too: "con fuoco"), and the frame in which people describe one.
STOP_WORDS = frozenset(
    """
    a about again all almost also always am an any anything are as at be because been being both
    but by can could did do does doing done during each either else enough ever every everything for
    from get gets give gives had has have having he her here hers him his how however i if in
    into is it its itself just like lot lots make makes many may me might mine more must my
    of off on once one only onto or other others our ours own perhaps s shall she should
    since some something somehow sort such t than that the their them then there these they
    thing things this those through to together towards up upon us want was we were what when where
    which who whom whose why will with within would you your
    interpretation interpretations listen listener listening music pianist performance
    performances performed performer performing piece pieces play played player playing plays
    con mit avec
    recording recordings rendition renditions sounded sounding sounds feels felt seem seems take
    takes version versions
    """.split()
)

# Contractions written without their apostrophe.
UNMARKED = frozenset(
    "aint arent cant couldnt didnt doesnt dont hadnt hasnt havent isnt mustnt shouldnt wasnt "
    "werent wont wouldnt cannot".split()
)
