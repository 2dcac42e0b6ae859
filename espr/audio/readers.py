"""File to blocks of samples: libsndfile where it reads all of a file, FFmpeg for the rest.

libsndfile (soundfile) is fast and reads WAV, FLAC, MP3, Ogg and AIFF; FFmpeg (PyAV) reads what
libsndfile does not know, and what it would not read to the end: joined and chained streams,
lengths of 0, 32-bit FLAC, damage. Both get an open file, never a name: a name need not be UTF-8,
may be longer than libsndfile's buffer, and may look like an address to FFmpeg. FFmpeg is given the
format that :mod:`espr.audio.formats` found, so that a playlist called take.m4a opens nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, BinaryIO

import numpy as np

from espr.audio.extent import Extent, measure_extent, trailing_tag_bytes
from espr.audio.formats import AudioFormat, format_of
from espr.errors import EsprError

if TYPE_CHECKING:
    import soundfile

_BLOCK = 1 << 19  # samples of all channels: 6 s of stereo at 44.1 kHz
_LOWEST_RATE = 4_000  # Hz; below that there is no music
_HIGHEST_RATE = 2_822_400  # Hz, DSD512 as FFmpeg gives it; a resampler of more takes memory
_SEAM = 0.05  # seconds that libsndfile may leave unread
_LONGEST_NAME = 1_000  # bytes: libsndfile's buffer has 1,024
_READ_AHEAD = 1 << 14  # bytes that libFLAC may not have needed
# of all: more is damage that one hears, unless it is the beginning of a stream
_LOST_PACKETS, _FEW_PACKETS = 0.02, 3
# libsndfile takes their length from the header, and it is exact; that of MP3 and Ogg is a guess
_COUNTED = {"wav", "rf64", "w64", "aiff", "flac", "au", "caf", "8svx"}
_SOUNDFILE = {*_COUNTED, "mp3", "ogg"}
# seconds that may be missing of the duration that FFmpeg reads in an exact header
_EXACT = {"flac": 0.2, "ape": 0.2, "wavpack": 0.2, "tta": 0.2, "tak": 0.2, "mp4": 0.5}
# what libsndfile says of any file that it cannot place
_UNKNOWN = ("not a regular file", "Format not recognised", "bad resource fork")


@dataclass
class _Progress:
    """How far a file was read, in samples from its beginning."""

    rate: int = 0
    position: int = 0
    is_done: bool = False
    reason: str = ""  # why libsndfile did not get further
    packets: int = 0
    lost_packets: int = 0


def read_blocks(
    path: str | os.PathLike[str], start: float = 0.0, end: float | None = None
) -> Iterator[tuple[int, np.ndarray]]:
    """Read a file, or the part between two times in seconds, to its end.

    Yields
    ------
    rate : int
        Hz, the same for all blocks.
    block : np.ndarray, shape=(n, channels), float32
        Consecutive samples, full scale 1.

    Raises
    ------
    EsprError
        When the file cannot be opened or decoded, is cut short or damaged. The message starts
        with a verb.
    """
    progress = _Progress()
    try:
        with open(path, "rb") as file:
            form = format_of(file)
            extent = measure_extent(file, form)
        if form is None or (form.name in _SOUNDFILE and extent.one_stream):
            yield from _read_with_soundfile(path, form, extent, (start, end), progress)
        if progress.is_done:
            return
        if form is None:
            raise EsprError(progress.reason)
        with open(path, "rb") as file:
            yield from _read_with_pyav(file, form, extent, (start, end), progress)
    except OSError as error:
        raise EsprError(f"cannot be opened: {error.strerror or error}") from error


def _read_with_soundfile(
    path: str | os.PathLike[str],
    form: AudioFormat | None,
    extent: Extent,
    span: tuple[float, float | None],
    progress: _Progress,
) -> Iterator[tuple[int, np.ndarray]]:
    """As far as libsndfile reads; ``progress.is_done`` where that is all."""
    import soundfile

    with open(path, "rb", buffering=0) as opened:
        try:
            file = soundfile.SoundFile(_for_libsndfile(path, opened, form), closefd=False)
        except (soundfile.LibsndfileError, RuntimeError, TypeError) as error:
            progress.reason = f"cannot be decoded: {_reason(error)}"
            return
        with file:
            rate, total = file.samplerate, file.frames
            _check_rate(rate)
            is_counted = form is None or form.name in _COUNTED
            expected = extent.samples if extent.samples is not None else total if is_counted else 0
            if total < expected - _SEAM * rate:
                return
            start, end = (round(time * rate) if time is not None else total for time in span)
            expected = min(expected, end)
            progress.rate, progress.position = rate, min(start, total)
            try:
                yield from _read_until(min(total, end), file, progress)
            except soundfile.LibsndfileError as error:
                progress.reason = f"is damaged or cut short: {_reason(error)}"
                return
            progress.is_done = progress.position >= expected - _SEAM * rate
            if form is not None and form.name == "flac" and end >= total:
                # a count that is too small: libFLAC stops there
                position, size = opened.tell(), opened.seek(0, os.SEEK_END)
                unread = size - trailing_tag_bytes(opened, size) - position
                progress.is_done &= unread < _READ_AHEAD
    if form is None and not progress.is_done:
        raise _missing((expected - progress.position) / rate)


def _for_libsndfile(
    path: str | os.PathLike[str], opened: IO[bytes], form: AudioFormat | None
) -> bytes | int:
    """A name or a file descriptor: some MP3 files libsndfile knows by their suffix only.

    As bytes, since it would be encoded as UTF-8, which not every name can.
    """
    name = os.fsencode(path)
    is_by_name = form is not None and form.name == "mp3" and len(name) < _LONGEST_NAME
    return name if is_by_name else opened.fileno()


def _read_until(
    stop: int, file: soundfile.SoundFile, progress: _Progress
) -> Iterator[tuple[int, np.ndarray]]:
    if progress.position:
        file.seek(progress.position)
    step = _BLOCK // max(2, file.channels)
    while progress.position < stop:
        wanted = min(step, stop - progress.position)
        block = file.read(wanted, dtype="float32", always_2d=True)
        if not len(block):
            break
        progress.position += len(block)
        yield progress.rate, block


class _Behind:
    """An open file without the tags in front, for FFmpeg."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        self._file, self._start = file, start
        file.seek(start)
        self.read = file.read

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        offset += self._start if whence == os.SEEK_SET else 0
        return self._file.seek(offset, whence) - self._start

    def tell(self) -> int:
        return self._file.tell() - self._start


def open_container(source: Any, **options: Any) -> Any:
    """An FFmpeg container for reading; what is not UTF-8 in its tags comes as surrogates.

    Parameters
    ----------
    source : str or object
        A path, or what can be read and perhaps sought.
    options
        Those of ``av.open``.
    """
    import av

    if int(av.__version__.partition(".")[0]) < 19:  # later ones know no other way
        options["metadata_errors"] = "surrogateescape"
    return av.open(source, **options)


def _read_with_pyav(
    source: BinaryIO,
    form: AudioFormat,
    extent: Extent,
    span: tuple[float, float | None],
    progress: _Progress,
) -> Iterator[tuple[int, np.ndarray]]:
    """From the beginning, or from where libsndfile stopped, to the end."""
    import av

    av.logging.set_level(av.logging.PANIC)
    options = {"protocol_whitelist": "none"}
    if extent.ignores_length:
        options["ignore_length"] = "1"
    read, promised = 0, 0.0  # samples from the beginning of the file; seconds
    try:
        with open_container(
            _Behind(source, form.start), format=form.demuxer, options=options
        ) as container:
            if not container.streams.audio:
                raise EsprError("holds no audio")
            stream: Any = container.streams.best("audio")
            if stream is None or stream.codec_context is None:
                raise EsprError("cannot be decoded: its codec is unknown")
            promised = float((stream.duration or 0) * (stream.time_base or 0))
            for block in _decode_packets(container, stream, progress):
                rate = progress.rate
                first = max(round(span[0] * rate), progress.position)
                stop = read + len(block) if span[1] is None else round(span[1] * rate)
                wanted = block[max(0, first - read) : max(0, stop - read)]
                read += len(block)
                if len(wanted):
                    progress.position = min(read, stop)
                    yield rate, wanted
                if read > stop:
                    return
    except av.error.FFmpegError as error:
        if read:
            _check_length(form, extent, promised, read, progress)
        raise EsprError(progress.reason or f"cannot be decoded: {_reason(error)}") from error
    if not read:
        raise EsprError(progress.reason or "holds no audio")
    _check_length(form, extent, promised, read, progress)


def _decode_packets(container: Any, stream: Any, progress: _Progress) -> Iterator[np.ndarray]:
    """Blocks of one rate, shape=(n, channels), float32; damaged packets are left out."""
    import av

    resampler: Any = None
    kind = None
    for packet in container.demux(stream):
        progress.packets += 1
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            progress.lost_packets += 1
            continue
        for frame in frames:
            if not progress.rate:
                _check_rate(frame.sample_rate)
                progress.rate = frame.sample_rate
            # joined streams may differ
            of_frame = (frame.sample_rate, frame.format.name, frame.layout.name)
            if of_frame != kind:
                if resampler is not None:
                    yield from (part.to_ndarray().T for part in resampler.resample(None))
                resampler, kind = av.AudioResampler(format="fltp", rate=progress.rate), of_frame
            yield from (part.to_ndarray().T for part in resampler.resample(frame))
    if resampler is not None:
        yield from (part.to_ndarray().T for part in resampler.resample(None))


def _check_length(
    form: AudioFormat, extent: Extent, promised: float, read: int, progress: _Progress
) -> None:
    """Raise where less was decoded than was counted, or promised by a header that is exact."""
    lost = progress.lost_packets
    if extent.seconds is not None:
        promised = extent.seconds
    elif form.name not in _EXACT:
        if lost > max(_FEW_PACKETS, _LOST_PACKETS * progress.packets):
            raise EsprError(f"is damaged: {lost} of its {progress.packets} packets are unreadable")
        return
    missing = promised - read / progress.rate
    if missing > _EXACT.get(form.name, max(0.5, 0.01 * promised)):
        raise _missing(missing)


def _missing(seconds: float) -> EsprError:
    return EsprError(f"is cut short: {seconds:.1f} s of the audio it promises are missing")


def _check_rate(rate: int) -> None:
    if rate < _LOWEST_RATE:
        raise EsprError(f"has a sample rate of {rate} Hz; at least {_LOWEST_RATE} Hz is needed")
    if rate > _HIGHEST_RATE:
        raise EsprError(f"has a sample rate of {rate} Hz; at most {_HIGHEST_RATE} Hz is read")


def _reason(error: BaseException) -> str:
    """The decoder's own words, on one line and without the path it repeats."""
    text = getattr(error, "error_string", None) or getattr(error, "strerror", None) or str(error)
    if any(words in str(text) for words in _UNKNOWN):
        return "it is no audio, or damaged at its beginning"
    return " ".join(str(text).split()).rstrip(".") or type(error).__name__
