"""The tables of the query grammar: which words negate, weigh, join or say nothing.

A *degree* word multiplies the weight of what it stands before. The order of the steps, and
their range of about 0.5 to 1.5 of the bare word, follow what readers judged (Cliff, "Adverbs
as multipliers", Psychological Review 66, 1959: slightly, somewhat, rather, very, extremely).
"""

from __future__ import annotations

# Phrases are matched longest first, so "not only" is tried before "not".
_NEGATIONS = """
    not | no | non | never | neither | without | minus | less | least | nothing | lacks | lacking
    lacking in | lack of | absence of | devoid of | free of | free from | empty of | none of
    void of | deprived of | bare of | stripped of | wanting in | short of | short on | zero
    missing | insufficient | insufficiently | avoid | avoids | avoiding | fails to | failing to
    refrains from | refuses | refuses to | resist | resists | resisting | misses | shun | shuns
    shunning | eschew | eschews | eschewing | dislikes | hates | i doubt | nobody | nowhere
    not at all | not a bit | not in the least | not in the slightest | not remotely
    not exactly | not so much | not even slightly | not even a bit | not nearly | nowhere near
    no longer | in no way | by no means | far from | a far cry from | anything but | everything but
    rather than | instead of | less than | less and less | fewer and fewer
    opposite of | reverse of | contrary of | antithesis of
    senza | meno | ohne | nicht | kein | keine | keinen | weniger | nie | niemals | sans | pas
    moins | jamais | ne pas | pas du tout | gar nicht | uberhaupt nicht | keineswegs | kein bisschen
    mai | niente | niente affatto | per niente
    """

_BY_FACTOR: dict[float, str] = {
    1.75: """
        extremely | incredibly | insanely | exceptionally | exceedingly | excessively | unduly
        immensely | enormously | tremendously | hugely | extraordinarily | unbelievably
        way too | far too | ultra | viel zu | ausserst | estremamente | extremement
        """,
    1.5: """
        overly | very | really | so | ever so | too | highly | most | super | especially
        particularly | remarkably | terribly | awfully | absolutely | completely | entirely
        totally | utterly | twice as | full of | lots of | a lot of | plenty of | loads of
        molto | molta | tanto | tanta | troppo | troppa | assai | sehr | zu | viel | ganz
        tres | trop | beaucoup
        """,
    1.25: """
        much | far more | way more | a lot more | lots more | a good deal | considerably
        quite a bit of | quite a few | quite a lot of | not a few | no end of | no shortage of
        noticeably | significantly | increasingly | more and more
        piu | sempre piu | mehr | immer | immer mehr | de plus en plus
        """,
    0.75: """
        quite | rather | fairly | pretty much | more or less | moderately | reasonably | relatively
        mostly | mainly | largely | almost | nearly | virtually | all but | at most
        quite a bit | most of the time | much of the time
        ziemlich | recht | assez | quasi
        """,
    0.5: """
        somewhat | slightly | mildly | vaguely | faintly | marginally | kind of | sort of | kinda
        sorta | bit | bit of | little bit | a bit | a bit of | a little | a little bit
        a little bit of | a few | a tad | ever so slightly | a touch | touch of | a touch of
        hint of | a hint of | trace of | a trace of | dash of | a dash of | a shade | shade of
        a shade of | slightest | sometimes | occasionally | partly | partially | at times
        in places | here and there | now and then | from time to time
        poco | poca | un poco | un po | un pochino | etwas | ein wenig | ein bisschen | un peu
        """,
    # "little pedal"; "a little" is above
    -0.5: """
        hardly | little | few | barely | scarcely | rarely | seldom | kaum | wenig | peu
        half as | not that | not all that | not quite | not always | not necessarily
        """,
    -0.75: "hardly any | barely any | scarcely any | next to no | hardly ever",
    -1.25: "far less | way less | a lot less | lots less",
}


def _phrases(table: str) -> frozenset[tuple[str, ...]]:
    """The phrases of a table, split into their words."""
    lines = table.strip().splitlines()
    return frozenset(tuple(phrase.split()) for line in lines for phrase in line.split("|"))


NEGATIONS = _phrases(_NEGATIONS)
DEGREES: dict[tuple[str, ...], float] = {
    phrase: factor for factor, table in _BY_FACTOR.items() for phrase in _phrases(table)
}
MODIFIERS = frozenset(phrase[0] for phrase in NEGATIONS | DEGREES.keys() if len(phrase) == 1)
# What weighs or negates the term before it: "allegro ma non troppo", "warmth is missing".
POSTPOSED: dict[tuple[str, ...], float] = {
    ("ma", "non", "troppo"): 0.75,
    ("ma", "non", "tanto"): 0.75,
    ("but", "not", "too", "much"): 0.75,
    ("but", "not", "overly"): 0.75,
    ("no", "more"): -1.0,
    ("no", "longer"): -1.0,
    ("missing",): -1.0,
    ("lacking",): -1.0,
    ("absent",): -1.0,
    ("nowhere", "to", "be", "found"): -1.0,
    ("nowhere", "to", "be", "heard"): -1.0,
    ("too",): 1.0,  # "soft and slow, too"; "varies too much" ends otherwise
}
# These may, too, at the end of a sentence: "legato? not at all", but "calm, nothing more" is calm.
ANSWERS = frozenset("no not never non nicht pas".split())
WEAKENED = 0.5  # "not very fast", "not too fast", "never quite fast": a little on the slow side
LEAST = 0.5  # a degree so small says nothing after a negation: "without a hint of irony" has none
STRONGEST = 3.0  # "very, very, very soft" ends here

# Phrases of which no part is a negation or a degree.
PLAIN = _phrases(
    """
    not only | not just | not merely | not simply | not solely | nothing but
    nothing less than | nothing short of | never less than
    no less than | none the less | no doubt | without doubt | without a doubt | beyond doubt
    without question | no question | no wonder | so that | by far | show me | could use
    sense of | a sense of | air of | an air of | even if | even though | at least
    last but not least | not lack | never lack | poco a poco | peu a peu | nach and nach
    """
)

# The tokens that end a term. After a comma a list may go on ("without pedal, rubato or accents").
COMMA, STOP = ",", ";"
BREAKS = frozenset((COMMA, STOP))
# So do these words. "or" carries a negation on ("not fast or loud"), "nor" is one.
JOINING = frozenset("and but or nor yet although though while plus ma aber mais".split())
CARRYING = frozenset(("or", "nor"))
NEGATING = "nor"
OR = "or"
AND = "and"
EITHER = "neither"  # it holds up to its "nor": "neither fast, loud nor hard"
# They hold for both of two nouns: "without warmth and depth" has neither.
PRIVATIONS = _phrases(
    """
    without | lacks | lacking | lacking in | lack of | absence of | devoid of | free of | free from
    empty of | avoid | avoids | avoiding | misses | missing | senza | ohne | sans
    little | few | hardly any | barely any | scarcely any | next to no
    """
)
# So do these, when an "or" stands before the last of what they list.
LISTED = PRIVATIONS | _phrases(
    """
    not | no | never | nothing | nowhere | nobody | nicht | non | pas
    hardly | barely | scarcely | rarely | seldom | hardly ever
    """
)
SUBJECTS = frozenset("he i it one she they we you".split())
# What tells a further clause from a further part of a list: "not fast, it is slow or moderate".
CLAUSE = SUBJECTS | frozenset(
    """
    who which is are was were has have had sounds seems feels plays gives makes keeps takes becomes
    gets with con mit avec
    """.split()
)
# What may stand before a further noun of a list: "lack of warmth and of depth".
BEFORE_NOUNS = frozenset(
    "a an any the its his her their my our this that some much all in of".split()
)
# "too romantic for Bach": what stands after "for" is no quality.
EXCESS = "too"
MEASURE = "for"

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
REPLACED = ("not", "so", "much")  # what stands before "as" is replaced: "not so much soft as slow"
# Not named, and so left out: what the listener knows and ESPR cannot ("than usual"). What begins
# with a pronoun ("than I expected") or points at one performance ("than the first") is no quality.
# Some of them are nouns, after which a sentence goes on: "compared to the others calm".
GROUPS = frozenset("average everybody everyone most normal ones others rest usual".split())
REFERENCES = frozenset(
    """
    all any anybody anyone average before else ever everybody everyone expected ideal last
    many most necessary needed next none normal normally nobody one ones ordinary other others
    possible previous required rest standard typical usual usually written first second third fourth
    """.split()
)
POINTING = frozenset("his her my our that the their these this those your".split())

# Joining words of scores, as the English ones that they are; some only after another word.
JOINING_IN_SCORES = {
    "weder": "neither",
    "ni": "nor",
    "ne": "nor",
    "o": "or",
    "oder": "or",
    "ou": "or",
    "e": "and",
    "ed": "and",
    "et": "and",
    "und": "and",
    "sondern": "but",
    "eher": "rather",
    "noch": "nor",
    "als": "than",
    "che": "than",
    "que": "than",
}
ONLY_AFTER = {
    "noch": frozenset(("weder",)),
    **dict.fromkeys(
        ("als", "che", "que"), frozenset("piu mehr plus meno weniger moins eher".split())
    ),
}

# They say where, and ESPR has only how.
PLACES = frozenset(
    (*before, place)
    for before in _phrases(
        "at the | in the | near the | from the | until the | till the | toward the | towards the"
    )
    for place in "beginning start opening middle end ending close".split()
)

# Words that say nothing about how a performance sounds: articles, pronouns, auxiliaries,
# prepositions (of scores, too: "con fuoco"), and the frame in which people describe one.
STOP_WORDS = frozenset(
    """
    a about again all also always am an any anything are as at be because been being both but by can
    could did do does doing done during each either else enough ever every everything for from get
    gets give gives had has have having he hear heard hears her here hers him his how however i if
    in into is it its itself just like lot lots make makes many may me might mine more must my of
    off on once one only onto or other others our ours own perhaps s shall she should since some
    something somehow sort such t than that the their them then there these they thing things this
    those through to together towards up upon us want was we were what when where which who whom
    whose why will with within would you your call called describe described find found guess need
    needed needs now please prefer say saying says think throughout wants whatsoever interpretation
    interpretations listen listener listening music pianist performance performances performed
    performer performing piece pieces play played player playing plays con mit avec sempre recording
    recordings rendition renditions sound sounded sounding sounds feels felt seem seems take takes
    version versions actually certainly definitely feel generally nevertheless nonetheless obviously
    overall undoubtedly indeed performers pianists players anymore become becomes becoming getting
    let lets letting first second third al alla avec aux come comme das dem del della dello den der
    des di du ein eine einem einen einer gli il im lo moglich musik nel nella un una une werdend wie
    als che noch que
    """.split()
)

# What a vowel after it cuts short: "all'improvviso", "d'un", "l'élan".
ELIDED = frozenset("all c d dall dell l nell qu quell s sull un".split())

# Contractions written without their apostrophe.
UNMARKED = frozenset(
    "aint arent cant couldnt didnt doesnt dont hadnt hasnt havent isnt mustnt shouldnt wasnt "
    "werent wont wouldnt cannot".split()
)

PHRASES = NEGATIONS | PLAIN | PLACES | COMPARISONS | DEGREES.keys() | POSTPOSED.keys()

# Words that mean something to the grammar, alone or in a phrase: never taken for misspellings.
GRAMMATICAL = (
    STOP_WORDS
    | JOINING
    | JOINING_IN_SCORES.keys()
    | UNMARKED
    | {word for phrase in PHRASES for word in phrase}
)
# What a part of a word that is not known says of the rest: "unpedalled", "hyper-romantic".
PREFIXES = {
    "un": "not",
    "under": "hardly",
    "non": "non",
    "anti": "not",
    "over": "overly",
    "hyper": "extremely",
    "semi": "somewhat",
}
NEGATING_SUFFIXES = ("less", "free")  # "rubato-free"
