"""The performances of a piece, each once, and how a query compares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from espr.audio.encoder import Windows
from espr.catalog.away import is_away, read_away_folders
from espr.catalog.catalog import Catalog, Piece, Recording
from espr.errors import NOTHING_MATCHED, EsprError
from espr.retrieval.query_model import QueryModel
from espr.retrieval.tempo import join_tempo, piece_tempos


@dataclass(frozen=True, slots=True)
class PieceProfiles:
    """The profiles of the distinct performances of a piece, row by row.

    Attributes
    ----------
    piece : Piece or None
        None when it is one recording that belongs to no piece.
    recordings : tuple of Recording
        In the order of their performers.
    profiles : np.ndarray, shape=(n, >= d)
        In the encoder's units; with the tempo, where the model's space has it and it is known.
    model : QueryModel
    relative : bool
        Compared with the mean of these performances; else with the model's reference set.
    copies : int
        Recordings left out because they are copies of another one.
    away : frozenset of int
        Rows whose drive was away at the last indexing: they count for the mean, but are not ranked.
    tempos : mapping
        Recording id to how many times as fast it is as the mean of these, where that is known.
    not_analysed : int
        Left out because the model's audio encoder has not analysed them.
    """

    piece: Piece | None
    recordings: tuple[Recording, ...]
    profiles: np.ndarray
    model: QueryModel
    relative: bool
    copies: int = 0
    not_analysed: int = 0
    away: frozenset[int] = frozenset()
    tempos: Mapping[int, float] = field(default_factory=dict)

    def deviations(self, profiles: np.ndarray) -> np.ndarray:
        """Profiles or windows, shape=(n, >= d), as they enter the cosine, shape=(n, d).

        From the piece's mean where ``relative``, else from the reference set's.
        """
        if self.relative:
            return self.model.centred(profiles, self.profiles)
        return self.model.standardised(profiles)

    def deviations_of(self, recording: Recording, features: np.ndarray) -> np.ndarray:
        """The same of what was measured in one recording, shape=(n, >= m): at its tempo."""
        known = recording.id if recording.id in self.tempos else recording.duplicate_of or 0
        features = join_tempo(self.model.space, features, [known] * len(features), self.tempos)
        return self.deviations(features)

    def row(self, recording: Recording) -> int | None:
        """The row of a recording, or of the one it is a copy of; None when it is not here."""
        ids = [performance.id for performance in self.recordings]
        for wanted in (recording.id, recording.duplicate_of):
            if wanted in ids:
                return ids.index(wanted)
        return None


def distinct_performances(recordings: Sequence[Recording]) -> list[Recording]:
    """Those of a piece's recordings that are no copies of others of them."""
    ids = {recording.id for recording in recordings}
    # The original of a copy may have been assigned to another piece; then the copy stays.
    return [recording for recording in recordings if recording.duplicate_of not in ids]


def piece_profiles(
    catalog: Catalog, piece: Piece, model: QueryModel, *, relative: bool = True
) -> PieceProfiles:
    """The performances of ``piece`` that the model's audio encoder has analysed.

    Raises
    ------
    EsprError
        Exit code 1 when there is none.
    """
    recordings = catalog.recordings(piece.id)
    distinct = distinct_performances(recordings)
    profiles = _analysed(catalog, piece, distinct, model, relative)
    return replace(profiles, copies=len(recordings) - len(distinct))


def with_tempos(catalog: Catalog, profiles: PieceProfiles) -> PieceProfiles:
    """The same with the tempo of each performance against the others, where it is known."""
    tempos = piece_tempos(catalog, profiles.recordings)
    ids = [recording.id for recording in profiles.recordings]
    joined = join_tempo(profiles.model.space, profiles.profiles, ids, tempos)
    return replace(profiles, profiles=joined, tempos=tempos)


def profiles_beside(
    catalog: Catalog, recording: Recording, model: QueryModel, *, relative: bool = True
) -> PieceProfiles:
    """The performances of the piece that ``recording`` belongs to; itself when to none.

    With their tempos where they are compared with each other.
    """
    if recording.piece_id is not None:
        for piece in catalog.pieces([recording.piece_id]):
            beside = piece_profiles(catalog, piece, model, relative=relative)
            return with_tempos(catalog, beside) if relative else beside
    return _analysed(catalog, None, [recording], model, relative)


def _analysed(
    catalog: Catalog,
    piece: Piece | None,
    recordings: Sequence[Recording],
    model: QueryModel,
    relative: bool,
) -> PieceProfiles:
    """Those of ``recordings`` that the model's audio encoder has analysed."""
    ids, profiles = catalog.profiles([recording.id for recording in recordings], model.audio)
    if not len(ids):
        what = f"the performances of '{piece.slug}'" if piece else f"'{recordings[0].path}'"
        raise _not_analysed(what, model)
    row_of = {recording: row for row, recording in enumerate(ids.tolist())}
    analysed = tuple(recording for recording in recordings if recording.id in row_of)
    rows = [row_of[recording.id] for recording in analysed]
    folders = read_away_folders(catalog)
    return PieceProfiles(
        piece,
        analysed,
        profiles[rows],
        model,
        relative,
        not_analysed=len(recordings) - len(analysed),
        away=frozenset(row for row, r in enumerate(analysed) if is_away(r.path, folders)),
    )


def windows_of(catalog: Catalog, recording: Recording, model: QueryModel) -> Windows:
    """The windows of a recording as the model's audio encoder analysed them.

    Raises
    ------
    EsprError
        Exit code 1 when it has not analysed this one.
    """
    if not len(catalog.profiles([recording.id], model.audio)[0]):
        raise _not_analysed(f"'{recording.path}'", model)
    return catalog.windows(recording.id, model.audio)


def _not_analysed(what: str, model: QueryModel) -> EsprError:
    name = model.audio.partition("/")[0]
    return EsprError(
        f"{model.audio} has not analysed {what}; run: espr index FOLDER --encoder {name}",
        NOTHING_MATCHED,
    )
