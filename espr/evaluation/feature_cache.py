"""Profiles of recordings, analysed once: the cache that makes a second evaluation take seconds.

A profile, and beside it the notes where the encoder writes them down, is kept under the digest of
the file and the id of the encoder. A cache can be deleted at any time; a file of it that cannot be
read is made again.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from espr.alignment.packed_notes import pack_notes, unpack_notes
from espr.audio.encoder import DEFAULT_AUDIO, AudioEncoder
from espr.datasets.benchmark import Performance
from espr.encoders import load_audio_encoder
from espr.errors import EsprError
from espr.evaluation.text_cache import Track, do_not_track
from espr.paths import cache_folder
from espr.published.joint_encoder import AudioTower, is_tower, load_audio_tower
from espr.whole_files import replace_file

Analysed = tuple[np.ndarray, np.ndarray | None]  # profile and notes
_NOTES = ".notes"


def profiles(
    performances: Sequence[Performance],
    audio: str,
    jobs: int | None = None,
    track: Track = do_not_track,
) -> np.ndarray:
    """The profile of every performance, shape=(performances, d), in the encoder's units.

    Parameters
    ----------
    performances : sequence of Performance
    audio : str
        Name of the audio encoder or of a two-tower model, whose embeddings are its profiles.
    track : callable
        Shows the progress: given rows, how many there will be and what is done, gives the rows.
    """
    return np.array(_read_all(performances, audio, _read, jobs, track))


def notes(
    performances: Sequence[Performance], jobs: int | None = None, track: Track = do_not_track
) -> list[np.ndarray]:
    """What every performance plays, shape=(n, 2) each: onset in seconds and MIDI pitch.

    As the default audio encoder writes it down, whichever profiles are compared.
    """
    return _read_all(performances, DEFAULT_AUDIO, _read_notes, jobs, track)


def _read_all(
    performances: Sequence[Performance],
    audio: str,
    read: Callable[[Path], np.ndarray | None],
    jobs: int | None,
    track: Track,
) -> list[np.ndarray]:
    """What ``read`` makes of the place of every performance; what is absent is analysed."""
    encoder_id = id_of(audio)
    places = [place_of(one.audio, encoder_id, one.start, one.end) for one in performances]
    known = {place: found for place in places if (found := read(place)) is not None}
    absent = [number for number, place in enumerate(places) if place not in known]
    if absent:
        with ExitStack() as stack:
            names, wanted = [audio] * len(absent), [performances[number] for number in absent]
            analysed: Iterable[Analysed]
            if is_tower(audio):  # here, with all threads: each process would load the model
                analysed = map(analyse, names, wanted)
            else:
                # spawn: a fork would copy locks of the parent's OpenMP threads (design, traps)
                os.environ.setdefault("OMP_NUM_THREADS", "1")
                pool = ProcessPoolExecutor(jobs or os.cpu_count(), get_context("spawn"))
                analysed = stack.enter_context(pool).map(analyse, names, wanted, chunksize=4)
            shown = track(analysed, len(absent), f"analysing with {audio}")
            for number, (profile, played) in zip(absent, shown, strict=True):
                place = places[number]
                write_profile(place, profile)
                if played is not None:
                    write_notes(place, played)
                found = read(place)
                assert found is not None, f"{place} cannot be read back"
                known[place] = found
    return [known[place] for place in places]


def id_of(audio: str) -> str:
    """The id of an audio encoder or of a two-tower model."""
    return load_audio_tower(audio).id if is_tower(audio) else load_audio_encoder(audio).id


def analyse(audio: str, performance: Performance) -> Analysed:
    """The profile of one performance, and its notes where the encoder writes them down."""
    place = (performance.audio, performance.start, performance.end)
    if is_tower(audio):
        return _tower(audio, id_of(audio)).embedding(*place), None
    try:
        analysis = _encoder(audio).hear(*place)
    except EsprError as error:  # begins with a verb
        raise EsprError(f"{performance.audio} {error}", error.exit_code) from error
    return analysis.windows.profile, analysis.notes


@cache
def _tower(audio: str, _: str) -> AudioTower:
    """Loaded once an id: it may be hundreds of megabytes."""
    return load_audio_tower(audio)


@cache
def _encoder(audio: str) -> AudioEncoder:
    """Loaded once in a worker that analyses many."""
    return load_audio_encoder(audio)


def place_of(path: Path, encoder_id: str, start: float = 0.0, end: float | None = None) -> Path:
    """Where the profile of a file, or of a part of it, is kept, whether it is there yet or not."""
    state = path.stat()
    digest = _digest(path, state.st_size, state.st_mtime_ns)
    part = f"-{start:g}-{end:g}" if end is not None else ""
    return cache_folder() / "profiles" / encoder_id.replace("/", "-") / f"{digest}{part}.npy"


@cache
def _digest(path: Path, _size: int, _modified: int) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()


def _read(place: Path) -> np.ndarray | None:
    try:
        profile = np.load(place, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if profile.ndim != 1 or not np.isfinite(profile).all():
        return None
    found: np.ndarray = profile
    return found


def _read_notes(place: Path) -> np.ndarray | None:
    try:
        return unpack_notes(place.with_suffix(_NOTES).read_bytes())
    except (OSError, EsprError):
        return None


def write_profile(place: Path, profile: np.ndarray) -> None:
    """Keep a profile, shape=(d,), for the next evaluation."""
    place.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    np.save(content, profile, allow_pickle=False)
    replace_file(place, content.getvalue())


def write_notes(place: Path, played: np.ndarray) -> None:
    """Keep notes, shape=(n, 2), beside the profile at ``place``."""
    place.parent.mkdir(parents=True, exist_ok=True)
    replace_file(place.with_suffix(_NOTES), pack_notes(played))
