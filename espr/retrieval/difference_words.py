"""What differs between performances, as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from espr.retrieval.differences import Difference, Verdict
from espr.retrieval.tempo import is_same_tempo, tempo_difference

if TYPE_CHECKING:
    from espr.retrieval.side_by_side import Performance

FEW = 4  # features that a sentence names; more are counted


def describe(one: Performance, name: str, against: str) -> str:
    """ "Gould is 18 % faster, more staccato and harder than Richter; alike in minorness."."""
    by_verdict = {
        verdict: [each for each in one.differences if each.verdict is verdict]
        for verdict in Verdict
    }
    different = [each.feature.comparative(each.value) for each in by_verdict[Verdict.DIFFERS]]
    alike = [plain_name(each) for each in by_verdict[Verdict.ALIKE]]
    if one.tempo is not None and is_same_tempo(one.tempo):
        alike.insert(0, "tempo")
    elif one.tempo is not None:
        different.insert(0, tempo_difference(one.tempo))
    said = f"{name} is {listed(different)} than {against}" if different else ""
    if alike:
        said = f"{said}; alike in {listed(alike)}" if said else (
            f"{name} is like {against} in {listed(alike)}"
        )  # fmt: skip
    if unclear := [plain_name(each) for each in by_verdict[Verdict.UNCLEAR]]:
        said = said or f"{name} and {against}"
        rest = f"{len(unclear)} other features"
        said += f"; cannot be told apart in {listed(unclear) if len(unclear) <= FEW else rest}"
    return f"{said}."


def plain_name(difference: Difference) -> str:
    """The feature, as people write it."""
    return difference.feature.name.replace("_", " ")


def listed(words: Sequence[str]) -> str:
    """ "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
