"""The query grammar: one test a rule, on the shipped vocabulary."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from espr.embeddings.word_vectors import Vectors, load_vectors
from espr.errors import WRONG_INPUT, EsprError
from espr.query_language.inflection import bases
from espr.query_language.parser import Term, parse_query
from espr.query_language.spelling import variants
from espr.query_language.tokenizer import tokenise
from espr.query_language.word_lookup import is_likely_slip, is_one_edit
from tests.cpu_time import cpu_seconds

VECTORS = load_vectors()


def read(text: str, *exclude: str) -> str:
    """The terms as "weight words", weights of 1 left out; <unknown word>, [left out]."""
    return ", ".join(shown(term) for term in parse_query(text, VECTORS, exclude=exclude))


def shown(term: Term) -> str:
    weight = "" if term.weight == 1 else f"{term.weight:g} "
    if term.known:
        return weight + " ".join(term.words)
    return weight + (f"[{term.text}]" if term.note else f"<{term.text}>")


RULES = {
    "commas separate terms": ("shy, delicate", "shy, delicate"),
    "so do semicolons, slashes, bars": ("shy; deep/calm|slow", "shy, deep, calm, slow"),
    "and": ("mechanical and boring", "mechanical, boring"),
    "an ampersand": ("slow & calm", "slow, calm"),
    "but": ("fast but gentle", "fast, gentle"),
    "a full stop ends a term, a dash too": ("calm. slow – deep", "calm, slow, deep"),
    "several words are one term": ("clear phrasing", "clear phrasing"),
    "underscores join a term": ("clear_phrasing", "clear phrasing"),
    "case": ("SHY, Delicate", "shy, delicate"),
    "accents": ("élan, naïve café", "elan, naive cafe"),
    "emoji are ignored": ("🎹 dreamy 👩‍🎤", "dreamy"),
    "control and direction marks are ignored": ("\u200fdre\u200bamy\x00\x1b", "dreamy"),
    "stop words are passed over": ("it sounds like a dream to me", "dream"),
    "a possessive": ("the child's toy", "child toy"),
    "quotation marks": ("'shy' “deep” ‘calm’", "shy, deep, calm"),
    # hyphens
    "a hyphened word as typed": ("well-known", "well-known"),
    "else joined": ("off-beat", "offbeat"),
    "else in parts": ("steady-tempo", "steady tempo"),
    "a typographic hyphen": ("off‑beat", "offbeat"),
    "a hyphened phrase is read as a phrase": ("not-so-fast", "-0.5 fast"),
    # forms
    "a word as typed is preferred": ("rushed, rushing, rush", "rushed, rushing, rush"),
    "a plural": ("rubatos", "rubato"),
    "a comparative": ("plainer, softer, sadder", "plain, soft, sad"),
    "a superlative": ("tenderest, driest, simplest", "tender, dry, simple"),
    "no comparative": ("singer, tender, number", "singer, tender, number"),
    "stretched": ("slooow, soooo slow, cooool", "slow, 1.5 slow, cool"),
    "-ical": ("dramatical, tragically", "dramatic, tragically"),
    "an adverb": ("riskily", "risky"),
    "a noun in -ness": ("springiness", "springy"),
    "a noun in -ity": ("expressivity, nervosity", "expressive, nervous"),
    "a verb in -ise": ("over-romanticised, romanticizing", "1.5 romantic, romantic"),
    "an adjective in -y": ("thumpy", "thump"),
    "an Italian plural": ("crescendi, soli", "crescendo, soli"),
    "cut short before a vowel": ("con l'allegro, d'un allegro", "allegro, allegro"),
    "an Italian superlative": ("legatissimo", "legato"),
    "British and American": (
        "colour, color, mesmerising, grey",
        "colour, color, mesmerising, grey",
    ),
    # negation
    "not": ("not mechanical", "-1 mechanical"),
    "no": ("no pedal", "-1 pedal"),
    "without": ("without any pedal", "-1 pedal"),
    "never": ("never rushed", "-1 rushed"),
    "non": ("non-legato", "-1 legato"),
    "step by step": ("nach und nach forte", "forte"),
    "of scores": (
        "con fuoco, molto vivace, sehr zart, non troppo presto, senza rubato",
        "fuoco, 1.5 vivace, 1.5 <zart>, -0.5 presto, -1 rubato",
    ),
    "n't": ("it isn't rushed", "-1 rushed"),
    "a curly apostrophe": ("it isn’t rushed", "-1 rushed"),
    "a forgotten apostrophe": ("doesnt rush", "-1 rush"),
    "cannot, can't": ("cannot sing, can't dance", "-1 sing, -1 dance"),
    "less": ("less staccato", "-1 staccato"),
    "lack of": ("lack of emotion", "-1 emotion"),
    "a negation ends with its term": ("not mechanical, boring", "-1 mechanical, boring"),
    "and with and, but": ("not fast and loud but calm", "-1 fast, loud, calm"),
    "or carries it on": ("not fast or loud, calm", "-1 fast, -1 loud, calm"),
    "neither, nor": ("neither fast nor loud", "-1 fast, -1 loud"),
    "nor after a comma": ("not fast, nor loud", "-1 fast, -1 loud"),
    "nonetheless": ("calm none the less, nonetheless slow", "calm, slow"),
    "two negations": ("not without feeling", "feeling"),
    "not only": ("not only fast but loud", "fast, loud"),
    "rather than, instead of": (
        "calm rather than fast, slow instead of loud",
        "calm, -1 fast, slow, -1 loud",
    ),
    "neither holds up to its nor": (
        "neither loud, fast nor hard, calm",
        "-1 loud, -1 fast, -1 hard, calm",
    ),
    "without with and": (
        "without warmth and depth, lack of pedal and very dry",
        "-1 warmth, -1 depth, -1 pedal, 1.5 dry",
    ),
    "less than": ("less than calm, nothing less than brilliant", "-1 calm, brilliant"),
    "not so much as": ("not so much sad as angry", "-1 sad, angry"),
    "n't in phrases": ("isn't only fast, isn't at all fast", "fast, -1 fast"),
    "missing, before and behind": (
        "missing warmth, warmth is missing, insufficient warmth",
        "-1 warmth, -1 warmth, -1 warmth",
    ),
    "no longer, far from": ("no longer calm, a far cry from calm", "-1 calm, -1 calm"),
    "in quotation marks": (
        'isn’t “calm”, not (fast or loud), "deep" (“not” slow)',
        "-1 calm, -1 fast, -1 loud, deep, -1 slow",
    ),
    "in brackets": ("not (too) fast, (not) loud, calm (slow)", "-0.5 fast, -1 loud, calm, slow"),
    "lacking, devoid of, free of": (
        "lacking in warmth, devoid of warmth, free of pedal, lacks warmth",
        "-1 warmth, -1 warmth, -1 pedal, -1 warmth",
    ),
    "avoid": ("avoid pedal", "-1 pedal"),
    "by no means": ("by no means hurried, in no way hurried", "-1 hurried, -1 hurried"),
    "anything but": ("anything but dull, everything but dull", "-1 dull, -1 dull"),
    "isn't, but": ("isn't mechanical but warm", "-1 mechanical, warm"),
    "it holds for every word of the term": ("no clear phrasing", "-1 clear phrasing"),
    "a list with or": (
        "without pedal, rubato or accents, not fast, loud or hard, calm",
        "-1 pedal, -1 rubato, -1 accents, -1 fast, -1 loud, -1 hard, calm",
    ),
    "none without or, none beyond a full stop": (
        "not fast, loud; not fast. loud or hard",
        "-1 fast, loud, -1 fast, loud, hard",
    ),
    "a list with and, of nouns": (
        "lacks warmth, charm and depth; without haste, calm and free; without haste, tone and slow",
        "-1 warmth, -1 charm, -1 depth, -1 haste, calm, free, -1 haste, tone, slow",
    ),
    "a noun with its adjective": (
        "lacks energy and drive; lacks warmth and great depth; without poetry, rhythmic drive and "
        "melancholy; without pedal and softly sung",
        "-1 energy, -1 drive, -1 warmth, -1 great depth, -1 poetry, -1 rhythmic drive, "
        "-1 melancholy, -1 pedal, softly sung",
    ),
    "-ing is what stands beside it": (
        "without rushing, banging and dragging, without haste, flowing and singing",
        "-1 rushing, -1 banging, -1 dragging, -1 haste, flowing, singing",
    ),
    "a clause ends a list": (
        "it's not fast, it's slow or calm; no rush, the tone is soft or calm",
        "-1 fast, slow, calm, -1 rush, tone soft, calm",
    ),
    "a list with a degree": (
        "not too sweet, dull or sad; never too sweet, too dull or too sad",
        "-0.5 sweet, -0.5 dull, -0.5 sad, -0.5 sweet, -0.5 dull, -0.5 sad",
    ),
    "gentle or even": ("not loud, gentle or even calm", "-1 loud, -1 gentle, -1 calm"),
    "hardly carries, too": (
        "rarely harsh or loud; hardly any pedal or rubato; hardly dry, hard or fast; hardly dry",
        "-0.5 harsh, -0.5 loud, -0.75 pedal, -0.75 rubato, "
        "-0.5 dry, -0.5 hard, -0.5 fast, -0.5 dry",
    ),
    "nor after hardly": ("hardly fast, nor loud", "-0.5 fast, -1 loud"),
    "little of two things": (
        "too little warmth and depth; few accents and calm",
        "-0.75 warmth, -0.75 depth, -0.5 accents, calm",
    ),
    "without, and of scores": (
        "senza forte e rubato, sans forte et rubato, ohne forte und rubato, without tone & pedal",
        "-1 forte, -1 rubato, -1 forte, -1 rubato, -1 forte, -1 rubato, -1 tone, -1 pedal",
    ),
    "nobody, nothing, refuses": (
        "nobody would call this calm; nothing harsh, loud or fast; it refuses to rush",
        "-1 calm, -1 harsh, -1 loud, -1 fast, -1 rush",
    ),
    "absent": ("warmth is absent, warmth is nowhere to be found", "-1 warmth, -1 warmth"),
    "no negation": (
        "not merely soft, no wonder calm, without doubt calm, so that it sings",
        "soft, calm, calm, sings",
    ),
    "an answer": (
        "staccato? not at all; loud it isn't; calm, this is not. fast, but not very",
        "-1 staccato, -1 loud, -1 calm, 0.5 fast",
    ),
    "a tag": (
        "calm, isn't it? soft, is it not? fast. why not",
        "calm, [isn't it], soft, [is it not], fast, [why not]",
    ),
    "an answer to a negation": (
        "not calm, not at all. not soft? no",
        "-1 calm, -1 soft",
    ),
    "no answer": (
        "calm, nothing more; calm, but the others are not",
        "calm, [nothing more], calm, [the others are not]",
    ),
    "neither, nor, or and than of scores": (
        "weder presto noch forte, ni presto ni forte; senza forte o presto, più presto che forte",
        "-1 presto, -1 forte, -1 presto, -1 forte, -1 forte, -1 presto, 1.25 presto, -1 forte",
    ),
    "negations of scores": (
        "ne pas forte, pas du tout forte, gar nicht forte, noch presto, niente affatto forte",
        "-1 forte, -1 forte, -1 forte, presto, -1 forte",
    ),
    "not lack": ("it doesn't lack warmth", "warmth"),
    "than most": (
        "less rubato than most, with a sense of calm",
        "-1 rubato, [than most], calm",
    ),
    "the opposite of": ("the opposite of calm, less and less calm", "-1 calm, -1 calm"),
    "no more": ("calm no more, soft no longer", "-1 calm, -1 soft"),
    "where is told and left out": (
        "slow towards the end, in the middle very soft",
        "slow, [towards the end], [in the middle], 1.5 soft",
    ),
    "with a word put in": ("not, however, calm, very, for me, soft", "-1 calm, 1.5 soft"),
    "none of a list": ("not soft, though, loud", "-1 soft, loud"),
    # degree
    "very": ("very soft", "1.5 soft"),
    "doubled": ("very, very soft", "2.25 soft"),
    "no more than three times": ("very very very very soft", "3 soft"),
    "really, extremely, so, too": (
        "really calm, extremely calm, so calm, too calm",
        "1.5 calm, 1.75 calm, 1.5 calm, 1.5 calm",
    ),
    "as much as can be": (
        "couldn't be softer, couldn't be any more calm, could hardly have been more calm",
        "1.5 soft, 1.5 calm, 1.5 calm",
    ),
    "as little as can be": (
        "could not be less calm, couldn't be any less calm",
        "-1 calm, -1 calm",
    ),
    "not as much as can be": ("could not be rushed, couldn't sing", "-1 rushed, -1 sing"),
    "on the slow side": (
        "on the slow side, slightly on the more dry side of things, on the other side soft",
        "0.75 slow, 0.375 dry, side soft",
    ),
    "degrees of scores": (
        "più presto, ganz presto, viel zu presto, ein wenig presto, wenig pedal, quasi presto",
        "1.25 presto, 1.5 presto, 1.75 presto, 0.5 presto, -0.5 pedal, 0.75 presto",
    ),
    "half as, twice as, at most, at least": (
        "half as loud, twice as fast, at most fast, at least calm, all but calm",
        "-0.5 loud, 1.5 fast, 0.75 fast, calm, 0.75 calm",
    ),
    "quite, rather": ("quite slow, rather slow", "0.75 slow, 0.75 slow"),
    "slightly, somewhat": ("slightly slow, somewhat slow", "0.5 slow, 0.5 slow"),
    "a bit, a little": (
        "a bit slow, a little slow, a little bit slow",
        "0.5 slow, 0.5 slow, 0.5 slow",
    ),
    "degrees multiply": ("a bit too fast", "0.75 fast"),
    "hardly": ("hardly audible", "-0.5 audible"),
    "hardly any, little": ("hardly any pedal, little pedal", "-0.75 pedal, -0.5 pedal"),
    "not very is a little on the other side": (
        "not very fast, not too fast",
        "-0.5 fast, -0.5 fast",
    ),
    "not quite, not that": (
        "not quite calm, not that calm, never entirely calm",
        "-0.5 calm, -0.5 calm, -0.5 calm",
    ),
    "the least of it, negated": (
        "without a hint of irony, no trace of irony, not even slightly sad",
        "-1 irony, -1 irony, -1 sad",
    ),
    "more or less": ("more or less steady", "0.75 steady"),
    "a lot more, far less": ("a lot more calm, far less calm", "1.25 calm, -1.25 calm"),
    "too much for something": (
        "too sad for Bach, calm for Bach",
        "1.5 sad, [for Bach], calm bach",
    ),
    "a degree before the negation stays": ("much less staccato", "-1.25 staccato"),
    "a modifier inside a term begins a new one": ("soft very slow", "soft, 1.5 slow"),
    "a degree of nothing weighs nothing, and is told": ("so, dreamy", "[so], dreamy"),
    "frequency": ("sometimes loud, mostly soft, rarely fast", "0.5 loud, 0.75 soft, -0.5 fast"),
    "at times": ("at times loud, calm now and then", "0.5 loud, 0.5 calm"),
    "amounts": (
        "a lot of pedal, a hint of irony, next to no pedal, full of emotion",
        "1.5 pedal, 0.5 irony, -0.75 pedal, 1.5 emotion",
    ),
    "many": (
        "quite a bit of pedal, not a few accents, no end of passion, quite a few accents",
        "1.25 pedal, 1.25 accents, 1.25 passion, 1.25 accents",
    ),
    "pretty": ("pretty loud, a pretty tone", "0.75 loud, pretty tone"),
    "too is also": ("soft and slow too", "soft, slow"),
    "almost": ("almost silent, almost no pedal", "0.75 silent, -0.75 pedal"),
    "absolutely, totally": ("absolutely calm, totally flat", "1.5 calm, 1.5 flat"),
    "a tad": ("a tad slow", "0.5 slow"),
    "too little, too much": ("too little pedal, too much pedal", "-0.75 pedal, 1.875 pedal"),
    "not enough": ("not enough pedal, not loud enough", "-1 pedal, -1 loud"),
    "a degree behind its word": ("varies too much, not calm very", "1.875 varies, -1.5 calm"),
    "ma non troppo": ("allegro ma non troppo", "0.75 allegro"),
    "but not too much": ("fast but not too much", "0.75 fast"),
    "but not too much after a comma": ("fast, but not too much", "0.75 fast"),
    "but not too much of something": ("fast but not too much pedal", "fast, -0.5 pedal"),
    # comparison
    "more than the others": ("more lyrical than the others", "lyrical, [than the others]"),
    "less than the others": ("less lyrical than the others", "-1 lyrical, [than the others]"),
    "than a quality": ("more lyrical than dry", "lyrical, -1 dry"),
    "than several": ("more lyrical than dry or harsh", "lyrical, -1 dry, -1 harsh"),
    "less than a quality": ("less dry than lyrical", "-1 dry, lyrical"),
    "rather fast than slow": ("rather fast than slow", "0.75 fast, -1 slow"),
    "more than a quality": (
        "more than calm, no more than calm, more than the others",
        "calm, calm, [than the others]",
    ),
    "than a thing": ("more like a dance than a march", "dance, -1 march"),
    "than usual, average, expected": (
        "slower than usual, softer than average, faster than expected",
        "slow, [than usual], soft, [than average], fast, [than expected]",
    ),
    "than a clause": ("slower than I would like", "slow, [than I would like]"),
    "than one performance": (
        "slower than the first recording",
        "slow, [than the first recording]",
    ),
    "than a number": ("slower than 2", "slow, [than 2]"),
    "compared to the others": ("slow compared to the others", "slow, [compared to the others]"),
    "unlike": ("unlike the others, calm", "[unlike the others], calm"),
    "at the front": (
        "unlike the others it is calm; compared to the first version this one is soft",
        "[unlike the others], calm, [compared to the first version], soft",
    ),
    "at the front, by name": (
        "unlike Liszt it is slow; compared to the others more calm",
        "-1 [Liszt], slow, [compared to the others], calm",
    ),
    "as possible": ("as fast as possible", "1.75 fast"),
    "not as": ("not as fast as the others", "-1 fast, [as the others]"),
    "a simile": ("as soft as silk", "soft silk"),
    "fear that is denied": ("not afraid to play softly", "softly"),
    "where others": ("gentle where others hammer", "gentle, -1 hammer"),
    "what does not waver": ("the beat hardly wavers", "-0.5 rubato flexible"),
    "a dislike of a noun with adjectives": (
        "sick of aggressive, heavy playing, calm; tired of fast, give me slow",
        "-1 aggressive, -1 heavy, calm, -1 fast, slow",
    ),
    # what is not understood is told
    "a clause that says nothing": ("like the others, calm", "[like the others], calm"),
    "a negation of nothing": ("calm, not", "calm, [not]"),
    # unknown words
    "an unknown word is a term of its own": ("clear qzxv tone", "clear, <qzxv>, tone"),
    "one edit from one word": ("shy, delciate, inteligence", "shy, delicate, intelligence"),
    "a misspelt degree": ("slighlty slow, wihtout pedal", "0.5 slow, -1 pedal"),
    "one edit from forms of one word": ("playfull, beautifull", "playful, beautiful"),
    "a likely slip of one long word": ("nervious, dramtic", "nervous, dramatic"),
    "one edit from several words": ("calm, siced", "calm, <siced>"),
    "two edits": ("calm, stacatto", "calm, <stacatto>"),
    "no slip of another word": ("calm, waggle, waggled", "calm, <waggle>, <waggled>"),
    "no form of a degree": ("quitely, heavey, fortes", "quietly, <heavey>, forte"),
    "a short word is not mended": ("calm, slwo", "calm, <slwo>"),
    # negation within a word
    "un-, non-": ("unexpressive, very unexpressive", "-1 expressive, -1.5 expressive"),
    "under-": ("underplanned", "-0.5 planned"),
    "-less, -free": ("pedal-less, rubato-free, rubatoless", "-1 pedal, -1 rubato, -1 rubato"),
    "not un-": ("not unexpressive", "expressive"),
    "a known word is left whole": ("unsteady, tuneless", "unsteady, tuneless"),
    "un-, anti-, over-, hyper- and a hyphen": (
        "un-rushed, anti-romantic, over-sweet, hyper-romantic",
        "-1 rushed, -1 romantic, 1.5 sweet, 1.75 romantic",
    ),
    "even is an adverb before a comparison": (
        "even more calm, even softer, even tempo",
        "calm, soft, even tempo",
    ),
    "a music box": ("like a music box, the music dances", "music box, dances"),
    # words of several parts
    "stop words inside": ("matter of fact", "matter-of-fact"),
    "a hyphened word in parts": ("very laid back", "1.5 laid-back"),
    "not of grammatical words": ("so so soft", "2.25 soft"),
    "a number": ("2, calm", "<2>, calm"),
}


@pytest.mark.parametrize(("text", "expected"), RULES.values(), ids=list(RULES))
def test_rule(text: str, expected: str) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("word", "read_as"),
    [("allley", "alley"), ("inteligence", "intelligence"), ("jaenny", "jenny"), ("siced", None)],
)
def test_a_misspelling_is_no_inflection_and_is_named(word: str, read_as: str | None) -> None:
    _, term = parse_query(f"calm, {word}", VECTORS)
    assert term.words == ((read_as,) if read_as else ())
    assert term.note == (f"'{word}' read as '{read_as}'" if read_as else "")
    assert term.suggestions or read_as


@pytest.mark.parametrize(
    ("typed", "meant", "is_slip"),
    [
        ("delciate", "delicate", True),  # swapped
        ("gentel", "gentle", True),
        ("gentl", "gentle", False),  # the last letter
        ("expresive", "expressive", True),  # left out
        ("expresssive", "expressive", True),  # inserted
        ("definate", "definite", True),  # a vowel
        ("softly", "sortly", False),  # a consonant
        ("xpressive", "expressive", False),  # the first letter
    ],
)
def test_likely_slips(typed: str, meant: str, is_slip: bool) -> None:
    assert is_one_edit(typed, meant)
    assert is_one_edit(meant, typed)
    assert is_likely_slip(typed, meant) is is_slip


@pytest.mark.parametrize(
    ("one", "other"),
    [("soft", "soft"), ("soft", "sofa"), ("abcd", "badc"), ("ab", "abcd"), ("", "ab")],
)
def test_one_edit_is_no_more(one: str, other: str) -> None:
    assert is_one_edit(one, other) == (other == "sofa")


SCORE = Vectors(
    "few", 1, ["con fuoco", "fuoco", "sturmisch", "laid-back", "non legato", "langsam"],
    VECTORS._rows[:6], VECTORS.mean,
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("con fuoco", ["con fuoco"]),
        ("molto con fuoco", ["con fuoco"]),
        ("con molto fuoco", ["fuoco"]),
        ("stürmisch, stuermisch, sturmisch", ["sturmisch"] * 3),
        ("sehr langsam", ["langsam"]),
        ("laid back, laid-back, laidback", ["laid-back"] * 3),
        ("non-legato, non legato", ["non legato"] * 2),
    ],
)
def test_score_terms_of_several_words(text: str, words: list[str | None]) -> None:
    read = [term.words[0] if term.known else None for term in parse_query(text, SCORE)]
    assert read == words


def test_what_scores_abbreviate() -> None:
    (crescendo,) = parse_query("cresc.", VECTORS)
    assert crescendo.words == ("crescendo",)
    assert crescendo.note == "'cresc' read as 'crescendo'"
    _, mezzo_forte = parse_query("calm, mf", VECTORS)
    assert (mezzo_forte.known, mezzo_forte.suggestions) == (False, ("medium", "loud"))


def test_a_misspelling_that_the_vocabulary_has_is_mended_and_named() -> None:
    assert parse_query("agressively", VECTORS)[0].words == ("aggressively",)
    (term,) = parse_query("agressive", VECTORS)
    assert term.words == ("aggressive",)
    assert term.note == "'agressive' read as 'aggressive'"


def test_what_was_negated_or_weighed_within_a_word_is_told() -> None:
    unpedalled, overdramatic = parse_query("unpedalled, overdramatic", VECTORS)
    assert (unpedalled.text, unpedalled.weight) == ("pedalled", -1)
    assert unpedalled.note == "'unpedalled' read as 'not pedaled'"
    assert overdramatic.note == "'overdramatic' read as 'overly dramatic'"


IN_ORDER = "not|hardly any|not very|slightly|quite||much|very|extremely|very very".split("|")


def test_degrees_are_monotone() -> None:
    weights = [parse_query(f"{degree} calm", VECTORS)[0].weight for degree in IN_ORDER]
    assert weights == sorted(set(weights))


@pytest.mark.parametrize(
    "negated",
    "not @|never @|no @|isn't @|without @|less @|least @|anything but @|lacks @|nowhere near @|"
    "hardly @|not very @|not too @|not @ at all|by no means @|not quite @|not even slightly @|"
    "far from @|neither @ nor @|un-@|not as @ as the others|calm rather than @".split("|"),
)
def test_what_is_negated_points_away_from_its_word(negated: str) -> None:
    terms = parse_query(negated.replace("@", "brilliant"), VECTORS)
    weights = [term.weight for term in terms if "brilliant" in term.words]
    assert weights and max(weights) < 0


def test_a_score_term_that_the_vectors_lack_is_answered_with_its_meaning() -> None:
    _, innig = parse_query("calm, innig", VECTORS)  # one edit from "inning"
    assert not innig.known
    assert innig.suggestions == ("heartfelt", "intimate", "inward", "warm")


def test_what_is_left_out_says_why() -> None:
    _, others, nothing = parse_query("slower than the others, as it is", VECTORS)
    assert (others.text, others.note) == ("than the others", "compares with what is not named")
    assert (nothing.text, nothing.note) == ("as it is", "says nothing about the sound")


def test_exclude_negates_what_it_reads() -> None:
    assert read("calm", "fast", "very loud", "not soft") == "calm, -1 fast, -1.5 loud, soft"


def test_exclude_alone_is_a_query() -> None:
    assert read("", "fast") == "-1 fast"


def test_a_term_keeps_what_was_typed_and_says_how_it_was_read() -> None:
    (term,) = parse_query("Clear_Rubatos", VECTORS)
    assert term == Term(
        "Clear Rubatos", ("clear", "rubato"), 1.0, True, note="'Rubatos' read as 'rubato'"
    )


def test_unknown_words_come_with_suggestions() -> None:
    shy, staccato = parse_query("shy, stacatto", VECTORS)
    assert shy.suggestions == ()
    assert not staccato.known
    assert staccato.words == ()
    assert staccato.suggestions[0] == "staccato"


def fails(text: str, *exclude: str) -> str:
    with pytest.raises(EsprError) as raised:
        parse_query(text, VECTORS, exclude=exclude)
    assert raised.value.exit_code == WRONG_INPUT
    return str(raised.value)


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_empty(text: str) -> None:
    assert "the query is empty" in fails(text)


@pytest.mark.parametrize("text", ["the", "it is what it is", "very", "not", "!!!", "🎹", "--"])
def test_nothing_said(text: str) -> None:
    assert "says nothing about how a performance sounds" in fails(text)


def test_an_exclusion_that_says_nothing() -> None:
    assert "says nothing" in fails("calm", "the")


def test_no_known_word_names_suggestions() -> None:
    message = fails("delciaet, stacatto, the")
    assert "'delciaet' (did you mean delicate" in message
    assert "'stacatto' (did you mean staccato?)" in message


def test_many_unknown_words_are_counted() -> None:
    message = fails(" ".join(f"qzxv{n}" for n in range(30)))
    assert message.endswith("and 25 more")
    assert "\n" not in message


LONG = {
    "a known word": "soft " * 13_000,
    "one unknown word": "qzxv, " * 11_000,
    "many unknown words": ", ".join(f"qzxv{n}" for n in range(7_000)),
    "one endless word": "a" * 65_536,
    "hyphens": "-" * 65_536,
    "brackets": "(" * 65_536,
    "words in brackets": "(soft" * 13_000,
    "quotation marks": 'not "' * 13_000,
    "an endless compound": "soft-" * 13_000,
    "negations": "not " * 16_000 + "soft",
    "comparisons": "than " * 13_000,
    "comparisons of scores": "piu che " * 8_000,
    "combining accents": "e" + "\u0301" * 65_535,
    "apostrophes": "a'" * 32_768,
}


@pytest.mark.parametrize("text", LONG.values(), ids=list(LONG))
def test_reading_takes_time_that_grows_with_the_text_and_not_with_its_square(text: str) -> None:
    def read(text: str) -> None:
        try:
            parse_query(text, VECTORS)
        except EsprError as error:
            assert len(str(error)) < 500

    eighth = cpu_seconds(lambda: read(text[: len(text) // 8]))
    # 8 times when it grows with the text, 64 with its square
    assert cpu_seconds(lambda: read(text), times=1) < 24 * max(eighth, 0.005)


PIECES = "not only very a bit or nor and , - ' n't isn't fast loud qzxv ß İ \ud800".split()


@settings(max_examples=300, deadline=None)
@given(st.text() | st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        terms = parse_query(text, VECTORS)
    except EsprError:
        return
    assert all("  " not in term.text for term in terms)
    for term in terms:
        assert term.known == bool(term.words)
        assert all(word in VECTORS for word in term.words)
        assert 0 < abs(term.weight) <= 3


def test_tokenise_keeps_hyphens_and_ends() -> None:
    assert tokenise("Off-beat, isn't_so") == ["off-beat", ",", "not", "so"]


@pytest.mark.parametrize(
    ("word", "base"),
    [
        ("melodies", "melody"),
        ("hurried", "hurry"),
        ("heavier", "heavy"),
        ("running", "run"),
        ("dragging", "drag"),
        ("danced", "dance"),
        ("flattish", "flat"),
        ("gently", "gentle"),
        ("fully", "full"),
        ("dramatically", "dramatic"),
        ("audibly", "audible"),
        ("halves", "half"),
        ("dolcissimo", "dolce"),
    ],
)
def test_bases(word: str, base: str) -> None:
    assert base in list(bases(word))


@pytest.mark.parametrize("word", ["nervous", "boneless", "crisis", "was", "red", "sing"])
def test_no_plural_where_there_is_none(word: str) -> None:
    assert word[:-1] not in list(bases(word))


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("colour", "color"),
        ("harmonise", "harmonize"),
        ("sombre", "somber"),
        ("theatre", "theater"),
        ("analyse", "analyze"),
        ("dialogue", "dialog"),
        ("defence", "defense"),
        ("pedalled", "pedaled"),
        ("centred", "centered"),
        ("colourful", "colorful"),
    ],
)
def test_spelling_variants_go_both_ways(british: str, american: str) -> None:
    assert american in list(variants(british))
    assert british in list(variants(american))


def test_the_other_spelling_is_found() -> None:
    vocabulary = Vectors("few", 1, ["colour", "somber"], VECTORS._rows[:2], VECTORS.mean)
    terms = parse_query("color, sombre, colors", vocabulary)
    assert [term.words for term in terms] == [("colour",), ("somber",), ("colour",)]


def test_names_are_one_term_as_typed_and_no_slips() -> None:
    slow, name = parse_query("slow, like Glenn Gould", VECTORS)
    assert (slow.known, name.text, name.known) == (True, "Glenn Gould", False)
    assert name.note == "is a name, not a sound"
    with pytest.raises(EsprError, match=r"\('Glenn Gould' is a name, not a sound\); try words"):
        parse_query("like Glenn Gould", VECTORS)
