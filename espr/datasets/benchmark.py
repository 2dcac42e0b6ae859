"""What a benchmark is made of: performances of pieces, and how listeners described them.

A *query* asks for one performance among those of its piece. Which texts make a query is the
query mode: all descriptions of a performance (``performance``, as the paper does), one
listener's answer (``answers``, what a person really types), or one term of it (``terms``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from espr.errors import EsprError

QUERY_MODES = ("performance", "answers", "terms")


@dataclass(frozen=True, slots=True)
class Performance:
    """A performance of a piece, and with whom it may be held out.

    ``start`` and ``end`` are seconds of the file, for one that holds more.
    """

    piece: str
    performer: str
    work: str
    audio: Path
    start: float = 0.0
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """One description of a performance: terms with weights.

    ``terms`` are texts as a person would type them; the weight of each is 1 unless ratings
    give another. ``listener`` is who gave it; empty where that is not known, or of many.
    """

    performance: int
    terms: tuple[tuple[str, float], ...]
    listener: str = ""

    @property
    def text(self) -> str:
        return ", ".join(term for term, _ in self.terms)


@dataclass(frozen=True, slots=True)
class Skipped:
    """What a benchmark had to leave out, and why."""

    piece: str
    reason: str


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Performances with descriptions."""

    name: str
    performances: tuple[Performance, ...]
    descriptions: tuple[Description, ...]
    skipped: tuple[Skipped, ...] = ()

    def queries(self, mode: str = "performance") -> tuple[Description, ...]:
        """The queries of a mode, in the order of the performances."""
        if mode == "answers":
            return self.descriptions
        if mode == "terms":
            return tuple(
                Description(description.performance, (term,), description.listener)
                for description in self.descriptions
                for term in description.terms
            )
        if mode != "performance":
            raise EsprError(f"no query mode {mode!r}; there are " + ", ".join(QUERY_MODES))
        gathered: dict[int, list[tuple[str, float]]] = {}
        for description in self.descriptions:
            gathered.setdefault(description.performance, []).extend(description.terms)
        return tuple(Description(number, tuple(gathered[number])) for number in sorted(gathered))


def assemble_benchmark(
    name: str,
    performances: list[Performance],
    terms: list[list[tuple[tuple[str, float], ...]]],
    skipped: list[Skipped],
    listeners: list[list[str]] | None = None,
) -> Benchmark:
    """A benchmark of the pieces that can be ranked.

    Parameters
    ----------
    performances : list of Performance
    terms : list
        For each performance its descriptions, a tuple of weighted terms each.
    listeners : list, optional
        For each performance who gave each description.

    Raises
    ------
    EsprError
        When fewer than two pieces have two performances: one is needed to train on.
    """
    counts: dict[str, int] = {}
    for performance in performances:
        counts[performance.piece] = counts.get(performance.piece, 0) + 1
    for piece in sorted(counts):
        if counts[piece] < 2:
            skipped = [*skipped, Skipped(piece, "1 recording; at least 2 are needed to rank")]
    usable = [n for n, performance in enumerate(performances) if counts[performance.piece] > 1]
    if sum(count > 1 for count in counts.values()) < 2:
        raise EsprError(
            f"{name}: at least 2 pieces with 2 recordings each are needed, one to train on; "
            + "; ".join(f"{one.piece}: {one.reason}" for one in skipped)
        )
    return Benchmark(
        name,
        tuple(performances[number] for number in usable),
        tuple(
            Description(place, described, listeners[number][at] if listeners else "")
            for place, number in enumerate(usable)
            for at, described in enumerate(terms[number])
            if described
        ),
        tuple(skipped),
    )
