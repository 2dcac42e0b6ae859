"""File to samples: mono, 22.05 kHz, float32, in blocks, so that memory does not grow with length.

A recording that fits (20 minutes, 106 MB) is decoded once and kept; a longer one is decoded
twice: once for its peak, its silence and its hash, once to be heard. WAV, FLAC, MP3,
Ogg/Opus and AIFF are read by libsndfile (soundfile), M4A, AAC and ALAC by PyAV when the
extra ``m4a`` is installed.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from espr.audio.container import check_whole
from espr.errors import EsprError

SAMPLE_RATE = 22_050  # Hz
PYAV_SUFFIXES = (".m4a", ".mp4", ".aac", ".alac")

_BLOCK = 1 << 19  # samples of all channels: 6 s of stereo at 44.1 kHz
_LOWEST_RATE = 4_000  # Hz; below that there is no music to hear
_HIGHEST_RATE = 768_000  # Hz, the highest that is sold; a resampler of more takes memory
# FFmpeg goes by the content, and a playlist by the name of take.m4a could open any other file.
_PYAV_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,aac,loas,caf"
_KEPT_SECONDS = 20 * 60
_SILENCE = 1e-3  # -60 dB of the peak
_QUIETEST_PEAK = 1e-4  # -80 dB of full scale: nothing but dither
_SHORTEST_SOUND = 1.0  # seconds
_GRAIN = 256  # samples; the resolution at which silence is found, 12 ms


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
        again = _Ledger(self.timings)
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
            raise EsprError("changed while it was heard")
        while len(buffer) and position < self.length:
            yield position, buffer[: step + overlap] / self.peak
            buffer = buffer[step:]
            position += step


class _Ledger:
    """Where the time went, and the hash and peak of what passed."""

    def __init__(self, timings: dict[str, float]) -> None:
        self.timings = timings
        self.hash = hashlib.blake2b(digest_size=16)
        self.frames = 0
        self.rate = 0

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
    ledger = _Ledger({})
    # the system gives memory only for what is written
    kept: np.ndarray | None = np.empty(_KEPT_SECONDS * SAMPLE_RATE, np.float32)
    grains: list[np.ndarray] = []
    rest = np.zeros(0, np.float32)
    total = 0
    for block in _resampled(os.fspath(path), start, end, ledger):
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
    loudest = np.concatenate(grains)
    peak = float(loudest.max(initial=0.0))
    if total == 0:
        raise EsprError("holds no audio")
    if peak < _QUIETEST_PEAK:
        raise EsprError("is silent")
    heard = np.flatnonzero(loudest > peak * _SILENCE)
    first, last = int(heard[0]) * _GRAIN, min((int(heard[-1]) + 1) * _GRAIN, total)
    samples = None if kept is None else kept[:total]
    if samples is not None:
        # to the sample: a recording that begins a little later must fall into the same frames,
        # and into as many windows
        audible = peak * _SILENCE
        first += int((np.abs(samples[first : first + _GRAIN]) > audible).argmax())
        last -= int((np.abs(samples[last - _GRAIN : last][::-1]) > audible).argmax())
    length = last - first
    if length < _SHORTEST_SOUND * SAMPLE_RATE:
        raise EsprError(f"holds only {length / SAMPLE_RATE:.1f} s of sound; at least 1 s is needed")
    return Sound(
        path=os.fspath(path),
        start=start,
        end=end,
        duration=ledger.frames / ledger.rate,
        offset=first / SAMPLE_RATE,
        length=length,
        peak=peak,
        audio_hash=ledger.hash.hexdigest(),
        timings=ledger.timings,
        _kept=samples,
    )


def audio_hash(path: str | os.PathLike[str], start: float = 0.0, end: float | None = None) -> str:
    """The hash by which a moved or re-tagged recording is recognised; decodes, hears nothing."""
    ledger = _Ledger({})
    for _ in _mono_blocks(os.fspath(path), start, end, ledger):
        pass
    return ledger.hash.hexdigest()


def blocks_at(
    path: str | os.PathLike[str], rate: int, start: float = 0.0, end: float | None = None
) -> Iterator[np.ndarray]:
    """A recording as it is, silence and level included, for models with a rate of their own.

    Yields
    ------
    np.ndarray, shape=(n,), float32
        Consecutive mono samples at ``rate`` Hz; raises as :func:`decode` does.
    """
    return _resampled(os.fspath(path), start, end, _Ledger({}), rate, "HQ")


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
    if path.lower().endswith(PYAV_SUFFIXES):
        blocks = _read_with_pyav(path, start, end, ledger)
    else:
        blocks = _read_with_soundfile(path, start, end, ledger)
    since = time.perf_counter()
    for block in blocks:
        # A sum is not finite when any sample is not: one pass, no temporary array.
        with np.errstate(over="ignore", invalid="ignore"):
            if not np.isfinite(block.sum(dtype=np.float64)):
                raise EsprError("holds samples that are not numbers (NaN or infinite)")
            quantised = np.clip(np.rint(block * 32768.0), -32768, 32767).astype(np.int16)
        ledger.hash.update(quantised.tobytes())
        ledger.frames += len(block)
        ledger.add("decode", since)
        yield block
        since = time.perf_counter()


def _read_with_soundfile(
    path: str, start: float, end: float | None, ledger: _Ledger
) -> Iterator[np.ndarray]:
    import soundfile

    try:
        check_whole(path)
        # As bytes: soundfile would encode the name as UTF-8, which not every name can.
        file = soundfile.SoundFile(os.fsencode(path))
    except OSError as error:
        raise EsprError(f"cannot be opened: {error.strerror or error}") from error
    except (soundfile.LibsndfileError, RuntimeError, TypeError) as error:
        raise EsprError(f"cannot be decoded: {_reason(error)}") from error
    with file:
        _check_rate(file.samplerate)
        ledger.rate = file.samplerate
        first = round(start * file.samplerate)
        stop = file.frames if end is None else min(file.frames, round(end * file.samplerate))
        try:
            if first:
                file.seek(min(first, file.frames))
            remaining = stop - first
            step = _BLOCK // max(2, file.channels)
            while remaining > 0:
                block = file.read(min(step, remaining), dtype="float32", always_2d=True)
                if not len(block):
                    break
                remaining -= len(block)
                yield _mix(block)
        except soundfile.LibsndfileError as error:
            raise EsprError(f"is damaged or cut short: {_reason(error)}") from error
        # mpg123 counts the frames of an MP3 without a Xing header from its size: within 1 %
        if remaining > max(2 * 1152, 0.01 * (stop - first)):
            missing = remaining / file.samplerate
            raise EsprError(f"is cut short: {missing:.1f} s of the audio it promises are missing")


def _read_with_pyav(
    path: str, start: float, end: float | None, ledger: _Ledger
) -> Iterator[np.ndarray]:
    try:
        import av
    except ImportError as error:
        raise EsprError('needs PyAV to be decoded: pip install "espr[m4a]"') from error
    av.logging.set_level(av.logging.PANIC)
    try:
        options = {"format_whitelist": _PYAV_FORMATS, "protocol_whitelist": "file"}
        with av.open(path, metadata_errors="ignore", options=options) as container:
            if not container.streams.audio:
                raise EsprError("holds no audio")
            stream = container.streams.audio[0]
            if stream.codec_context is None:
                raise EsprError("cannot be decoded: its codec is unknown")
            rate = int(stream.rate)
            _check_rate(rate)
            ledger.rate = rate
            planar = av.AudioResampler(format="fltp")
            first, stop = (
                round(start * rate),
                None if end is None else round(end * rate),
            )
            position = 0
            for frame in container.decode(stream):
                for part in planar.resample(frame):
                    block = part.to_ndarray().T
                    begin = max(0, first - position)
                    last = len(block) if stop is None else min(len(block), stop - position)
                    position += len(block)
                    if last > begin:
                        yield _mix(block[begin:last])
            promised = float((stream.duration or 0) * (stream.time_base or 0))
            # encoder delay and padding are counted differently: half a second is no damage
            if end is None and position / rate < promised - 0.5:
                missing = promised - position / rate
                raise EsprError(
                    f"is cut short: {missing:.1f} s of the audio it promises are missing"
                )
    except (av.error.FFmpegError, OSError) as error:
        raise EsprError(f"cannot be decoded: {_reason(error)}") from error


def _mix(block: np.ndarray) -> np.ndarray:
    """Frames of any number of channels to mono, contiguous float32."""
    if block.shape[1] == 1:
        return np.ascontiguousarray(block[:, 0], np.float32)
    mixed: np.ndarray
    if block.shape[1] == 2:  # the same numbers as the mean's, in 2 ms instead of 92 for 3 minutes
        mixed = block[:, 0] + block[:, 1]
        mixed *= np.float32(0.5)
        return mixed
    mixed = block.mean(axis=1, dtype=np.float32)
    return mixed


def _check_rate(rate: int) -> None:
    if rate < _LOWEST_RATE:
        raise EsprError(f"has a sample rate of {rate} Hz; at least {_LOWEST_RATE} Hz is needed")
    if rate > _HIGHEST_RATE:
        raise EsprError(f"has a sample rate of {rate} Hz; at most {_HIGHEST_RATE} Hz is heard")


def _reason(error: BaseException) -> str:
    """The decoder's own words, on one line and without the path it repeats."""
    text = getattr(error, "error_string", None) or getattr(error, "strerror", None) or str(error)
    if "not a regular file" in str(text):  # what libsndfile says of any file it cannot place
        return "it is no audio, or damaged at its beginning"
    return " ".join(str(text).split()).rstrip(".") or type(error).__name__
