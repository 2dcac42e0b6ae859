"""The tables: what is run for each row, and the paper's own figures beside ours.

Chowdhury & Widmer 2023, Table 1 (text × audio encoders), by the paper's protocol on the full nine
pieces. The paper's tables are always computed in its space, `midlevel`. What a row needs and the
user lacks stands in the row's ``lacking``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from espr.evaluation.encoders import lacking
from espr.evaluation.systems import System

EMOTION_MIDLEVEL = {"top1": 0.38, "top2": 0.64, "mrr": 0.61}
TEXT_AUDIO_MODEL = {"top1": 0.20, "top2": 0.42, "mrr": 0.46}
# simulated there; exactly 0.20, 0.40, 0.454 from the sizes of the nine pieces
CHANCE = {"top1": 0.18, "top2": 0.37, "mrr": 0.44}
PUBLISHED = {
    "paper: emotion-enriched words × mid-level": EMOTION_MIDLEVEL,
    "paper: a general text-audio model": TEXT_AUDIO_MODEL,
}
SPACE = "midlevel"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes
    ----------
    name : str
    system : System or None
        What is run for it; None when something is lacking.
    lacking : tuple of str
        What it needs, a sentence each.
    published : dict
        The paper's figures, by metric.
    """

    name: str
    system: System | None
    lacking: tuple[str, ...] = ()
    published: dict[str, float] = field(default_factory=dict)


def grid(
    texts: Iterable[str],
    audios: Sequence[str],
    systems: Callable[[str, str], Iterable[System]],
) -> list[Row]:
    """The systems of every text with every audio encoder; one row for a pair that lacks one."""
    missing_audios = [lacking(audio, text=False) for audio in audios]
    rows = []
    for text in texts:
        missing_text = lacking(text, text=True)
        for audio, missing_audio in zip(audios, missing_audios, strict=True):
            pair = f"{text} × {audio}"
            needs = tuple(need for need in (missing_text, missing_audio) if need)
            if needs:
                rows.append(Row(pair, None, needs))
            else:
                rows += [Row(pair, system) for system in systems(text, audio)]
    return rows


def table_1(rows: Iterable[Row]) -> list[Row]:
    """A grid as Table 1: with the paper's figures where they belong, and its general model."""
    general = (
        "mtr: a general text-audio model's embeddings are not here; give them as "
        "--text FILE.npz --audio FILE.npz --zero-shot"
    )
    return [
        *(
            Row(row.name, row.system, row.lacking, EMOTION_MIDLEVEL)
            if row.name == "ewe × cp-resnet" and _by_the_paper(row.system)
            else row
            for row in rows
        ),
        Row("mtr × mtr", None, (general,), TEXT_AUDIO_MODEL),
    ]


def _by_the_paper(system: System | None) -> bool:
    return system is None or (system.model, system.centring) == ("paper", "none")
