"""Profiles of recordings, heard once: the cache that makes a second evaluation take seconds.

A profile is kept under the digest of the file and the id of the encoder. A cache can be deleted
at any time; a file of it that cannot be read is heard again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from espr.audio.encoder import load_audio_encoder
from espr.folders import cache_folder


def profiles(
    files: Sequence[Path],
    audio: str,
    jobs: int | None = None,
    track: Callable[[Iterable[np.ndarray], int], Iterable[np.ndarray]] = lambda rows, _: rows,
) -> np.ndarray:
    """The profile of every file, shape=(files, d), in the encoder's units.

    Parameters
    ----------
    files : sequence of Path
    audio : str
        Name of the audio encoder.
    track : callable
        Wraps the rows, given how many there will be, to show the progress.
    """
    encoder_id = load_audio_encoder(audio).id
    places = [place_of(path, encoder_id) for path in files]
    known = [_read(place) for place in places]
    absent = [number for number, profile in enumerate(known) if profile is None]
    if absent:
        # spawn: a fork would copy locks of the parent's OpenMP threads (design, traps)
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        with ProcessPoolExecutor(jobs or os.cpu_count(), get_context("spawn")) as pool:
            heard = pool.map(_hear, [audio] * len(absent), [files[n] for n in absent], chunksize=4)
            for number, profile in zip(absent, track(heard, len(absent)), strict=True):
                known[number] = profile
                write_profile(places[number], profile)
    return np.array(known)


def _hear(audio: str, path: Path) -> np.ndarray:
    return load_audio_encoder(audio).encode(path).profile


def place_of(path: Path, encoder_id: str) -> Path:
    """Where the profile of a file is kept, whether it is there yet or not."""
    digest = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
    return cache_folder() / "profiles" / encoder_id.replace("/", "-") / f"{digest}.npy"


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
