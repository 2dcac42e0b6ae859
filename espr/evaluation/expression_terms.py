"""Some 230 expression terms with the cues by which musicians convey them.

31 recordings cannot teach what "slow" or "choppy" means. Sources of ``expression_terms.csv``: the
dictionary meaning of score terms and of words for tempo, level, articulation and timing; Juslin,
"Cue utilization in communication of emotion in music performance", JEP:HPP 2000, with Juslin &
Laukka, Psychological Bulletin 2003, for anger, happiness, sadness, tenderness and fear; Hevner's
eight adjective groups (American Journal of Psychology 1936) with her weights of tempo, mode,
rhythm, pitch and harmony (1937), a weight of 10 counting as 1.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from espr.features import MIDLEVEL_PLUS, Space

TERM_LENGTH = 1.5  # of a term's target, in standard deviations within a piece

_SPACE = MIDLEVEL_PLUS  # of the table
_TABLE = Path(__file__).with_name("expression_terms.csv")


def expression_terms(space: Space) -> list[tuple[str, np.ndarray]]:
    """Each expression term with a cue in the space, and its cues as a profile, shape=(d,).

    The cues of what an audio encoder measures have the length 1.5, those of other spaces included.
    """
    columns = [_SPACE.names.index(name) for name in space.names]
    measured = len(_SPACE.measured)
    terms = []
    with _TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            cues = np.zeros(len(_SPACE))
            for cue in row["cues"].split():
                feature, _, size = cue.partition("=")
                cues[_SPACE.index(feature)] = float(size)
            target = (TERM_LENGTH * cues / np.linalg.norm(cues[:measured]))[columns]
            if target.any():
                terms += [(term, target) for term in row["terms"].split(", ")]
    return terms
