"""Profiles of recordings, analysed once: the cache that makes a second evaluation take seconds.

A profile is kept under the digest of the file and the id of the encoder. A cache can be deleted
at any time; a file of it that cannot be read is made again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from espr.audio.encoder import AudioEncoder
from espr.datasets.benchmark import Performance
from espr.encoders import load_audio_encoder
from espr.errors import EsprError
from espr.evaluation.text_cache import Track, do_not_track
from espr.paths import cache_folder
from espr.published.joint_encoder import AudioTower, is_tower, load_audio_tower


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
    encoder_id = id_of(audio)
    places = [place_of(one.audio, encoder_id, one.start, one.end) for one in performances]
    known = [_read(place) for place in places]
    absent = [number for number, profile in enumerate(known) if profile is None]
    if absent:
        with ExitStack() as stack:
            names, wanted = [audio] * len(absent), [performances[number] for number in absent]
            found: Iterable[np.ndarray]
            if is_tower(audio):  # here, with all threads: each process would load the model
                found = map(analyse, names, wanted)
            else:
                # spawn: a fork would copy locks of the parent's OpenMP threads (design, traps)
                os.environ.setdefault("OMP_NUM_THREADS", "1")
                pool = ProcessPoolExecutor(jobs or os.cpu_count(), get_context("spawn"))
                found = stack.enter_context(pool).map(analyse, names, wanted, chunksize=4)
            shown = track(found, len(absent), f"analysing with {audio}")
            for number, profile in zip(absent, shown, strict=True):
                known[number] = profile
                write_profile(places[number], profile)
    return np.array(known)


def id_of(audio: str) -> str:
    """The id of an audio encoder or of a two-tower model."""
    return load_audio_tower(audio).id if is_tower(audio) else load_audio_encoder(audio).id


def analyse(audio: str, performance: Performance) -> np.ndarray:
    """The profile of one performance, shape=(d,), in the encoder's units."""
    place = (performance.audio, performance.start, performance.end)
    if is_tower(audio):
        return _tower(audio, id_of(audio)).embedding(*place)
    try:
        return _encoder(audio).hear(*place).windows.profile
    except EsprError as error:  # begins with a verb
        raise EsprError(f"{performance.audio} {error}", error.exit_code) from error


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
    digest = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
    part = f"-{start:g}-{end:g}" if end is not None else ""
    return cache_folder() / "profiles" / encoder_id.replace("/", "-") / f"{digest}{part}.npy"


def _read(place: Path) -> np.ndarray | None:
    try:
        profile = np.load(place, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if profile.ndim != 1 or not np.isfinite(profile).all():
        return None
    found: np.ndarray = profile
    return found


def write_profile(place: Path, profile: np.ndarray) -> None:
    """Keep a profile, shape=(d,), for the next evaluation."""
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_suffix(f".{os.getpid()}.part.npy")
    np.save(draft, profile, allow_pickle=False)
    draft.replace(place)
