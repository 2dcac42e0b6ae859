"""How far the symbolic targets follow what people heard: PercePiano's raters.

``python -m tests.benchmarks.target_agreement --data-dir DIR`` prints, over the 1085
clips of ``DIR/percepiano`` and each segment's mean removed, the correlation of every target with
every rated quality beside the reliability of the raters' mean, and the targets' own correlations.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from espr.datasets.percepiano import POLES, RATINGS, read_ratings
from espr.errors import EsprError
from espr.midi.features import NAMES, symbolic_features
from espr.training.midlevel.performances import percepiano_performances


def centred_by(groups: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """``rows`` (n, d) less the mean of their group."""
    _, member = np.unique(groups, return_inverse=True)
    sums = np.zeros((member.max() + 1, rows.shape[1]))
    np.add.at(sums, member, rows)
    return np.asarray(rows - (sums / np.bincount(member)[:, None])[member])


def agreement(folder: Path) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
    """Correlations within segments of PercePiano.

    Returns
    -------
    with_raters : np.ndarray, shape=(qualities, targets)
    among_targets : np.ndarray, shape=(targets, targets)
    reliability : dict
        Of the qualities in the order of ``POLES``; its square root is the highest correlation
        that a faultless target can reach.
    """
    ratings = read_ratings(folder / RATINGS)
    row = {clip: n for n, clip in enumerate(ratings.clips)}
    rated = [p for p in percepiano_performances(folder) if p.name in row]
    features = np.array([symbolic_features(p, 0.0, p.end) for p in rated])
    centred = centred_by(np.array([p.piece for p in rated]), features)
    deviations = ratings.deviations[[row[p.name] for p in rated]]
    both = np.corrcoef(np.hstack([centred, deviations]).T)
    count = len(NAMES)
    return both[count:, :count], both[:count, :count], ratings.reliability


def _table(heads: list[str], rows: np.ndarray) -> str:
    width = max(map(len, heads))
    marks = [name[:6] for name in NAMES]
    lines = [" " * width + "".join(f" {mark:>6}" for mark in marks)]
    lines += [
        f"{head:<{width}}" + "".join(f" {value:6.2f}" for value in row)
        for head, row in zip(heads, rows, strict=True)
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder with percepiano")
    try:
        with_raters, among, reliability = agreement(parser.parse_args().data_dir / "percepiano")
    except EsprError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print("Targets and raters within a segment; in brackets the raters' reliability\n")
    print(_table([f"{q} ({reliability[q]:.2f})" for q in POLES], with_raters))
    print("\nAmong the targets\n")
    print(_table(list(NAMES), among))
    return 0


if __name__ == "__main__":
    sys.exit(main())
