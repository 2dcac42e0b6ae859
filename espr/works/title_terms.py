"""The words of titles of music, in several languages, each reduced to one term.

"Klaviersonate", "Sonate pour piano" and "Piano Sonata" all give the terms piano and sonata;
"Valse" and "Walzer" give waltz. A title becomes a list of terms without articles.
"""

from __future__ import annotations

import re
from functools import lru_cache

from espr.folding import words

_FORM_SPELLINGS = """
sonata: sonata sonate sonaten sonatas sonates sonaty sonat
sonatina: sonatina sonatine sonatinen sonatinas sonatines
prelude: prelude preludes preludium preludio praeludium praludium praludien praeludien
 preludia preludi preambulum praeambulum preludios preludiums prelud
fugue: fugue fuga fuge fugen fugues fugas fughe fuugat
nocturne: nocturne nocturnes notturno notturni nocturno nocturnos nokturn nokturny notturnos
waltz: waltz waltzes valse valses walzer vals valzer valsa walc walce valser
etude: etude etudes etuden study studies estudio estudios studio studi etiuda etiudy etyd studien
ballade: ballade ballades ballad ballads ballada balladen ballata balada
scherzo: scherzo scherzi scherzos
impromptu: impromptu impromptus improvviso
mazurka: mazurka mazurkas mazurken mazurek mazurki masurka mazurche mazurcas mazurca
polonaise: polonaise polonaises polonez polonezy polacca polonaisen polonesa
rhapsody: rhapsody rhapsodies rhapsodie rhapsodien rapsodia rapsodie rapsodias
intermezzo: intermezzo intermezzi intermezzos
capriccio: capriccio capriccios caprice caprices capricci capricho
fantasia: fantasia fantasie fantaisie fantasy phantasie fantasies fantasien fantasias fantazja
 fantaisies
concerto: concerto concertos konzert konzerte concierto concerti koncert konsert conciertos
symphony: symphony symphonie symphonien sinfonie sinfonien symphonies symfonia sinfonía symfonie
sinfonia: sinfonia sinfonias
quartet: quartet quartett quatuor cuarteto quartetto quartets quartette kwartet
quintet: quintet quintett quintette quinteto quintetto kwintet
trio: trio trios
sextet: sextet sextett sextuor
octet: octet oktett octuor
suite: suite suiten suites suita
partita: partita partiten partitas
variations: variations variationen variazioni variaciones wariacje
toccata: toccata toccatas tokkata
invention: invention inventions inventionen inventio invenzione invencion inventiones
bagatelle: bagatelle bagatelles bagatellen bagatella bagatela bagatelas
romance: romance romances romanze romanzen romanza romans
barcarolle: barcarolle barcarola barcarole barkarole barkarola
berceuse: berceuse berceuses
march: march marche marsch marcia marcha marches marsche
dance: dance danse dances danses danza danzas danze tanz tanze
consolation: consolation consolations
humoresque: humoresque humoreske humoresques humoresken
novelette: novelette novelletten novelettes novellette
albumleaf: albumblatt albumblatter
ecossaise: ecossaise ecossaises
minuet: minuet menuet menuett menuetto minuetto minueto menuets minuets menuette minuett
rondo: rondo rondeau rondos rondeaux
chaconne: chaconne ciaccona chacona ciacona
passacaglia: passacaglia passacaille
serenade: serenade serenata serenaden
overture: overture ouverture ouverturen obertura
divertimento: divertimento divertimenti
allemande: allemande allemanda
courante: courante corrente corrante
sarabande: sarabande sarabanda zarabanda
gigue: gigue giga gigues
gavotte: gavotte gavotta gavottes gavotten
bourree: bourree bourrees bouree bourre
passepied: passepied passepieds
air: air airs
aria: aria arie
anglaise: anglaise
loure: loure
musette: musette
rigaudon: rigaudon rigodon
tarantella: tarantella tarantelle
arabesque: arabesque arabesques arabeske arabesk arabesken
gymnopedie: gymnopedie gymnopedies
gnossienne: gnossienne gnossiennes
liebestraum: liebestraum liebestraume liebestraeume
ecloge: eclogue
cadenza: cadenza
elegy: elegie elegia
klavierstuck: klavierstuck klavierstucke klavierstuecke
"""
_INSTRUMENT_SPELLINGS = """
piano: piano klavier pianoforte clavier pianos fortepiano keyboard harpsichord cembalo clavecin clav
 fortepian fortepianowy pianofortes
violin: violin violon violine violino geige skrzypce violins
viola: viola bratsche alto
cello: cello violoncello violoncelle violonchelo cellos violoncell
flute: flute flote flauto fluit
clarinet: clarinet klarinette clarinette clarinetto
oboe: oboe hautbois
bassoon: bassoon fagott basson
horn: horn cor corno
trumpet: trumpet trompete trompette tromba
guitar: guitar gitarre guitare guitarra chitarra
organ: organ orgel orgue organo
harp: harp harfe harpe arpa
string: string strings streich cordes archi
orchestra: orchestra orchester orchestre orquesta
"""


def _spellings(text: str) -> dict[str, str]:
    table: dict[str, str] = {}
    for line in text.replace("\n ", " ").strip().splitlines():
        term, _, spelt = line.partition(":")
        table |= dict.fromkeys(spelt.split(), term)
    return table


_FORMS = _spellings(_FORM_SPELLINGS)
_INSTRUMENTS = _spellings(_INSTRUMENT_SPELLINGS)
INSTRUMENTS = frozenset(_INSTRUMENTS.values())

# Names of several words that say a form or a collection, written as one term.
_PHRASES = tuple(
    (re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), f" {term} ")
    for pattern, term in (
        (r"(?:songs?|lieder|lied|romances?|romanzen?) (?:without|ohne|sans|senza)"
         r" (?:words|worte|paroles|parole)", "songwithoutwords"),
        (r"moments? musica(?:l|ux|le|ls|uxs|li)", "momentmusical"),
        (r"hungarian rhapsod(?:y|ies)|ungarische[rn]? rhapsodien?|rh?apsodies? hongroises?"
         r"|rapsodia ungherese|rapsodia hungara", "hungarianrhapsody"),
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
    )
)  # fmt: skip
_ANY_PHRASE = re.compile("|".join(pattern.pattern for pattern, _ in _PHRASES), re.IGNORECASE)
_COMPOUND = re.compile(
    r"^(klavier|violin|cello|streich|mondschein|orgel|floten|flote|wanderer|forellen|horn|violoncello|"
    r"geister|erzherzog|revolutions|trauer|kaiser|tripel|doppel|mephisto|sturm|fruhlings|regen|minuten|"
    r"konzert|goldberg|klarinetten|hammerklavier|waldstein|sommer|paganini|handel|diabelli|eroica|krieg)s?"
    r"(sonaten?|konzerte?|quartett|quintett|trio|etude|etuden|walzer|fantasie|variationen|suiten?|marsch"
    r"|stucke?)$"
)
_STOP = frozenset(
    """the a an of and in for to from on at by with la le les l un une de du des d en et pour sur
    au aux der die das den dem ein eine einer und fur von vom zu mit aus im il lo gli e ed
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
def terms(text: str) -> tuple[str, ...]:
    """The terms of a folded text in order: forms, instruments and all other words but articles."""
    if _ANY_PHRASE.search(text):  # most titles hold none: one search instead of twenty
        for pattern, term in _PHRASES:
            text = pattern.sub(term, text)
    found: list[str] = []
    for word in words(text):
        parts = [word]
        if word not in _FORMS and (compound := _COMPOUND.match(word)):
            parts = [compound[1], compound[2]]
        for part in parts:
            term = _FORMS.get(part) or _INSTRUMENTS.get(part) or part
            if term not in _STOP:
                found.append(term)
    return tuple(found)


def form_of(found: tuple[str, ...]) -> str:
    """The form a title speaks of with its instruments: "sonata" (piano), "violin sonata", "".

    A form with movements is the work even where one of its dances is named first. The piano is
    not said, nor the strings of a quartet: both are what is meant without a word.
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
