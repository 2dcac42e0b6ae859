"""A stretch of a recording as a file of its own, for pages and players.

MP3 is what every browser plays (older Safaris lack Ogg Opus); at a variable bit rate, piano takes
8 kB a second. A sampling rate that a format lacks is resampled, more than two channels become one,
and fades of 20 ms keep a cut from clicking.

Source: LAME's quality scale (-V), which libsndfile maps to 0 … 1.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from espr.audio.readers import read_blocks
from espr.errors import EsprError

_FADE = 0.02  # seconds


@dataclass(frozen=True, slots=True)
class ClipFormat:
    """How libsndfile calls a format, the sampling rates that it takes (none: any), and how it is
    compressed."""

    container: str
    subtype: str
    media_type: str
    rates: tuple[int, ...] = ()
    options: Mapping[str, str | float] = field(default_factory=dict)


CLIP_FORMATS = {
    "mp3": ClipFormat(
        *("MP3", "MPEG_LAYER_III", "audio/mpeg"),
        (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000),
        # of 0 … 1, the smallest: about 110 kB for 15 s of piano in stereo
        {"bitrate_mode": "VARIABLE", "compression_level": 0.7},
    ),
    "opus": ClipFormat("OGG", "OPUS", "audio/ogg", (8_000, 12_000, 16_000, 24_000, 48_000)),
    "flac": ClipFormat("FLAC", "PCM_16", "audio/flac"),
    "wav": ClipFormat("WAV", "PCM_16", "audio/wav"),
}


def encode_clip(
    path: str | os.PathLike[str],
    start: float = 0.0,
    end: float | None = None,
    kind: str = "mp3",
    stop: threading.Event | None = None,
) -> bytes:
    """A recording, or the part of it between two times, encoded.

    Parameters
    ----------
    path : path of an audio file
    start, end : float
        Seconds into the file; ``None`` is the file's end.
    kind : str
        One of :data:`CLIP_FORMATS`.
    stop : threading.Event, optional
        Ends the work when another thread sets it.

    Raises
    ------
    EsprError
        When the file cannot be read, holds nothing there, or the work was ended. The message
        starts with a verb.
    """
    import soundfile

    form = CLIP_FORMATS[kind]
    target = io.BytesIO()
    writer = None
    try:
        for rate, block in _blocks(path, start, end, form):
            if writer is None:
                writer = soundfile.SoundFile(
                    *(target, "w", rate, block.shape[1]),
                    format=form.container,
                    subtype=form.subtype,
                    **form.options,
                )
            writer.write(block)
            if stop is not None and stop.is_set():
                raise EsprError("was not read to its end")
    except (soundfile.LibsndfileError, ValueError) as error:
        raise EsprError(f"cannot be encoded as {kind.upper()}: {error}") from error
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise EsprError("holds no audio there")
    return target.getvalue()


def clip_kind() -> str:
    """``mp3``; ``flac`` where libsndfile is too old for it (before 1.1)."""
    import soundfile

    return "mp3" if "MP3" in soundfile.available_formats() else "flac"


def _blocks(
    path: str | os.PathLike[str], start: float, end: float | None, form: ClipFormat
) -> Iterator[tuple[int, np.ndarray]]:
    """Blocks, shape=(n, 1 or 2), at a rate of the format, faded in and out."""
    import soxr

    resampler, target = None, 0
    position = 0
    for rate, block in read_blocks(path, start, end):
        frames = block if block.shape[1] <= 2 else block.mean(axis=1, keepdims=True)
        faded = frames * _gain(position, len(frames), rate, start, end)
        position += len(frames)
        target = target or _nearest_rate(rate, form)
        if target == rate:
            yield rate, np.clip(faded, -1.0, 1.0)
            continue
        resampler = resampler or soxr.ResampleStream(rate, target, faded.shape[1], "float32", "HQ")
        yield target, np.clip(resampler.resample_chunk(faded), -1.0, 1.0)
    if resampler is not None:
        rest = np.zeros((0, faded.shape[1]), np.float32)
        yield target, np.clip(resampler.resample_chunk(rest, last=True), -1.0, 1.0)


def _gain(position: int, count: int, rate: int, start: float, end: float | None) -> np.ndarray:
    """The gain of ``count`` samples from ``position`` on, shape=(count, 1): fades at the cuts."""
    seconds = np.arange(position, position + count) / rate
    since = seconds if start else np.full(count, _FADE)
    left = np.full(count, _FADE) if end is None else end - start - seconds
    gain: np.ndarray = (np.minimum(since, left) / _FADE).clip(0.0, 1.0).astype(np.float32)
    return gain[:, None]


def _nearest_rate(rate: int, form: ClipFormat) -> int:
    """The rate to encode at: the recording's own, else the highest below it, else the lowest."""
    if not form.rates or rate in form.rates:
        return rate
    return max((one for one in form.rates if one < rate), default=form.rates[0])
