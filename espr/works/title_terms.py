"""The words of titles of music, in several languages, each reduced to one term.

"Klaviersonate", "Sonate pour piano" and "Piano Sonata" all give the terms piano and sonata;
"Valse" and "Walzer" give waltz. A title becomes a list of terms without articles.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from espr.folding import words

_FORM_SPELLINGS = """
sonata: sonaatti sonaatin sonaat sonaadi szonata sonati sonatul sonaten sonato sonatei sonatu
 sonatai sonatas sonatele sonatot sonatnye sonat
 sonata sonate sonaten sonatas sonates sonaty sonat
sonatina: sonatiini sonatina szonatina sonatiin
 sonatina sonatine sonatinen sonatinas sonatines
prelude: preludi preludij preludija preludas preludu preludit preludier preludlar preludul
 preliudas preludiumi preludo
 prelude preludes preludium preludio praeludium praludium praludien praeludien
 preludia preludi preambulum praeambulum preludios preludiums prelud
fugue: fuuga fugi fuger fugu fugo fugor fuugad ffiwg
 fugue fuga fuge fugen fugues fugas fughe fuugat
nocturne: nokturno nokturna nokturni noktirn nokturnul nocturna nocturnas nokturner noktiurnas
 nokturneja noktyrn nokturne
 nocturne nocturnes notturno notturni nocturno nocturnos nokturn nokturny notturnos
waltz: valssi keringo valcik valss valsas valsen valcer valceris valsul valsi valsu valsek valtsas
 waltz waltzes valse valses walzer vals valzer valsa walc walce valser
etude: etyd etydi etida etudi etuud etiudas etiud etuder estudo estudos etuderna etyder etid studiu
 etude etudes etuden study studies estudio estudios studio studi etiuda etiudy etyd studien
ballade: balladi balada balade balado ballaadi ballaad ballader
 ballade ballades ballad ballads ballada balladen ballata balada
scherzo: skertso skerco skercas skercs scherso
 scherzo scherzi scherzos
impromptu: eksprompt eksprompts ekspromptas empromptu improntu
 impromptu impromptus improvviso
mazurka: masurkka mazur mazurkat mazurkar masurkas mazuri
 mazurka mazurkas mazurken mazurek mazurki masurka mazurche mazurcas mazurca
polonaise: poloneesi polonees polonezas poloneze poloneza polones polonaiser polonezul
 polonaise polonaises polonez polonezy polacca polonaisen polonesa
rhapsody: rapszodia rapsoodia rapsodi rapsodija rapsodio rapsodien rapsodisi rapsodiat
 rhapsody rhapsodies rhapsodie rhapsodien rapsodia rapsodie rapsodias
intermezzo: intermezzo intermezzi intermezzos
capriccio: capriccio capriccios caprice caprices capricci capricho
fantasia: fantazia fantasi fantaasia fantazie fantazija fantazio fantezi fantezisi fantasien
 fantasia fantasie fantaisie fantasy phantasie fantasies fantasien fantasias fantazja
 fantaisies
concerto: koncerto koncertas koncerts konsertto kontsert koncertul concertul koncerti konserto
 koncertosu koncertus konsertti konserten koncerten versenymu koncertu concerts
 concerto concertos konzert konzerte concierto concerti koncert konsert conciertos
symphony: symfoni symfonia symfonien symfonier sinfonija simfonija simfonia simfonie simfonio
 szimfonia senfoni senfonisi simfoni symffoni sumfoonia simfonijas simfonii symfoniaa symfonische
 sinfonik
 symphony symphonie symphonien sinfonie sinfonien symphonies symfonia sinfonía symfonie
sinfonia: sinfonia sinfonias
quartet: kvartet kwartet kvartetti kvartetto kvarteto kvartetas kvartets kvartetul kvartett
 kwartety kuartet
 quarteto kvartetten kvarteti negyes
 quartet quartett quatuor cuarteto quartetto quartets quartette kwartet
quintet: kvintetten kwintet kvintetti kvintet kvintett kvinteto kvintetas kvintets quinteto kintet
 quintet quintett quintette quinteto quintetto kwintet
trio: trio trios
sextet: sextet sextett sextuor
octet: octet oktett octuor
suite: sarja svit szvit suit siuita suito svita suiti
 suite suiten suites suita
partita: partita partiten partitas
variations: variasjonene variasjoner variatiunile variatii muunnelmat muunnelmia variationer
 variationerne variacie variace variacije
 variatsioonid variaatiot valtozatok cesitlemeler varyasyonlari varyasyonlar variacions variatii
 variacoes variacioj variacijos variacijas variaties variatsioone
 variations variationen variazioni variaciones wariacje
toccata: toccata toccatas tokkata
invention: inventiot invencio inventies invencoes
 invention inventions inventionen inventio invenzione invencion inventiones
bagatelle: bagatelli bagateller bagatele bagatel
 bagatelle bagatelles bagatellen bagatella bagatela bagatelas
romance: romanssi romanca romaner
 romance romances romanze romanzen romanza romans
barcarolle: barcarolle barcarola barcarole barkarole barkarola
berceuse: kehtolaulu kolysanka
 berceuse berceuses
march: marssi indulo pochod marsz marsi marxa marssit marsas
 march marche marsch marcia marcha marches marsche
dance: tanssi tanec tanc dansen danca dancas sokis dans dansul tancok tance tanssit
 dance danse dances danses danza danzas danze tanz tanze
consolation: consolation consolations
humoresque: humoresque humoreske humoresques humoresken
novelette: novelette novelletten novelettes novellette
albumleaf: albumblatt albumblatter
ecossaise: ecossaise ecossaises
minuet: menuetti menuetas menuets
 minuet menuet menuett menuetto minuetto minueto menuets minuets menuette minuett
rondo: rondo rondeau rondos rondeaux
chaconne: chaconne ciaccona chacona ciacona
passacaglia: passacaglia passacaille
serenade: serenade serenata serenaden
overture: alkusoitto uvertura nyitany uvertiura uvertur ouvertyr uverturi
 overture ouverture ouverturen obertura
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
elegy: elegi elegija
 elegie elegia
klavierstuck: klavierstuck klavierstucke klavierstuecke
"""
_INSTRUMENT_SPELLINGS = """
piano: pianolle fortepijonui fortepijono klavierei klavir klavira klavirska klavirni klavirny
 klavirna klaviir klaviirile klaver klaverile zongora zongorara piyano pian pjano pianua pianu
 piana fortepianas fortepianowa fortepianowe fortepianowy fortepianu pianot pianfo klavieru
 klavieres pianoarako pjanoforte
 piano klavier pianoforte clavier pianos fortepiano keyboard harpsichord cembalo clavecin clav
 fortepian fortepianowy pianofortes
violin: viulu viululle viool viiulile viiul hegedu keman husle housle violina violinu fiolin
 smuikui smuikas vijolei vijole violinoa skrzypcowa vijolina feidhlin ffidil
 violin violon violine violino geige skrzypce violins
viola: viola bratsche alto
cello: sello sellolle tsello csello gordonka violonceli violonceta violoncel violoncelo cselo
 violoncelei celo viyolonsel
 cello violoncello violoncelle violonchelo cellos violoncell
flute: flute flote flauto fluit
clarinet: clarinet klarinette clarinette clarinetto
oboe: oboe hautbois
bassoon: bassoon fagott basson
horn: horn cor corno
trumpet: trumpet trompete trompette tromba
guitar: guitar gitarre guitare guitarra chitarra
organ: organ orgel orgue organo
harp: harp harfe harpe arpa
string: jousi jousikvartetti smyccovy smyckovy slaky yayli strak stygu stryge stryk vonos
 keelpilli godalni gudacki corzi corda coarde smyczkowy
 string strings streich cordes archi
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
