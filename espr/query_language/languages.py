"""Small words of German, French, Italian and Spanish, translated into those of the grammar.

Describing words of these languages are in the lexicon (``score_terms.py``) or in the vectors; what
negates, weighs, joins or says nothing is here. A word that English has, too ("fast", "sin", "die",
"plus") is translated only in a text that is written in its language. Scores mix languages ("molto
vivace, sehr zart"), so all others always are. Written from general knowledge of the languages; that
no word among the 260 most frequent is read as English was looked up with wordfreq 3.1.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from espr.query_language.grammar_tables import JOINING, MODIFIERS, STOP, STOP_WORDS
from espr.query_language.inflection import derivations
from espr.query_language.score_terms import find_entry
from espr.query_language.tokenizer import Token

READ = "English, German, French, Italian and Spanish"

# "English: foreign, foreign | ..." where "the" stands for every word that says nothing.
_ALWAYS = {
    "de": """
        not: nicht | not at all: gar nicht, uberhaupt nicht, keineswegs, kein bisschen, nicht im
        geringsten | no: kein, keine, keinen, keiner, keinem, keinerlei | never: nie, niemals
        | without: ohne, ohne jede, ohne jeden, ohne jedes, ohne jegliche
        | less: weniger | little: wenig | hardly: kaum | instead of: statt, anstatt
        | slightly: etwas, ein wenig, ein bisschen | very: sehr, ganz, viel, moglichst,
        besonders, wirklich, total | too: zu | far too: viel zu | so: dermassen | quite: ziemlich,
        recht, einigermassen, eher | considerably: mehr, deutlich | increasingly: immer, immer mehr
        | extremely: ausserst, extrem | neither: weder | but: aber, sondern, doch, jedoch | or: oder
        | and: und | not very: nicht so, nicht sehr, nicht besonders | step by step: nach und nach
        | the: mit, das, dem, den, der, des, ein, eine, einem, einen, einer, eines, wie, moglich,
        musik, werdend, noch, als, vom, zum, zur, von, auf, aus, bei, fur, ist, sind, wird, klingt,
        spielt, gespielt, aufnahme, klavier, bitte, ich, er, sie, es, mir, nur, auch, dabei, mochte,
        etwa, dass, wenn, sein, seine, ihre, im, alle, spielen, klang, spiel, werden, wurde, um,
        nach, vor, bis, hier, diese, dieser, dieses, diesem, diesen, jede, jeder, jedes,
        jeden, muss, mussen, habe, hatte, gern, gerne, heute, viele, erste,
        ersten, lassen, warum, weil, unsere, deine, meine, mein, tasten, klaviatur,
        flugel, ich mag, mag ich, ich mag es, gefallt mir, wirkt, uns, ihm, ihr, fur mich,
        fur meinen geschmack, unter, gegen, durch, kann, soll, wurden
        | not: ich mag nicht, ich mag es nicht, mag ich nicht, gefallt mir nicht
        """,
    "fr": """
        not: pas | not at all: pas du tout | never: jamais | no: aucun, aucune | without: sans, sans
        aucun, sans aucune
        | less: moins | little: peu, peu de | hardly: guere, a peine | slightly: un peu, un peu de,
        legerement | very: tres, vraiment | a lot of: beaucoup, beaucoup de | too: trop, trop de
        | quite: assez, plutot | almost: presque | extremely: extremement | so: tellement
        | completely: tout a fait, completement | increasingly: de plus en plus | but: mais
        | not very: pas tres, pas trop, pas si | and: et | or: ou | bit by bit: peu a peu
        | the: le, la, les, l, des, du, de, au, aux, une, avec, comme, ce, cette, cet, c, est, il,
        elle, dans, qui, que, joue, jouer, interpretation, je, voudrais, quelque, chose, tout,
        toute, tous, ses, sa, jeu, musique, version, enregistrement, possible, cela, y, j, meme,
        quand, encore, entre, contre, votre, notre, leur, toutes, premier, premiere, parce, lieu,
        celle, celui, chez, sont, etait, ont, fait, nous, vous, ils, elles, mes, morceau,
        clavier, aime, j aime, pour moi, a mon gout, lorsque, aussi, donc, depuis
        | not: aime pas, je aime pas | slightly: un peu plus
        """,
    "it": """
        without: senza, senza alcun, senza alcuna, senza nessun, senza nessuna
        | less: meno | never: mai | nothing: niente
        | not at all: niente affatto, per niente, affatto | hardly: appena
        | slightly: poco, poca, un poco, un po, un pochino
        | very: molto, molta, molti, molte, tanto, tanta, assai, davvero | too: troppo, troppa
        | considerably: piu | increasingly: sempre piu | quite: piuttosto, abbastanza
        | almost: quasi | extremely: estremamente | but: ma, pero | and: e, ed | or: o, oppure
        | but not too much: ma non troppo, ma non tanto | bit by bit: poco a poco
        | not very: non molto, non troppo, non tanto
        | the: il, lo, gli, un, uno, una, di, del, della, dello, dei, degli, delle, al, alla, dal,
        dalla, da, nel, nella, con, sempre, che, suona, suono, suonato, pianista, vorrei, qualcosa,
        si, possibile, tocco, sul, sulla, brano, esecuzione, sui, sugli, sulle, tasti, tastiera, mi
        piace, mi piacciono, per me, per i miei gusti, anche, agli, alle, dai, altro,
        altra, altri, altre, perche, quando, queste, questo, questa, questi, quello, quella, quelle,
        quelli, suo, sua, suoi, sono, viene, ogni, pezzo, cosa, detto, persone
        | not: non mi piace, non mi piacciono | slightly: un po piu, un poco piu
        | slightly soft: un po piu piano, un poco piu piano | considerably soft: piu piano
        | very soft: molto piano, assai piano | overly soft: troppo piano | soft: suona piano,
        piano piano, suonato piano | quite soft: abbastanza piano, piuttosto piano
        """,
    "es": """
        never: nunca | not at all: para nada, en absoluto | no: ningun, ninguna, ninguno
        | less: menos | hardly: apenas | slightly: algo, un poquito | very: muy | so: tan
        | too: demasiado, demasiada | considerably: mas | quite: bastante | almost: casi
        | a lot of: mucho, mucha, muchos, muchas | extremely: extremadamente | and: y | but: sino
        | not very: no muy, no tan, no demasiado | nor: tampoco
        | the: el, los, las, una, unos, unas, en, es, por, para, lo, su, sus, con, como, toca,
        tocado, suena, sonido, quiero, pianista, grabacion, interpretacion, nada, posible, teclas,
        teclado, me gusta, me gustan, para mi, para mi gusto, mejor, mayor, esta, este, estos,
        estas, eso, esto, cuando, donde, porque, sobre, entre, tambien, desde, hasta,
        tengo, soy, mismo, misma, primero, primera, obra, pieza, le, tiene, hace
        | not: no me gusta, no me gustan | slightly: un poco mas
        """,
}
_IN_ITS_LANGUAGE = {
    "de": """
        almost: fast | the: die, man, war, was, hat, am, also, in, so wie, hand, art, weise, mal,
        ab, muss, dies, erst, uber, bin, nun, tag, stuck, mag
        """,
    "fr": """
        considerably: plus | no longer: ne plus | so: si | the: on, son, a, en, an, pour, par, ai,
        te, ton, car, fin, part, place, point, reste, passe, faire, temps, comment, coup, suite,
        genre, touches
        """,
    "it": """
        nor: ne | badly: male | the: i, le, come, per, se, in, a, piano, mi, ci, ad, ti, era,
        parte, due, fa, chi, te, via, tre, far, solo, fine, ai, dove, sue, fare, prima
        """,
    "es": """
        without: sin, sin ningun, sin ninguna | little: poco, poca
        | the: a, me, son, se, un, que, toque, mi, te, parte,
        era, gran, fin, final, van, sea, solo, hay, yo, ya, primer
        """,
}
# Describing words that are English ones of another sense, with their inflections.
_HOMOGRAPHS = {
    "de": """
        bright: hell | quiet: still | colorful: bunt | dull: fade, od | strong: stark | good: gut
        | old: alt | poor: arm | pure: rein | red: rot | fantastic: toll | empty: leer | thick: dick
        | great: gross | genuine: echt | pleasant: nett | clumsy: plump | obedient: brav
        | bitter dry: herb | loose: lose | dead: tot | long: lang | small: klein
        """,
    "fr": """
        beautiful: beau, beaux, bel, bell | icy: glac | white: blanc, blanch | blue: bleu
        | false: faux, fauss | real: reel | ugly: laid | frank: franc, franch | cheerful: content
        | raw: brut | insensitive: insensibl | thin: maigr, minc | changeable: versatil
        | confident: assur | flat: plat | strained: forc | exaggerated: outr | rough: rud
        | broad: larg | short: court, brev | dirty: sal | clean clear: net, nett | dull: mat
        | loud strong: fort | bland: fad | composed: sag | desolate: desert
        | sensitive: sensibl | naked: nu, denud | lively: petulant | sugary: sucr | pearly: nacr
        | big: grand | hammered: tap, cogn | flowing: coul | gliding: gliss
        """,
    "it": """
        small: piccol | high: alt | low: bass | kind: gentil | majestic: regal | stable: stabil
        | short: brev | magnificent: magnific | mild: mit | clear: chiar
        """,
    "es": """
        beautiful: bonit | cute: mon | wonderful: genial | high: alt | black dark: negr
        | bright clear: clar | plain: llan | ordinary: vulgar | crazy: loc | straight: rect
        | long: larg | sensitive: sensibl | still: estatic | anger: ira | great: gran | brave: brav
        """,
}
_ENDINGS = {
    "de": ("", "e", "en", "er", "es", "em"),
    "fr": ("", "e", "s", "es"),
    "it": ("o", "a", "i", "e", "hi", "he"),
    "es": ("", "o", "a", "os", "as", "e", "es"),
}
_NEGATED = frozenset("pas jamais plus guere rien aucun aucune point".split())  # after French "ne"
_COMPARING = frozenset("piu mehr plus mas meno weniger moins menos eher plutot".split())
_THAN = frozenset("als che que".split())
_SUPERLATIVES = ("ste", "sten", "ster", "stes")  # "die schnellste" is German
_LONGEST = 4  # words of a phrase

Table = dict[tuple[str, ...], tuple[str, ...]]


@cache
def _small_words(language: str) -> Table:
    """Foreign phrase to English one, of those words that English has not."""
    return _read(_ALWAYS[language])


@cache
def _in_its_language(language: str) -> Table:
    """Foreign phrase to English one, where words that English has, too, are foreign ones."""
    describing = {
        (stem + ending,): english
        for (stem,), english in _read(_HOMOGRAPHS[language]).items()
        for ending in _ENDINGS[language]
    }
    return describing | _always() | _small_words(language) | _read(_IN_ITS_LANGUAGE[language])


def _read(table: str) -> Table:
    pairs = (entry.partition(":") for entry in table.split("|"))
    return {
        tuple(phrase.split()): tuple(english.split())
        for english, _, phrases in pairs
        for phrase in phrases.split(",")
    }


@cache
def _always() -> Table:
    return {phrase: to for language in _ALWAYS for phrase, to in _small_words(language).items()}


SMALL_WORDS = frozenset(word for phrase in _always() for word in phrase)


def language_of(words: Sequence[str]) -> str:
    """The language of most small words and terms: ``de``, ``fr``, ``it``, ``es`` or ``en``."""
    if not any((word,) in _in_its_language(language) for word in words for language in _ALWAYS):
        return "en"  # or of no matter, and the lexicon need not be read
    counts = {
        language: sum((word,) in _small_words(language) or _is_term(word, language)
                      for word in words)
        for language in _ALWAYS
    }  # fmt: skip
    best = max(counts, key=lambda language: counts[language])
    foreign = {word for phrase in _in_its_language(best) for word in phrase}
    english = sum(
        word not in foreign and (word in STOP_WORDS or word in MODIFIERS or word in JOINING)
        for word in words
    )
    return best if counts[best] > english else "en"


def _is_term(word: str, language: str) -> bool:
    forms = (word, *derivations(word)) if word.endswith(_SUPERLATIVES) else (word,)
    entries = (find_entry(form) for form in forms)
    return any(entry is not None and language in entry.languages for entry in entries)


def in_english(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """The tokens with the small words of other languages in English."""
    words = [token.read for token in tokens]
    language = language_of(words)
    table = _always() if language == "en" else _in_its_language(language)
    return tuple(_translated(tokens, words, table))


def _translated(
    tokens: Sequence[Token],
    words: Sequence[str],
    table: Table,
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
            first = next((n for n, english in enumerate(to) if english not in MODIFIERS), 0)
            for place, english in enumerate(to):  # "molto piano" stands at "soft"
                yield Token(english, typed if place == first else "")
        if word == STOP:
            before.clear()
        before.add(word)
        at += length
