"""What the catalog keeps of the notes that recordings play, and of their comparisons.

Notes come with a recording's analysis; a comparison is stored once for a pair, seen from the
recording with the smaller id. Both are forgotten with the audio that they are of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from espr.alignment.comparison import COPY, PATTERN, RULE, SAME_PIECE, Comparison
from espr.catalog.schema import checksum

if TYPE_CHECKING:
    import sqlite3

    import numpy as np

    from espr.catalog.catalog import Catalog
    from espr.works.by_sound import Link

NEW, COMPARED, GROUPED = range(3)  # of a note vector: see the schema
_VECTORS = "SELECT id, compared, vector, checksum FROM note_vectors"
_CHUNK = 5_000  # vectors read at once
ALIGNED = "aligned"  # key in meta: the grouping whose pieces were compared within
COMPARED_BY = "compared by"  # key in meta: the rule of comparison


@dataclass(frozen=True, slots=True)
class Alignment:
    """A comparison as it is stored.

    Attributes
    ----------
    one, other : int
        Ids of recordings, the smaller first.
    kind : str
        One of :data:`espr.alignment.comparison.KINDS`.
    comparison : Comparison
        Of ``one`` with ``other``.
    """

    one: int
    other: int
    kind: str
    comparison: Comparison

    def seen_from(self, recording: int) -> Comparison:
        """The comparison of ``recording``, one of the two, with the other."""
        return self.comparison if recording == self.one else self.comparison.reversed()

    def partner(self, recording: int) -> int:
        """The other one of the two."""
        return self.other if recording == self.one else self.one


def store_notes(
    connection: sqlite3.Connection,
    recording: int,
    encoder: str,
    notes: np.ndarray,
    tuning: float | None = None,
    pedal: np.ndarray | None = None,
) -> None:
    """Store what a recording plays, its tuning in cents, and how much pedal it has where known.

    What was compared with it before is forgotten, unless it plays the same: all encoders take the
    notes from one network.
    """
    from espr.alignment.note_vector import note_vector
    from espr.alignment.packed_notes import pack_notes, unpack_notes, unpack_pedal

    packed = pack_notes(notes, tuning, pedal)
    before = connection.execute("SELECT notes FROM notes WHERE id = ?", [recording]).fetchone()
    if before and pack_notes(unpack_notes(before[0])) == pack_notes(notes):
        if pedal is None:  # what an encoder that does not say is compared with may know it
            packed = pack_notes(notes, tuning, unpack_pedal(before[0]))
        connection.execute(
            "UPDATE notes SET encoder = ?, notes = ? WHERE id = ?", [encoder, packed, recording]
        )
        return
    forget_sound(connection, recording)
    connection.execute(
        "INSERT INTO notes (id, encoder, notes) VALUES (?, ?, ?)",
        [recording, encoder, packed],
    )
    connection.execute(
        "INSERT INTO note_vectors (id, compared, vector) VALUES (?, ?, ?)",
        [recording, NEW, note_vector(notes).astype("<f2").tobytes()],
    )


def forget_sound(connection: sqlite3.Connection, recording: int) -> None:
    """Forget what a recording plays."""
    for table in ("notes", "note_vectors"):
        connection.execute(f"DELETE FROM {table} WHERE id = ?", [recording])
    for column in ("one", "other"):
        connection.execute(f"DELETE FROM alignments WHERE {column} = ?", [recording])


def note_vectors(catalog: Catalog) -> Iterator[tuple[list[int], np.ndarray]]:
    """Ids of the recordings that have notes, ascending, and their vectors, shape=(n, 256).

    Some thousand at a time; at the end none was missing.
    """
    checksums = []
    rows = catalog.iterate(f"{_VECTORS} ORDER BY id")
    while some := list(islice(rows, _CHUNK)):
        checksums += [row[-1] for row in some]
        yield _as_written(catalog, some)
    catalog.verify_total("note_vectors", checksums)


def vectors_of(catalog: Catalog, recordings: Sequence[int]) -> tuple[list[int], np.ndarray]:
    """Those of ``recordings`` that have notes, ascending, and their vectors, shape=(n, 256)."""
    rows = catalog.rows_of(f"{_VECTORS} WHERE id IN (?)", recordings)
    return _as_written(catalog, sorted(rows))


def _as_written(
    catalog: Catalog, rows: Sequence[tuple[int, int, bytes, int]]
) -> tuple[list[int], np.ndarray]:
    import numpy as np

    from espr.alignment.note_vector import DIMENSION

    for row in rows:
        if checksum("note_vectors", *row[:-1]) != row[-1]:
            raise catalog.damaged(f"the note vector of recording {row[0]} is not what was written")
    vectors = np.frombuffer(b"".join(row[2] for row in rows), "<f2")
    return [row[0] for row in rows], vectors.reshape(-1, DIMENSION).astype(np.float32)


def pending(catalog: Catalog, state: int) -> list[int]:
    """Ids of the recordings whose comparison is ``NEW`` or ``COMPARED``, ascending."""
    rows = catalog.rows("SELECT id FROM note_vectors WHERE compared = ? ORDER BY id", [state])
    return [row[0] for row in rows]


def notes_of(catalog: Catalog, recordings: Sequence[int]) -> dict[int, np.ndarray]:
    """The notes of recordings, shape=(n, 2): onset in seconds and MIDI pitch."""
    from espr.alignment.packed_notes import unpack_notes

    return {identity: unpack_notes(notes) for identity, notes in _packed(catalog, recordings)}


def tuning_of(catalog: Catalog, recording: int) -> int | None:
    """How many cents above A = 440 Hz a recording is tuned, -50 to 50; None where unknown."""
    from espr.alignment.packed_notes import unpack_tuning

    return next((unpack_tuning(notes) for _, notes in _packed(catalog, [recording])), None)


def pedal_of(catalog: Catalog, recordings: Sequence[int]) -> dict[int, np.ndarray]:
    """How much pedal recordings have, as far as that is known.

    See :func:`espr.alignment.packed_notes.unpack_pedal`.
    """
    from espr.alignment.packed_notes import unpack_pedal

    found = ((one, unpack_pedal(packed)) for one, packed in _packed(catalog, recordings))
    return {one: pedal for one, pedal in found if len(pedal)}


def _packed(catalog: Catalog, recordings: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Ids and packed notes."""
    for row in catalog.rows_of(
        "SELECT id, encoder, notes, checksum FROM notes WHERE id IN (?)", recordings
    ):
        if checksum("notes", *row[:-1]) != row[-1]:
            raise catalog.damaged(f"the notes of recording {row[0]} are not what was written")
        yield row[0], row[2]


def store_comparisons(
    connection: sqlite3.Connection, recording: int, comparisons: Mapping[int, Comparison]
) -> None:
    """Store the comparisons of a recording with others, by their ids."""
    for partner, comparison in comparisons.items():
        one, other = sorted((recording, partner))
        seen = comparison if one == recording else comparison.reversed()
        connection.execute(
            "INSERT OR REPLACE INTO alignments (one, other, kind, comparison) VALUES (?, ?, ?, ?)",
            [one, other, seen.kind, seen.to_json()],
        )


def set_compared(connection: sqlite3.Connection, recordings: Iterable[int], state: int) -> None:
    """Remember how far the comparison of recordings has come."""
    connection.executemany(
        "UPDATE note_vectors SET compared = ? WHERE id = ?", [(state, one) for one in recordings]
    )


def alignments_of(catalog: Catalog, recordings: Sequence[int]) -> list[Alignment]:
    """All alignments of which one side is among ``recordings``, by ids."""
    found: dict[tuple[int, int], Alignment] = {}
    for column in ("one", "other"):
        for row in catalog.rows_of(
            "SELECT id, one, other, kind, comparison, checksum FROM alignments"
            f" WHERE {column} IN (?)",
            recordings,
        ):
            if checksum("alignments", *row[:-1]) != row[-1]:
                raise catalog.damaged("an alignment of recordings is not what was written")
            _, one, other, kind, comparison, _ = row
            found[one, other] = Alignment(one, other, kind, Comparison.from_json(comparison))
    return [found[pair] for pair in sorted(found)]


def paired(catalog: Catalog, recordings: Sequence[int]) -> defaultdict[int, set[int]]:
    """The recordings that each is compared with, as far as that is stored."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    for column in ("one", "other"):
        for one, other in catalog.rows_of(
            f"SELECT one, other FROM alignments WHERE {column} IN (?)", recordings
        ):
            found[one].add(other)
            found[other].add(one)
    return found


def linked(catalog: Catalog, recordings: Sequence[int]) -> dict[int, list[int]]:
    """The recordings that each sounds like as performances of a piece do, or may do."""
    found: dict[int, list[int]] = {identity: [] for identity in recordings}
    for link in links(catalog, recordings):
        for one, other in ((link.one, link.other), (link.other, link.one)):
            if one in found:
                found[one].append(other)
    return found


def links(catalog: Catalog, recordings: Sequence[int]) -> list[Link]:
    """The pairs that sound like performances of a piece, one of which is among ``recordings``.

    Not sure are those that could be variations or songs over the same chords; of patterns that
    are repeated again and again, nothing is taken that is not sure.
    """
    from espr.works.by_sound import Link

    return [
        Link(found.one, found.other, found.comparison.score, is_sure)
        for found in alignments_of(catalog, recordings)
        if (is_sure := found.kind in (COPY, SAME_PIECE))
        or (found.comparison.akin and found.comparison.ordinary < PATTERN)
    ]


def same_timing(catalog: Catalog, recordings: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs among ``recordings`` whose notes lie alike, where the encoder of both wrote them."""
    encoders = {
        row[0]: row[1]
        for row in catalog.rows_of(
            "SELECT n.id, n.encoder FROM notes n JOIN recordings r USING (id, encoder)"
            " WHERE n.id IN (?)",
            recordings,
        )
    }
    return [
        (found.one, found.other)
        for found in alignments_of(catalog, list(encoders))
        if found.kind == COPY and {found.one, found.other} <= encoders.keys()
    ]


def all_alignments(catalog: Catalog) -> list[Alignment]:
    """Every alignment, none missing, by ids."""
    return sorted(
        (
            Alignment(one, other, kind, Comparison.from_json(comparison))
            for _, one, other, kind, comparison in catalog.read_table("alignments")
        ),
        key=lambda found: (found.one, found.other),
    )


def is_aligned(catalog: Catalog) -> bool:
    """Whether recordings were compared since pieces were last grouped."""
    meta = catalog.meta()
    return catalog.grouping_is_current() and meta.get(ALIGNED) == meta.get("grouped")


def count_outdated(catalog: Catalog) -> int:
    """How many recordings were compared by another rule than that of this version."""
    return outdated_by(catalog.connection, catalog.meta())


def outdated_by(connection: sqlite3.Connection, meta: Mapping[str, str]) -> int:
    """:func:`count_outdated` of a library that is not read as a catalog; ``meta``: its table."""
    if meta.get(COMPARED_BY) == str(RULE):
        return 0
    counted = connection.execute("SELECT count(*) FROM note_vectors WHERE compared != ?", [NEW])
    return int(counted.fetchone()[0])


def adopt_rule(catalog: Catalog) -> None:
    """Let all that another rule compared wait to be compared again.

    What it found is kept until then: it is out of date where both recordings are ``NEW``.
    """
    if catalog.meta().get(COMPARED_BY) == str(RULE):
        return
    with catalog.transaction() as connection:
        connection.execute("UPDATE note_vectors SET compared = ? WHERE compared != ?", [NEW, NEW])
        connection.execute(
            "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [COMPARED_BY, str(RULE)]
        )
