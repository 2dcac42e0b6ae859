"""Small words of German, French, Italian and Spanish, translated into those of the grammar.

Describing words of these languages are in the lexicon (``score_terms.py``) or in the vectors; what
negates, weighs, joins or says nothing is here. A word that English has, too ("fast", "sin", "die",
"plus") is translated only in a text that is written in its language. Scores mix languages ("molto
vivace, sehr zart"), so all others always are. Written from general knowledge of the languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from espr.query_language.phrases import JOINING, MODIFIERS, STOP, STOP_WORDS
from espr.query_language.score_terms import glosses
from espr.query_language.tokenizer import Token

READ = "English, German, French, Italian and Spanish"

# "English: foreign, foreign | ..." where "the" stands for every word that says nothing.
_ALWAYS = {
    "de": """
        not: nicht | not at all: gar nicht, uberhaupt nicht, keineswegs, kein bisschen, nicht im
        geringsten | no: kein, keine, keinen, keiner, keinem, keinerlei | never: nie, niemals
        | without: ohne | less: weniger | little: wenig | hardly: kaum | instead of: statt, anstatt
        | slightly: etwas, ein wenig, ein bisschen | very: sehr, ganz, viel, moglichst,
        besonders, wirklich, total | too: zu | far too: viel zu | so: dermassen | quite: ziemlich,
        recht, einigermassen, eher | considerably: mehr, deutlich | increasingly: immer, immer mehr
        | extremely: ausserst, extrem | neither: weder | but: aber, sondern, doch, jedoch | or: oder
        | and: und | not very: nicht so, nicht sehr, nicht besonders | step by step: nach und nach
        | the: mit, das, dem, den, der, des, ein, eine, einem, einen, einer, eines, wie, moglich,
        musik, werdend, noch, als, vom, zum, zur, von, auf, aus, bei, fur, ist, sind, wird, klingt,
        spielt, gespielt, aufnahme, klavier, bitte, ich, er, sie, es, mir, nur, auch, dabei, mochte,
        etwa, dass, wenn, sein, seine, ihre, im, alle, spielen, klang, spiel
        """,
    "fr": """
        not: pas | not at all: pas du tout | never: jamais | no: aucun, aucune | without: sans
        | less: moins | little: peu, peu de | hardly: guere, a peine | slightly: un peu, un peu de,
        legerement | very: tres, vraiment | a lot of: beaucoup, beaucoup de | too: trop, trop de
        | quite: assez, plutot | almost: presque | extremely: extremement | so: tellement
        | completely: tout a fait, completement | increasingly: de plus en plus | but: mais
        | not very: pas tres, pas trop, pas si | and: et | or: ou | bit by bit: peu a peu
        | the: le, la, les, l, des, du, de, au, aux, une, avec, comme, ce, cette, cet, c, est, il,
        elle, dans, qui, que, joue, jouer, interpretation, je, voudrais, quelque, chose, tout,
        toute, tous, ses, sa, jeu, musique, version, enregistrement, possible, cela, y
        """,
    "it": """
        without: senza | less: meno | never: mai | nothing: niente | not at all: niente affatto, per
        niente, affatto | hardly: appena | slightly: poco, poca, un poco, un po, un pochino
        | very: molto, molta, molti, molte, tanto, tanta, assai, davvero | too: troppo, troppa
        | considerably: piu | increasingly: sempre piu | quite: piuttosto, abbastanza
        | almost: quasi | extremely: estremamente | but: ma, pero | and: e, ed | or: o, oppure
        | but not too much: ma non troppo, ma non tanto | bit by bit: poco a poco
        | not very: non molto, non troppo, non tanto
        | the: il, lo, gli, un, uno, una, di, del, della, dello, dei, degli, delle, al, alla, dal,
        dalla, da, nel, nella, con, sempre, che, suona, suono, suonato, pianista, vorrei, qualcosa,
        si, possibile, tocco, sul, sulla, brano, esecuzione
        """,
    "es": """
        never: nunca | not at all: para nada, en absoluto | no: ningun, ninguna, ninguno
        | less: menos | hardly: apenas | slightly: algo, un poquito | very: muy | so: tan
        | too: demasiado, demasiada | considerably: mas | quite: bastante | almost: casi
        | a lot of: mucho, mucha, muchos, muchas | extremely: extremadamente | and: y | but: sino
        | not very: no muy, no tan, no demasiado | nor: tampoco
        | the: el, los, las, una, unos, unas, en, es, por, para, lo, su, sus, con, como, toca,
        tocado, suena, sonido, quiero, pianista, grabacion, interpretacion, nada, posible
        """,
}
_IN_ITS_LANGUAGE = {
    "de": "almost: fast | the: die, man, war, was, hat, am, also, in, so wie, hand, art",
    "fr": "considerably: plus | no longer: ne plus | so: si | the: on, son, a, en, an, pour, par",
    "it": "nor: ne | the: i, le, come, per, se, in, a, piano",
    "es": "without: sin | little: poco, poca | the: a, me, son, se, un, que, toque",
}
_NEGATED = frozenset("pas jamais plus guere rien aucun aucune point".split())  # after French "ne"
_COMPARING = frozenset("piu mehr plus mas meno weniger moins menos eher plutot".split())
_THAN = frozenset("als che que".split())
_LONGEST = 4  # words of a phrase


@cache
def _table(language: str, *, is_alone: bool) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Foreign phrase to English one; ``is_alone``: of those words that English has, too."""
    table = (_IN_ITS_LANGUAGE if is_alone else _ALWAYS)[language]
    pairs = (entry.partition(":") for entry in table.split("|"))
    return {
        tuple(phrase.split()): tuple(english.split())
        for english, _, phrases in pairs
        for phrase in phrases.split(",")
    }


@cache
def _always() -> dict[tuple[str, ...], tuple[str, ...]]:
    return {phrase: to for language in _ALWAYS for phrase, to in
            _table(language, is_alone=False).items()}  # fmt: skip


SMALL_WORDS = frozenset(word for phrase in _always() for word in phrase)


def language_of(words: Sequence[str]) -> str:
    """The language of most small words and terms: ``de``, ``fr``, ``it``, ``es`` or ``en``."""
    counts = {
        language: sum(
            (word,) in _table(language, is_alone=False)
            or ((entry := glosses().get(word)) is not None and entry.language == language)
            for word in words
        )
        for language in _ALWAYS
    }
    best = max(counts, key=lambda language: counts[language])
    foreign = {word for phrase in (_always() | _table(best, is_alone=True)) for word in phrase}
    english = sum(
        word not in foreign and (word in STOP_WORDS or word in MODIFIERS or word in JOINING)
        for word in words
    )
    return best if counts[best] > english else "en"


def in_english(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """The tokens with the small words of other languages in English."""
    words = [token.read for token in tokens]
    language = language_of(words)
    table = _always()
    if language != "en":
        table = table | _table(language, is_alone=False) | _table(language, is_alone=True)
    return tuple(_translated(tokens, words, table))


def _translated(
    tokens: Sequence[Token],
    words: Sequence[str],
    table: dict[tuple[str, ...], tuple[str, ...]],
) -> Iterator[Token]:
    before: set[str] = set()  # the words since the last full stop
    first_words = {phrase[0] for phrase in table}
    at = 0
    while at < len(words):
        word, length = words[at], 1
        lengths = range(min(_LONGEST, len(words) - at) if word in first_words else 0, 0, -1)
        phrases = (tuple(words[at : at + count]) for count in lengths)
        phrase = next((found for found in phrases if found in table), ())
        to = table.get(phrase, (word,))
        if word in _THAN and not _COMPARING.isdisjoint(before):
            to, phrase = ("than",), (word,)
        elif word in ("noch", "ni") and (word == "ni" or "weder" in before):
            to = ("nor",)
        elif word == "ne":  # Italian né, or a half of the French negation
            to = ("the",) if _NEGATED & {*words[at + 1 : at + 5]} else ("nor",)
        length = max(1, len(phrase))
        if to == (word,):
            yield tokens[at]
        elif to == ("the",):  # may be a part of a term: "con fuoco"
            yield from (replace(token, is_silent=True) for token in tokens[at : at + length])
        else:
            typed = " ".join(token.typed for token in tokens[at : at + length])
            yield Token(to[0], typed)
            yield from (Token(english, "") for english in to[1:])
        if word == STOP:
            before.clear()
        before.add(word)
        at += length
