"""The words of titles of music, in several languages, each reduced to one term.

"Klaviersonate", "Sonate pour piano" and "Piano Sonata" all give the terms piano and sonata;
"Valse" and "Walzer" give waltz. A title becomes a list of terms without articles.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files

from espr.folding import words


def _spellings() -> tuple[dict[str, str], dict[str, str]]:
    """Spelling → term, of forms and of instruments."""
    text = files("espr.works").joinpath("title_terms.txt").read_text(encoding="utf-8")
    tables: list[dict[str, str]] = []
    for line in text.replace("\n ", " ").splitlines():
        if line.startswith("["):
            tables.append({})
        elif ":" in line and tables:
            term, _, spelt = line.partition(":")
            tables[-1] |= dict.fromkeys(spelt.split(), term)
    forms, instruments = tables
    return forms, instruments


_FORMS, _INSTRUMENTS = _spellings()
INSTRUMENTS = frozenset(_INSTRUMENTS.values())

# Names of several words that say a form or a collection, written as one term.
_PHRASES = (
    (r"(?:songs?|lieder|lied|romances?|romanzen?) (?:without|ohne|sans|senza)"
     r" (?:words|worte|paroles|parole)", "songwithoutwords"),
    (r"moments? musica(?:l|ux|le|ls|uxs|li)", "momentmusical"),
    (r"hungarian rhapsod(?:y|ies)|ungarische[rn]? rhapsodien?|rh?apsodies? hongroises?"
     r"|rapsodia ungherese|rapsodia hungara|wegiersk\w* rapsodi\w*|ungersk\w* rapsodi\w*"
     r"|unkarilai\w* rapsodi\w*|magyar rapszodi\w*|macar rapsodi\w*"
     r"|(?:uhersk|madarsk)\w* rapsodi\w*"
     r"|hongaarse rapsodie\w*|madarska rapsodi\w*|ungari rapsoodia", "hungarianrhapsody"),
    (r"etudes?[- ]tableaux?", "etudetableau"),
    (r"etudes? d ?'? ?execution transcendantes?|transcendental (?:etudes?|study|studies)"
     r"|etudes? transcendantes?|transzendentale etuden?", "transcendentaletude"),
    (r"concert (?:etudes?|study|studies)|etudes? de concert|konzertetuden?",
     "concertetude"),
    (r"(?:grandes? )?etudes? d(?:e |'apres |apres )paganini|paganini[- ]?(?:etudes?|etuden)",
     "paganinietude"),
    (r"well[- ]tempered (?:clavier|klavier|piano|keyboard)"
     r"|wohltemperierte[sn]? (?:klavier|clavier)"
     r"|clavier bien tempere|clave bien temperado|clavicembalo ben temperato|wtc|wtk|wkt",
     "welltempered"),
    (r"hungarian dances?|ungarische[rn]? t[aä]nze?|danses? hongroises?|danza ungherese"
     r"|ungarischer tanz", "hungariandance"),
    (r"english suites?|englische suiten?|suites? anglaises?", "englishsuite"),
    (r"french suites?|franzosische suiten?|suites? francaises?", "frenchsuite"),
    (r"spanish dances?|danzas? espanolas?|danses? espagnoles?|spanische[rn]? tanze?",
     "spanishdance"),
    (r"brandenburg(?:ische[sn]?)? (?:concertos?|konzerte?)|concerto brandebourgeois",
     "brandenburgconcerto"),
    (r"album leaf|album leaves|feuillets? d'album", "albumleaf"),
    (r"lyric pieces?|lyrische stucke|pieces lyriques|lyriske stykker", "lyricpiece"),
    (r"mephisto[- ]?(?:waltz|walzer|valse)|valse mephisto", "mephistowaltz"),
    (r"(?:two|2)[- ]part inventions?|zweistimmige inventionen?", "invention"),
    (r"(?:three|3)[- ]part inventions?|dreistimmige inventionen?", "sinfonia"),
    (r"quasi una fantasia|quasi fantasia", ""),
)  # fmt: skip
_ANY_PHRASE = re.compile(rf"\b(?:{'|'.join(pattern for pattern, _ in _PHRASES)})\b", re.IGNORECASE)
# "Pianosonaatti", "zongoraszonáta", "strykekvartett": an instrument and a form in one word.
_PREFIXES = (
    *(("klavier", "piano"), ("klaver", "piano"), ("klaveri", "piano"), ("klaviiri", "piano")),
    *(("pianoforte", "piano"), ("piano", "piano"), ("pian", "piano"), ("zongora", "piano")),
    *(("pianjo", "piano"), ("violin", "violin"), ("violon", "violin"), ("viulu", "violin")),
    *(("viool", "violin"), ("viiuli", "violin"), ("hegedu", "violin"), ("fiolin", "violin")),
    *(("cello", "cello"), ("sello", "cello"), ("tsello", "cello"), ("gordonka", "cello")),
    *(
        ("strak", "string"),
        ("stryke", "string"),
        ("stryge", "string"),
        ("stryk", "string"),
        ("stry", "string"),
    ),
    *(("strijk", "string"), ("strengja", "string"), ("jousi", "string"), ("keelpilli", "string")),
    *(
        ("goldberg", "goldberg"),
        ("vonos", "string"),
        ("streich", "string"),
        ("orgel", "organ"),
        ("urku", "organ"),
    ),
)
# Forms within a word only: "pianoconcert", "zongoraverseny", but "concert pieces".
_BOUND_FORMS = {"concert": "concerto", "verseny": "concerto"}
_POSSESSIVE = re.compile(r"(?<=\w{3})'s\b", re.IGNORECASE)
_COMPOUND = re.compile(
    r"^(klavier|violin|cello|streich|mondschein|orgel|floten|flote|wanderer|forellen|horn|violoncello|"
    r"geister|erzherzog|revolutions|trauer|kaiser|tripel|doppel|mephisto|sturm|fruhlings|regen|minuten|"
    r"konzert|goldberg|klarinetten|hammerklavier|waldstein|sommer|paganini|handel|diabelli|eroica|krieg)s?"
    r"(sonaten?|konzerte?|quartett|quintett|trio|etude|etuden|walzer|fantasie|variationen|suiten?|marsch"
    r"|stucke?)$"
)
_STOP = frozenset(
    """the a an of and in for to from on at by with la le les l un une de du des d en et pour sur
    au aux za pre pro per cho dla pentru para pela dur nro az der die das den dem ein eine
    einer und fur von vom zu mit aus im il lo gli e ed
    del della dello dei delle di da per con el los las y os as s no nr sa ses son i et major
    minor""".split()
)
# Forms that have movements: a tempo in their title names a movement, not the work.
CYCLIC = frozenset(
    """sonata sonatina concerto symphony quartet quintet trio sextet octet suite partita
    divertimento serenade englishsuite frenchsuite brandenburgconcerto overture
    welltempered""".split()
)
# Their movements go by the name of the dance, because labels number them differently.
SUITES = frozenset("suite partita englishsuite frenchsuite overture".split())
FORMS = frozenset(_FORMS.values()) | frozenset(
    """songwithoutwords momentmusical hungarianrhapsody etudetableau transcendentaletude
    concertetude paganinietude englishsuite frenchsuite spanishdance hungariandance
    brandenburgconcerto lyricpiece mephistowaltz""".split()
)
# What the pieces of a collection are called, too: "Étude" for a transcendental étude.
KINDS = {
    "concertetude": "etude", "transcendentaletude": "etude", "paganinietude": "etude",
    "etudetableau": "etude", "mephistowaltz": "waltz", "hungarianrhapsody": "rhapsody",
    "spanishdance": "dance", "hungariandance": "dance", "englishsuite": "suite",
    "frenchsuite": "suite", "brandenburgconcerto": "concerto", "liebestraum": "nocturne",
    "arabesque": "arabesque",
}  # fmt: skip
# Words beside a title that name nothing in it.
SILENT = frozenset(
    """op opus posth nos book live excerpt excerpts arr arrangement version complete theme original
    film main piece pieces two three four six twelve instrumental unpublished encore bonus vol
    volume solo mvt movement take""".split()
)
TEMPO = frozenset(
    """allegro allegretto adagio adagietto andante andantino presto prestissimo largo larghetto
    lento lentement grave vivace vivacissimo vivo moderato maestoso allegramente sostenuto
    cantabile espressivo espressione agitato appassionato molto assai non troppo tanto poco
    piu meno moto brio fuoco grazioso scherzando giocoso affettuoso mosso tranquillo
    semplice dolce energico marcato marziale animato spirito comodo risoluto mesto tempo
    finale introduzione arietta tema precipitato inquieto caloroso pesante giusto ma quasi
    lent lente modere anime vif vite tres assez doucement douloureux langsam langsamer
    lebhaft rasch schnell massig bewegt innig sehr nicht zu ausserst ruhig feierlich
    getragen ziemlich leicht empfindung attacca delicatezza passione sempre teneramente
    lugubre serioso leggiero rubato alla breve marcia""".split()
)
# Words that only shade a tempo: alone they name no movement.
TEMPO_MODIFIERS = frozenset(
    """molto assai non troppo tanto poco piu meno moto brio fuoco ma quasi tres assez sehr nicht zu
    alla tempo sempre attacca espressione spirito alla breve""".split()
)


@lru_cache(maxsize=65536)
def _divided(word: str) -> tuple[str, ...]:
    """The word, or an instrument and a form that are written as one."""
    if word in _FORMS or word in _INSTRUMENTS or word in _STOP:
        return (word,)
    if compound := _COMPOUND.match(word):
        return compound[1], compound[2]
    for prefix, instrument in _PREFIXES:
        if word.startswith(prefix):
            rest = word[len(prefix) :].removeprefix("s") or word
            # "kvartetten", "sonatens": endings of the North
            for form in (word[len(prefix) :], rest, rest[:-1], rest[:-2]):
                if form in _FORMS or form in _BOUND_FORMS:
                    return instrument, _BOUND_FORMS.get(form, form)
    return (word,)


@cache
def _phrases() -> list[tuple[re.Pattern[str], str]]:
    return [
        (re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), f" {term} ")
        for pattern, term in _PHRASES
    ]


@lru_cache(maxsize=65536)
def terms(text: str) -> tuple[str, ...]:
    """The terms of a folded text in order: forms, instruments and all other words but articles."""
    if "'s" in text:  # file names often have no apostrophe: "Maidens Prayer"
        text = _POSSESSIVE.sub("s", text)
    if _ANY_PHRASE.search(text):  # most titles hold none: one search instead of twenty
        for pattern, term in _phrases():
            text = pattern.sub(term, text)
    found: list[str] = []
    for word in words(text):
        for part in _divided(word):
            term = _FORMS.get(part) or _INSTRUMENTS.get(part) or part
            if term not in _STOP:
                found.append(term)
    return tuple(found)


def form_of(found: tuple[str, ...]) -> str:
    """The form a title speaks of with its instruments: "sonata" (piano), "violin sonata", "".

    A form with movements is the work even where one of its dances is named first. The piano is
    not said, nor the strings of a quartet: kvartet kwartet both are what is meant without a word.
    """
    forms = [term for term in found if term in FORMS]
    if not forms:
        return ""
    form = next((term for term in forms if term in CYCLIC), forms[0])
    if form in SUITES | {"sonata", "concerto", "quartet", "quintet", "trio"}:
        silent = {"orchestra", "piano"} if form not in ("quartet", "quintet") else {"string"}
        spoken = dict.fromkeys(term for term in found if term in INSTRUMENTS - silent)
        return " ".join([*spoken, form])
    return form
