"""A library's profiles copied into a store: what is new, changed or gone, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np

from espr.catalog.away import is_away, read_away_folders
from espr.catalog.catalog import Catalog
from espr.features import TEMPO
from espr.retrieval.performances import distinct_performances
from espr.retrieval.query_model import QueryModel
from espr.retrieval.ranking import unit
from espr.retrieval.search import Profiles, read_profiles
from espr.retrieval.store import BATCH, Row, Shown, store_info
from espr.retrieval.stores import open_store
from espr.retrieval.tempo import piece_tempos


@dataclass
class Published:
    """How many recordings were added or replaced, removed, and left as they were."""

    written: int = 0
    removed: int = 0
    unchanged: int = 0


def publish(
    catalog: Catalog,
    model: QueryModel,
    place: str,
) -> Published:
    """Bring the store at ``place`` up to date with a library; it is made when there is none.

    What an interruption leaves out, the next run publishes.

    Raises
    ------
    EsprError
        When the store is of another library, encoder or query model (2), or cannot be written.
    """
    with catalog.snapshot():
        found = read_profiles(catalog, model)
        store = open_store(place, store_info(catalog.meta().get("id", ""), model))
        try:
            outcome = Published()
            before = store.versions()
            for rows in _rows(catalog, model, found):
                changed = [row for row in rows if before.pop(row.id, None) != row.version]
                if changed:
                    store.add(changed)
                outcome.written += len(changed)
                outcome.unchanged += len(rows) - len(changed)
            gone = sorted(before)
            for first in range(0, len(gone), BATCH):
                store.remove(gone[first : first + BATCH])
            outcome.removed = len(gone)
            if outcome.written or outcome.removed:
                store.flush()
        finally:
            store.close()
    return outcome


def _rows(catalog: Catalog, model: QueryModel, found: Profiles) -> Iterator[list[Row]]:
    """Recordings as they are published, some at a time."""
    vectors, deviations = (
        unit(found.vectors(model, relative=relative)).astype(np.float32)
        for relative in (False, True)
    )
    folders = read_away_folders(catalog)
    tempos: dict[int, float] = {}
    compared: set[int] = set()  # pieces
    for first in range(0, len(found.ids), BATCH):
        some = slice(first, first + BATCH)
        recordings = catalog.recordings_by_id(found.ids[some].tolist())
        pieces = {one.id: one for one in catalog.pieces(np.unique(found.pieces[some]).tolist())}
        for piece in pieces.keys() - compared:
            tempos |= _tempos(catalog, model, piece)
        compared |= pieces.keys()
        rows = []
        for place in range(first, min(first + BATCH, len(found.ids))):
            recording = recordings[int(found.ids[place])]
            of = pieces[int(found.pieces[place])]
            shown = Shown(
                path=recording.path,
                start=recording.start,
                end=recording.end,
                title=recording.title,
                piece_title=of.title,
                composer=of.composer,
                duplicate_of=recording.duplicate_of,
                away=is_away(recording.path, folders),
                tempo=tempos.get(recording.id),
            )
            rows.append(
                Row(
                    id=recording.id,
                    piece=of.slug,
                    performer=recording.performer,
                    duration=recording.duration,
                    about=json.dumps(asdict(shown)),
                    profile=found.raw[place].astype(np.float32),
                    vector=vectors[place],
                    deviation=deviations[place],
                )
            )
        yield rows


def _tempos(catalog: Catalog, model: QueryModel, piece: int) -> dict[int, float]:
    """The tempos of the performances of a piece, where a ranking asks for them."""
    if TEMPO not in model.space.features or not catalog.totals().get("alignments", (0, 0))[0]:
        return {}
    return piece_tempos(catalog, distinct_performances(catalog.recordings(piece)))
