"""The vectors of ``emotion`` after each stage of their making, for the model card.

Figures of each, and files for ``espr evaluate --text``::

    python -m tests.benchmarks.word_stages --data-dir DIR --sources DIR --cache DIR --out DIR
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from espr.embeddings.word_vectors import Vectors
from espr.training.words.building import Recipe, build, with_foreign_terms
from espr.training.words.checks import check
from espr.training.words.constraints import read_constraints
from espr.training.words.sources import WORDNET, read_material
from espr.training.words.writing import write_text_vectors

PULLED = replace(Recipe(), forms=False)
GLOSSED = replace(PULLED, attract=0.0, repel=0.0)
ENRICHED = replace(GLOSSED, gloss=0.0)
BASE = replace(ENRICHED, emotions=0.0, valence=0.0, arousal=0.0)
STAGES = {
    "base": BASE,
    "enriched": ENRICHED,
    "glossed": GLOSSED,
    "pulled": PULLED,
    "ships": Recipe(),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure and write each stage of the vectors.")
    for option in ("--data-dir", "--sources", "--cache", "--out"):
        parser.add_argument(option, type=Path, required=True, help="folder")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    material = read_material(options.sources, options.data_dir / "words", options.cache)
    words = material.words
    constraints = read_constraints(options.sources / WORDNET, material.lexicon, set(words))
    for name, recipe in STAGES.items():
        rows, _ = build(material, recipe)
        text_words, text_rows = with_foreign_terms(words, rows, material.lexicon)
        write_text_vectors(options.out / f"{name}.txt", text_words, text_rows)
        mean = rows.mean(axis=0)
        print(name)
        for what, figure in check(Vectors(name, 1, words, rows - mean, mean), constraints).items():
            print(f"  {figure:6.3f}  {what}")


if __name__ == "__main__":
    main()
