"""Scores for synthetic performances: public-domain music, and textures made by rule.

The music is what the corpus of music21 has of Bach's chorales, of quartets by Haydn, Mozart and
Beethoven, of C. P. E. Bach, Clara and Robert Schumann and Joplin; its folk songs (Essen) are
licensed for non-commercial use only and are not used. music21 parses slowly, so the notes are
kept in the cache folder. The textures give mode, dissonance, rhythm and key a wider spread.
"""

from __future__ import annotations

import os
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from espr.errors import EsprError
from espr.paths import cache_folder
from espr.training.midlevel.performances import is_left_out
from espr.training.midlevel.textures import TEXTURES

CHORALES = 150  # of 370: they are much alike
_CACHE = "midlevel-scores-1.npz"
# Composer, folder or file of music21's corpus, how many files.
_SOURCES: tuple[tuple[str, str, int], ...] = (
    ("Bach", "bach/bwv*.mxl", CHORALES),
    ("Haydn", "haydn/*/*.mxl", 9),
    ("Mozart", "mozart/*/*.mxl", 12),
    ("Beethoven", "beethoven/opus18no1/*.mxl", 4),
    ("Beethoven", "beethoven/opus59no*.mxl", 1),
    ("Bach, C. P. E.", "cpebach/*.mxl", 1),
    ("Schumann, Clara", "schumann_clara/*.mxl", 4),
    ("Schumann", "schumann_robert/opus48*.mxl", 1),
    ("Joplin", "joplin/*.mxl", 1),
)


@dataclass(frozen=True, slots=True)
class Score:
    """Music as it is written.

    Attributes
    ----------
    notes : np.ndarray, shape=(n, 4)
        Onset and duration in quarter notes, MIDI pitch, voice (0 is the uppermost); by onset.
    bar : float
        Quarter notes a bar.
    """

    notes: np.ndarray
    bar: float
    name: str
    work: str
    composer: str


def corpus_scores() -> list[Score]:
    """The public-domain music, parsed once (minutes) and then read from the cache."""
    cached = cache_folder() / _CACHE
    if cached.is_file():
        try:
            return _read(cached)
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            cached.unlink()
    scores = _parsed()
    _write(cached, scores)
    return scores


def generated_score(rng: np.random.Generator, number: int) -> Score:
    """A texture drawn by ``rng``: some 60 bars in a random key and metre."""
    texture = str(rng.choice(list(TEXTURES)))
    notes, bar = TEXTURES[texture](rng)
    order = np.lexsort((-notes[:, 2], notes[:, 0]))
    name = f"{texture}-{number}"
    return Score(notes[order], bar, name, name, "generated")


def _parsed() -> list[Score]:
    try:
        from music21 import common
    except ImportError as error:
        raise EsprError(
            "synthetic performances need music21's scores: pip install 'espr[train]' installs them"
        ) from error
    folder = Path(common.getCorpusFilePath())
    scores = []
    for composer, pattern, count in _SOURCES:
        paths = [
            path
            for path in sorted(folder.glob(pattern))
            if not is_left_out(composer, path.relative_to(folder).as_posix())
        ]
        for path in paths[:: max(1, len(paths) // count)][:count]:
            score = _parse(path, composer, path.relative_to(folder).with_suffix("").as_posix())
            if score is not None:
                scores.append(score)
    if not scores:
        raise EsprError(f"{folder} has none of the scores: reinstall music21")
    return scores


def _parse(path: Path, composer: str, name: str) -> Score | None:
    """The notes of a MusicXML file, one voice a part; None where there are few."""
    from music21 import converter

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsed = converter.parse(path, forceSource=True).stripTies()
    metre = parsed.flatten().getElementsByClass("TimeSignature").first()
    rows = []
    for voice, part in enumerate(parsed.getElementsByClass("Part")):
        for note in part.flatten().notes:
            if note.quarterLength > 0 and hasattr(note, "pitches"):
                rows += [
                    (float(note.offset), float(note.quarterLength), pitch.midi, voice)
                    for pitch in note.pitches
                ]
    notes = np.array(sorted(rows, key=lambda row: (row[0], -row[2])), float).reshape(-1, 4)
    notes = notes[(notes[:, 2] >= 21) & (notes[:, 2] <= 108)]
    if len(notes) < 50:
        return None
    bar = float(metre.barDuration.quarterLength) if metre is not None else 4.0
    work = name if name.startswith("bach") else name.rsplit("/", 1)[0]
    return Score(notes, bar, name, work, composer)


def _write(path: Path, scores: list[Score]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.part.npz")
    np.savez_compressed(
        draft,
        notes=np.vstack([score.notes for score in scores]).astype(np.float32),
        lengths=np.array([len(score.notes) for score in scores]),
        bars=np.array([score.bar for score in scores]),
        labels=np.array([[score.name, score.work, score.composer] for score in scores]),
    )
    draft.replace(path)


def _read(path: Path) -> list[Score]:
    with np.load(path, allow_pickle=False) as stored:
        ends = np.cumsum(stored["lengths"])
        parts = np.split(stored["notes"].astype(float), ends[:-1])
        return [
            Score(notes, float(bar), *map(str, labels))
            for notes, bar, labels in zip(parts, stored["bars"], stored["labels"], strict=True)
        ]
