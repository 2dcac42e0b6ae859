"""File to samples: mono, 22.05 kHz, float32, in blocks, so that memory does not grow with length.

A recording that fits (20 minutes, 106 MB) is decoded once and kept; a longer one is decoded
twice: once for its peak, its silence and its hash, once for its features. Two channels are
averaged, unless they cancel each other: where one was recorded with its polarity inverted (a
cable, an editor), their difference is what the microphones heard.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from espr.audio.readers import read_blocks
from espr.errors import EsprError

SAMPLE_RATE = 22_050  # Hz

_KEPT_SECONDS = 20 * 60
_SILENCE = 1e-3  # -60 dB of the peak
_QUIETEST_PEAK = 1e-4  # -80 dB of full scale: nothing but dither
_SHORTEST_SOUND = 1.0  # seconds
_GRAIN = 256  # samples; the resolution at which silence is found, 12 ms
# The energy of the mean of two channels, of theirs: 1/2 where they are equal, 1/4 where they have
# nothing in common, 0 where they cancel. Of 31 published recordings the widest has 0.165.
_CANCELLED = 0.125
_NOT_NUMBERS = "holds samples that are not numbers (NaN or infinite)"


@dataclass
class Sound:
    """A decoded recording: mono samples at 22.05 kHz, silence at both ends left out.

    Attributes
    ----------
    duration : float
        Seconds of the whole recording, silence included.
    offset : float
        Seconds of silence before the first sound.
    length : int
        Samples between the first and the last sound.
    peak : float
        The largest absolute sample.
    audio_hash : str
        BLAKE2b of the mono samples as 16-bit integers, at the file's own rate.
    polarity : int
        Of the second channel: -1 where the two cancel and their difference is taken.
    """

    path: str
    start: float
    end: float | None
    duration: float
    offset: float
    length: int
    peak: float
    audio_hash: str
    timings: dict[str, float]
    polarity: int = 1
    _kept: np.ndarray | None = field(default=None, repr=False)

    def chunks(self, step: int, overlap: int) -> Iterator[tuple[int, np.ndarray]]:
        """Consecutive chunks of the sound, peak-normalised to 1.

        Yields
        ------
        position : int
            First sample of the chunk, counted from the first sound; multiples of ``step``.
        samples : np.ndarray, shape=(<= step + overlap,), float32
            The chunk, and up to ``overlap`` samples of the next one.
        """
        first = round(self.offset * SAMPLE_RATE)
        if self._kept is not None:
            sound = self._kept[first : first + self.length]
            for position in range(0, self.length, step):
                yield position, sound[position : position + step + overlap] / self.peak
            return
        again = _Ledger(self.timings, self.polarity)
        resampled = _resampled(self.path, self.start, self.end, again)
        buffer = np.zeros(0, np.float32)
        seen, position = 0, 0
        for block in resampled:
            begin, stop = (
                max(0, first - seen),
                min(len(block), first + self.length - seen),
            )
            seen += len(block)
            if stop > begin:
                buffer = np.concatenate([buffer, block[begin:stop]])
            while len(buffer) >= step + overlap:
                yield position, buffer[: step + overlap] / self.peak
                buffer = buffer[step:]
                position += step
        if again.hash.hexdigest() != self.audio_hash:
            raise EsprError("changed while it was read")
        while len(buffer) and position < self.length:
            yield position, buffer[: step + overlap] / self.peak
            buffer = buffer[step:]
            position += step


class _Ledger:
    """Where the time went, and the hash and energy of what passed."""

    def __init__(self, timings: dict[str, float], polarity: int = 1) -> None:
        self.timings = timings
        self.polarity = polarity
        self.hash = hashlib.blake2b(digest_size=16)
        self.frames = 0
        self.rate = 0
        self.energy = 0.0  # of two channels
        self.mono_energy = 0.0  # of their mean

    @property
    def channels_cancel(self) -> bool:
        """Whether the difference of the channels is to be taken instead of their mean."""
        return self.polarity > 0 and self.mono_energy < _CANCELLED * self.energy

    def add(self, what: str, since: float) -> float:
        now = time.perf_counter()
        self.timings[what] = self.timings.get(what, 0.0) + now - since
        return now


def decode(path: str | os.PathLike[str], start: float = 0.0, end: float | None = None) -> Sound:
    """Decode a recording, or the part of it between two times.

    Parameters
    ----------
    path : path of an audio file
    start, end : float
        Seconds into the file; a track of a one-file album. ``None`` is the file's end.

    Raises
    ------
    EsprError
        When the file is missing, of an unknown format, cut short, empty, silent, shorter
        than a second, or holds samples that are not numbers. The message starts with a
        verb: "cannot be decoded …", so that the caller puts the file's name before it.
    """
    part = (os.fspath(path), start, end)
    ledger = _Ledger({})
    kept, total, loudest = _keep(*part, ledger)
    if ledger.channels_cancel:
        ledger = _Ledger(ledger.timings, polarity=-1)
        kept, total, loudest = _keep(*part, ledger)
    peak = float(loudest.max(initial=0.0))
    if total == 0:
        raise EsprError("holds no audio")
    if not np.isfinite(peak):
        raise EsprError(_NOT_NUMBERS)
    if peak < _QUIETEST_PEAK:
        raise EsprError("is silent")
    first, last = _sounding_part(kept, total, loudest, peak * _SILENCE)
    length = last - first
    if length < _SHORTEST_SOUND * SAMPLE_RATE:
        raise EsprError(f"holds only {length / SAMPLE_RATE:.1f} s of sound; at least 1 s is needed")
    return Sound(
        *part,
        duration=ledger.frames / ledger.rate,
        offset=first / SAMPLE_RATE,
        length=length,
        peak=peak,
        audio_hash=ledger.hash.hexdigest(),
        timings=ledger.timings,
        polarity=ledger.polarity,
        _kept=kept,
    )


def _keep(
    path: str, start: float, end: float | None, ledger: _Ledger
) -> tuple[np.ndarray | None, int, np.ndarray]:
    """The samples, where they are not too many, how many they are, and the peak of each grain."""
    # the system gives memory only for what is written
    kept: np.ndarray | None = np.empty(_KEPT_SECONDS * SAMPLE_RATE, np.float32)
    grains: list[np.ndarray] = []
    rest = np.zeros(0, np.float32)
    total = 0
    for block in _resampled(path, start, end, ledger):
        total += len(block)
        whole = np.concatenate([rest, block])
        used = len(whole) // _GRAIN * _GRAIN
        grains.append(np.abs(whole[:used]).reshape(-1, _GRAIN).max(axis=1, initial=0.0))
        rest = whole[used:]
        if kept is not None and total <= len(kept):
            kept[total - len(block) : total] = block
        else:
            kept = None
    grains.append(np.abs(rest[None]).max(axis=1, initial=0.0))
    return None if kept is None else kept[:total], total, np.concatenate(grains)


def _sounding_part(
    kept: np.ndarray | None, total: int, loudest: np.ndarray, audible: float
) -> tuple[int, int]:
    """The first sample that is louder than ``audible``, and the one behind the last."""
    loud = np.flatnonzero(loudest > audible)
    first, last = int(loud[0]) * _GRAIN, min((int(loud[-1]) + 1) * _GRAIN, total)
    if kept is not None:
        # to the sample: a recording that begins a little later must fall into the same frames,
        # and into as many windows
        first += int((np.abs(kept[first : first + _GRAIN]) > audible).argmax())
        last -= int((np.abs(kept[last - _GRAIN : last][::-1]) > audible).argmax())
    return first, last


def audio_hash(path: str | os.PathLike[str], start: float = 0.0, end: float | None = None) -> str:
    """The hash by which a moved or re-tagged recording is recognised; decodes, measures nothing."""
    return _listen(os.fspath(path), start, end).hash.hexdigest()


def _listen(path: str, start: float, end: float | None) -> _Ledger:
    """The hash of a recording, and whether its channels cancel."""
    ledger = _Ledger({})
    for polarity in (1, -1):
        ledger = _Ledger({}, polarity)
        for _ in _mono_blocks(path, start, end, ledger):
            pass
        if not ledger.channels_cancel:
            break
    return ledger


def blocks_at(
    path: str | os.PathLike[str], rate: int, start: float = 0.0, end: float | None = None
) -> Iterator[np.ndarray]:
    """A recording as it is, silence and level included, for models with a rate of their own.

    Yields
    ------
    np.ndarray, shape=(n,), float32
        Consecutive mono samples at ``rate`` Hz; raises as :func:`decode` does.
    """
    part = (os.fspath(path), start, end)
    return _resampled(*part, _Ledger({}, _listen(*part).polarity), rate, "HQ")


def _resampled(
    path: str,
    start: float,
    end: float | None,
    ledger: _Ledger,
    rate: int = SAMPLE_RATE,
    quality: str = "MQ",
) -> Iterator[np.ndarray]:
    """Mono blocks at ``rate`` Hz."""
    import soxr

    resampler = None
    for block in _mono_blocks(path, start, end, ledger):
        if ledger.rate == rate:
            yield block
            continue
        since = time.perf_counter()
        if resampler is None:
            resampler = soxr.ResampleStream(ledger.rate, rate, 1, "float32", quality)
        resampled = resampler.resample_chunk(block)
        ledger.add("resample", since)
        yield resampled
    if resampler is not None:
        yield resampler.resample_chunk(np.zeros(0, np.float32), last=True)


def _mono_blocks(
    path: str, start: float, end: float | None, ledger: _Ledger
) -> Iterator[np.ndarray]:
    """Mono blocks at the file's own rate; counts and hashes them on the way."""
    since = time.perf_counter()
    for ledger.rate, block in read_blocks(path, start, end):
        mono = _mix(block, ledger.polarity)
        # A sum is not finite when any sample is not: one pass, no temporary array.
        with np.errstate(over="ignore", invalid="ignore"):
            if not np.isfinite(mono.sum(dtype=np.float64)):
                raise EsprError(_NOT_NUMBERS)
            quantised = mono * np.float32(32768.0)
            np.rint(quantised, out=quantised)
            np.clip(quantised, -32768, 32767, out=quantised)
        if block.shape[1] == 2:
            ledger.energy += _energy(block)
            ledger.mono_energy += _energy(mono)
        ledger.hash.update(quantised.astype(np.int16).data)
        ledger.frames += len(mono)
        ledger.add("decode", since)
        yield mono
        since = time.perf_counter()


def _energy(samples: np.ndarray) -> float:
    flat = samples.ravel(order="K")
    return float(np.dot(flat, flat))


def _mix(block: np.ndarray, polarity: int) -> np.ndarray:
    """Frames of any number of channels to mono, contiguous float32; ``polarity`` of the second."""
    if block.shape[1] == 1:
        return np.ascontiguousarray(block[:, 0], np.float32)
    mixed: np.ndarray
    if block.shape[1] == 2:  # the same numbers as the mean's, in 2 ms instead of 92 for 3 minutes
        left, right = block.T
        mixed = left + right if polarity > 0 else left - right
        mixed *= np.float32(0.5)
        return mixed
    mixed = block.mean(axis=1, dtype=np.float32)
    return mixed
