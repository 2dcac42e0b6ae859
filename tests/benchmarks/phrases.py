"""How many phrasings of reviews, forums and lessons point the way that a pianist expects.

    python -m tests.benchmarks.phrases [-v] [FILE.csv ...]

A file has the columns ``query`` and ``expected_sign`` (``loudness:- attack:+``), or ``word``,
``feature`` and ``expected_sign`` (``+``). A sign is right when the feature of the query's profile,
at length 1, is at least 0.05 (``+``), at most -0.05 (``-``), or within 0.2 (``0``). By default:
``phrases.csv`` beside this file, written before the parser was changed; ``foreign_phrases.csv``,
written before the words of its languages were looked at, with "too fast" in eight rows as a wish
for slow, where ESPR reads a degree of fast; ``pianist_phrases.csv``, by a pianist who did not know
the parser, when first tried 111 of 129 directions, 86 of 100 whole; and the shared data.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

import numpy as np

from espr.embeddings.encoder import TextEncoder, load_text_encoder
from espr.errors import EsprError
from espr.retrieval.query_model import QueryModel, load_query_model
from espr.retrieval.query_profile import query_parts
from espr.retrieval.ranking import unit
from tests.shared_data import DATA as SHARED

FILES = ("phrases.csv", "foreign_phrases.csv", "pianist_phrases.csv")
OWN = [Path(__file__).with_name(name) for name in FILES]
SIGNIFICANT, NOTHING = 0.05, 0.2


def is_right(value: float, sign: str) -> bool:
    if sign == "0":
        return abs(value) <= NOTHING
    return value >= SIGNIFICANT if sign == "+" else value <= -SIGNIFICANT


def measure(
    path: Path, encoder: TextEncoder, model: QueryModel, *, verbose: bool
) -> tuple[float, float]:
    """Print the shares of one file that are right; ``verbose``: each row that is wrong.

    Returns them: of the directions, and of the rows right as a whole.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["expected_sign"]]
    right, directions, whole = 0, 0, Counter[str]()
    for row in rows:
        text = row.get("query") or row["word"]
        signs = row["expected_sign"]
        if "word" in row:
            signs = f"{row['feature']}:{signs}"
        wanted = dict(sign.split(":") for sign in signs.split())
        profile, read = _read(text, encoder, model)
        values = {name: float(profile[model.space.index(name)]) for name in wanted}
        good = [name for name, sign in wanted.items() if is_right(values[name], sign)]
        right, directions = right + len(good), directions + len(wanted)
        whole[row.get("kind", "words")] += len(good) == len(wanted)
        if verbose and len(good) < len(wanted):
            shown = " ".join(f"{name}:{wanted[name]}({values[name]:+.2f})" for name in wanted)
            print(f"  {row.get('id', '')} {text!r}\n      {shown}\n      read: {read}")
    print(
        f"{path.name}: directions {right}/{directions} = {right / directions:.3f}, "
        f"whole {whole.total()}/{len(rows)} = {whole.total() / len(rows):.3f}"
    )
    if "kind" in rows[0]:
        of = Counter(row["kind"] for row in rows)
        print("  " + ", ".join(f"{kind} {whole[kind]}/{count}" for kind, count in of.items()))
    return right / directions, whole.total() / len(rows)


def _read(text: str, encoder: TextEncoder, model: QueryModel) -> tuple[np.ndarray, str]:
    """The unit profile of a query, shape=(d,), and its terms; zeros, and why it has none."""
    try:
        terms = encoder.parse(text)
    except EsprError as error:
        return np.zeros(len(model.space)), str(error)
    shown = [f"{term.weight:g} {'+'.join(term.words)}" for term in terms if term.known]
    return unit(query_parts(model, encoder, terms).sum(axis=0)), ", ".join(shown)


def main(arguments: list[str]) -> None:
    """Measure the files named, or those that there are."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return
    files = [Path(name) for name in arguments if name != "-v"]
    shared = SHARED / "phrases"
    files = files or [*OWN, *(sorted(shared.glob("*.csv")) if shared.is_dir() else [])]
    encoder, model = load_text_encoder(), load_query_model()
    for file in files:
        measure(file, encoder, model, verbose="-v" in arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
