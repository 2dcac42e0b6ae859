"""The tables of the query grammar: what negates, weighs, joins or says nothing.

The names are those of NegEx (Chapman et al., J. Biomed. Inform. 34, 2001): a *pre-negation* stands
before what it negates, a *post-negation* behind it, a *pseudo-negation* holds one and negates
nothing, a *terminator* ends its scope; and of VADER (Hutto & Gilbert, ICWSM 2014): *intensifiers*
and *downtoners* multiply the weight of what they stand before. The order of the steps, and their
range of about 0.5 to 1.5 of the bare word, follow what readers judged (Cliff, "Adverbs as
multipliers", Psychological Review 66, 1959: slightly, somewhat, rather, very, extremely).
Other languages are translated into these words first (``languages.py``).
"""

from __future__ import annotations


def _phrases(table: str) -> frozenset[tuple[str, ...]]:
    """The phrases of a table, split into their words."""
    lines = table.strip().splitlines()
    return frozenset(tuple(phrase.split()) for line in lines for phrase in line.split("|"))


def _inflected(table: str) -> str:
    """A table of verbs ("skimp on") in all their regular forms: skimps, skimping, skimped."""
    forms = []
    for phrase in table.split("|"):
        verb, _, rest = phrase.strip().partition(" ")
        base = verb.removesuffix("e")
        third = base + "ies" if verb[-1] == "y" and verb[-2] not in "aeiou" else verb + "s"
        if verb.endswith(("sh", "ss")):
            third = verb + "es"
        past = third[:-3] + "ied" if third.endswith("ies") else base + "ed"
        forms += [f"{form} {rest}" for form in (verb, third, base + "ing", past)]
    return " | ".join(forms)


# Longer phrases are tried first: "not only" before "not".
PRE_NEGATIONS = _phrases(
    """
    not | no | non | never | neither | without | minus | less | least | nothing | lacks | lacking
    lacking in | lack of | absence of | devoid of | free of | free from | empty of | none of
    void of | deprived of | bare of | stripped of | wanting in | short of | short on | zero
    missing | insufficient | insufficiently | fails to | failing to | nobody | nowhere | no one
    refuses to | dislikes | hates | i doubt | not once | not one | not ever | a want of
    not at all | not a bit | not in the least | not in the slightest | not remotely
    not exactly | not so much | not even slightly | not even a bit | not nearly | nowhere near
    no longer | in no way | by no means | far from | a far cry from | anything but | everything but
    rather than | instead of | less than | less and less | fewer and fewer
    opposite of | reverse of | contrary of | antithesis of | tired of | sick of | bored of
    bored with | weary of | fed up with | had enough of | enough of | allergic to | afraid of
    scared of | not stand | not bear | not abide | not like | not care for | not care about
    not a fan of | no fan of | spare me | spares me | spare us | spares us | makes no attempt to
    hate | i hate | cut out | leave out | leaves out | keep away from | stay away from | too few
    immune to | averse to | not enough of | stopping | stopped | skimping on | skimped on
    next to it | next to this | next to him | next to her | beside it | beside this
    """
    + _inflected(
        "avoid | resist | refuse | refrain from | miss | shun | eschew | dislike | detest | loathe"
        "| skimp on | stint on | scrimp on | shy away from | shy from | shrink from"
        "| stop | steer clear of | dispense with | abandon | renounce | reject | want for"
    )
)
# "Fast, it is not": behind what they negate, at its end.
POST_NEGATIONS = _phrases(
    """
    no more | no longer | missing | lacking | absent | nowhere to be found | nowhere to be heard
    not there
    """
)
# No part of them is a negation or a degree.
PSEUDO_NEGATIONS = _phrases(
    """
    not only | not just | not merely | not simply | not solely | nothing but | no other than
    nothing less than | nothing short of | never less than | nothing if not | not to mention
    no less than | none the less | no doubt | without doubt | without a doubt | beyond doubt
    without question | no question | no wonder | so that | by far | show me | could use
    sense of | a sense of | air of | an air of | even if | even though | at least | no matter
    last but not least | not lack | never lack | no lack of | no shortage of | spare no
    spares no | sparing no | to the point of | not short of
    not short on | not get enough of | more than enough | so much so
    step by step | bit by bit | little by little | not mind | do not mind | whether or not
    if not | why not | not least | it is not as if | to say nothing of | not afraid to
    not afraid of | not scared of | not shy about | not shy of | not hesitate to | never afraid to
    never afraid of | never shies from | unafraid to | unafraid of | no stranger to | not above
    no slouch when it comes to | no slouch at | no slouch
    """
)

INTENSIFIERS: dict[float, str] = {
    1.75: """
        extremely | incredibly | insanely | exceptionally | exceedingly | excessively | unduly
        immensely | enormously | tremendously | hugely | extraordinarily | unbelievably
        way too | far too | ultra | as can be | intensely
        """,
    1.5: """
        overly | very | really | so | ever so | too | highly | most | super | especially
        particularly | remarkably | terribly | awfully | absolutely | completely | entirely
        totally | utterly | twice as | full of | lots of | a lot of | plenty of | loads of
        plenty | a great deal of | such a | such an | truly | deeply | strikingly | refreshingly
        """,
    1.25: """
        much | far more | way more | a lot more | lots more | a good deal | considerably
        quite a bit of | quite a few | quite a lot of | not a few | no end of
        noticeably | significantly | increasingly | more and more
        """,
}
DOWNTONERS: dict[float, str] = {
    0.75: """
        quite | rather | fairly | pretty much | more or less | moderately | reasonably | relatively
        mostly | mainly | largely | almost | nearly | virtually | all but | at most
        quite a bit | most of the time | much of the time | on the whole
        """,
    0.5: """
        somewhat | slightly | mildly | vaguely | faintly | marginally | kind of | sort of | kinda
        sorta | bit | bit of | little bit | a bit | a bit of | a little | a little bit
        a little bit of | a few | a tad | ever so slightly | a touch | touch of | a touch of
        hint of | a hint of | trace of | a trace of | dash of | a dash of | a shade | shade of
        a shade of | slightest | sometimes | occasionally | partly | partially | at times
        in places | here and there | now and then | from time to time | just a | a hair
        a smidgen | a fraction
        """,
    # "little pedal"; "a little" is above
    -0.5: "hardly | little | few | barely | scarcely | rarely | seldom | half as",
    -0.75: "hardly any | barely any | scarcely any | next to no | hardly ever",
    -1.25: "far less | way less | a lot less | lots less",
}
DEGREES: dict[tuple[str, ...], float] = {
    phrase: factor
    for factor, table in (INTENSIFIERS | DOWNTONERS).items()
    for phrase in _phrases(table)
}
MODIFIERS = frozenset(phrase[0] for phrase in PRE_NEGATIONS | DEGREES.keys() if len(phrase) == 1)
# What weighs the term before it: "allegro ma non troppo" comes here in English.
POST_DEGREES: dict[tuple[str, ...], float] = {
    ("but", "not", "too", "much"): 0.75,
    ("but", "not", "overly"): 0.75,
    ("but", "not", "too"): 0.75,
    ("too",): 1.0,  # "soft and slow, too"; "varies too much" ends otherwise
}
# These may, too, at the end of a sentence: "legato? not at all", but "calm, nothing more" is calm.
ANSWERS = frozenset("no not never non".split())
WEAKENED = 0.5  # "not very fast", "not too fast", "never quite fast": a little on the slow side
LEAST = 0.5  # a degree so small says nothing after a negation: "without a hint of irony" has none
STRONGEST = 3.0  # "very, very, very soft" ends here

# What ends the scope of a negation or a degree. After a comma a list may go on.
COMMA, STOP = ",", ";"
BREAKS = frozenset((COMMA, STOP))
OR, AND, NEGATING = "or", "and", "nor"  # "or" carries a negation on ("not fast or loud")
JOINING = frozenset((OR, AND, NEGATING, *"but yet although though while plus".split()))
TERMINATORS = BREAKS | JOINING
CARRYING = frozenset((OR, NEGATING))
ONCE = "once"  # among what a negation is carried over: no further than to the next clause
EITHER = "neither"  # it holds up to its "nor": "neither fast, loud nor hard"
# They hold for both of two nouns: "without warmth and depth" has neither.
PRIVATIONS = _phrases(
    """
    without | lacks | lacking | lacking in | lack of | absence of | devoid of | free of | free from
    empty of | avoid | avoids | avoiding | misses | missing | little | few | hardly any | barely any
    scarcely any | next to no
    """
)
# So do these, when an "or" stands before the last of what they list.
LISTED = PRIVATIONS | _phrases(
    """
    not | no | never | nothing | nowhere | nobody | non
    hardly | barely | scarcely | rarely | seldom | hardly ever
    """
)
# These for the adjectives before their noun: "sick of slow, heavy playing".
DISLIKES = _phrases(
    """
    hate | hates | i hate | dislike | dislikes | tired of | sick of | bored of | bored with
    weary of | fed up with | had enough of | enough of | allergic to | not like | not a fan of
    no fan of | avoid | avoids | without | not stand | not bear
    """
)
SUBJECTS = frozenset("he i it one she they we you".split())
# What tells a further clause from a further part of a list: "not fast, it is slow or moderate".
CLAUSE = SUBJECTS | frozenset(
    """
    who which is are was were has have had sounds seems feels plays gives makes keeps takes becomes
    gets with
    """.split()
)
# What may stand before a further noun of a list: "lack of warmth and of depth".
BEFORE_NOUNS = frozenset(
    "a an any the its his her their my our this that some much all in of".split()
)
EXCESS, MEASURE = "too", "for"  # "too romantic for Bach": what stands after "for" is no quality

# What follows is what the term before is compared with: "more lyrical than dry" is not dry.
COMPARISONS = _phrases(
    """
    than | unlike | compared to | compared with | in comparison to | in comparison with
    where others | where other pianists | where some | while others | when others
    """
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
    of them him her us others' pianists recordings versions performances
    """.split()
)
POINTING = frozenset("his her my our that the their these this those your".split())

# They say where, and ESPR has only how.
PLACES = frozenset(
    (*before, place)
    for before in _phrases(
        "at the | in the | near the | from the | until the | till the | toward the | towards the"
        "| of the"
    )
    for place in "beginning start opening middle end ending close coda reprise finale".split()
)
# They speak of the recording, the edition or the buyer, and not of the playing.
NOT_PLAYING = _phrases(
    """
    live | live recording | live performance | in concert | studio | studio recording | mono
    stereo | remastered | digital | analog | analogue | vinyl | cd | dvd | sacd | mp3 | flac
    youtube | spotify | good sound | great sound | sound quality | good sound quality
    great sound quality | recording quality | low quality recording | poor sound | bad sound
    well recorded | badly recorded | audience noise | no audience | applause | coughing | hiss
    with the repeats | without the repeats | with repeats | without repeats | all repeats
    with all repeats | with all the repeats | observes the repeats | takes the repeats | repeats
    uncut | best recording of | best version of | best performance of | the best
    lots of reverb | reverb | old recording | new recording
    modern recording | modern piano | period instrument | fortepiano | harpsichord | steinway
    bosendorfer | bechstein | a few wrong notes | wrong notes | available | free download
    download | streaming | label | album | albums | disc | discs | boxed set | box set | solo piano
    """
)
MINUTES = frozenset("minute minutes min mins minuten minuti minutos".split())
SHORTER = _phrases("under | below | less than | shorter than | at most | up to | no more than"
                   "| not more than | within | no longer than")  # fmt: skip
LONGER = _phrases("over | above | more than | longer than | at least | no less than | beyond")

# Words that say nothing about how a performance sounds: articles, pronouns, auxiliaries,
# prepositions, and the frame in which people describe one.
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
    performer performing piece pieces play played player playing plays recording
    recordings rendition renditions sound sounded sounding sounds feels felt seem seems take takes
    version versions actually certainly definitely feel generally nevertheless nonetheless obviously
    overall undoubtedly indeed performers pianists players anymore become becomes becoming getting
    let lets letting first second third con
    taken took taking use used uses using made making gave given wanted wanting wish wished
    wishes could accuse accused look looking looks go goes going gone went come comes came indulge
    indulges indulging try tries trying someone somebody anyone anybody everybody everyone people
    know knows known next everything way ways reading readings account accounts two three four five
    six seven eight nine ten hundred disc times year years today yesterday work works
    themselves himself herself entire sort type after before until
    throughout myself yourself everywhere somewhere anywhere thanks thank hello hi sorry help tell
    recommend recommended recommendation recommendations suggest suggestions search
    hope hoping loved loves i'd am expect expected opinion favourite favorite
    quality
    """.split()
)

# What a vowel after it cuts short: "all'improvviso", "d'un", "l'élan".
ELIDED = frozenset("all c d dall dell j l m n nell qu quell s sull t un".split())

# Contractions written without their apostrophe.
UNMARKED = frozenset(
    "aint arent cant couldnt didnt doesnt dont hadnt hasnt havent isnt mustnt shouldnt wasnt "
    "werent wont wouldnt cannot".split()
)

PHRASES = (
    PRE_NEGATIONS | POST_NEGATIONS | PSEUDO_NEGATIONS | PLACES | COMPARISONS | NOT_PLAYING
    | DEGREES.keys() | POST_DEGREES.keys() | {(EQUAL,), (MEASURE,)}
)  # fmt: skip
PHRASE_LENGTHS: dict[str, list[int]] = {}  # by the first word, the longest first
for _first, _length in sorted({(phrase[0], -len(phrase)) for phrase in PHRASES}):
    PHRASE_LENGTHS.setdefault(_first, []).append(-_length)
# Words that mean something to the grammar, alone or in a phrase: never taken for misspellings.
GRAMMATICAL = STOP_WORDS | JOINING | UNMARKED | {word for phrase in PHRASES for word in phrase}
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
