"""What lies between a piano and its recording: the room, microphones, machines, media, codecs.

One chain of recording is drawn at a time, so that recordings of the last ninety years fall inside
what training uses. Samples are mono, float32, 22.05 kHz, of any level; what comes out has the
same length, its attacks in the same places, and some level of its own.

Rooms follow Moorer (Computer Music Journal 3(2), 1979): sparse early reflections, then
noise that decays faster the higher it is.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy import fft

from espr.audio.decode import SAMPLE_RATE

Condition = Callable[[np.ndarray, np.random.Generator], np.ndarray]

_CLEAN = 0.12  # share that passes as it is
_OLD = 0.3  # share of the rest that was recorded before tape and vinyl were good
_BANDS = (250.0, 1000.0, 4000.0)  # Hz, between the bands of a room's decay
_HELD_OUT_RT60 = (1.2, 1.6)  # s, of rooms that training never uses
_NOISE_TILE = 1 << 17  # samples, 6 s


@dataclass(frozen=True, slots=True)
class Room:
    """A room and where the microphones stand in it.

    Attributes
    ----------
    rt60 : float
        Seconds in which sound of 250 to 1000 Hz decays by 60 dB.
    damping : float
        RT60 of each band is this times that of the band below.
    wet : float
        Energy of all reflections over that of the direct sound, dB.
    early : float
        Share of the reflected energy that comes in the first 60 ms.
    """

    rt60: float
    damping: float
    wet: float
    early: float

    @staticmethod
    def drawn(rng: np.random.Generator) -> Room:
        low, high = _HELD_OUT_RT60
        rt60 = 10.0 ** rng.uniform(np.log10(0.2), np.log10(3.0))
        while low <= rt60 <= high:
            rt60 = 10.0 ** rng.uniform(np.log10(0.2), np.log10(3.0))
        return Room(
            rt60=float(rt60),
            damping=float(rng.uniform(0.55, 0.95)),
            wet=float(rng.uniform(-16.0, 6.0)),
            early=float(rng.uniform(0.1, 0.5)),
        )

    def response(self, rng: np.random.Generator) -> np.ndarray:
        """The impulse response, shape=(n,), float32; the direct sound is its first sample, 1."""
        length = fft.next_fast_len(round(min(self.rt60 * 1.1, 3.0) * SAMPLE_RATE), real=True)
        spectrum = fft.rfft(rng.standard_normal(length, np.float32))
        edges = [0, *(round(edge * length / SAMPLE_RATE) for edge in _BANDS), len(spectrum)]
        seconds = np.arange(length, dtype=np.float32) / SAMPLE_RATE
        tail = np.zeros(length, np.float32)
        for band, (first, last) in enumerate(pairwise(edges)):
            only = np.zeros_like(spectrum)
            only[first:last] = spectrum[first:last]
            rt60 = self.rt60 * self.damping ** (band - 1)
            tail += fft.irfft(only, length) * np.exp(np.float32(-6.9078 / rt60) * seconds)
        tail *= np.minimum(seconds / 0.03, 1.0)  # it builds up
        count = int(rng.integers(6, 20))
        times = np.sort(rng.uniform(0.003, 0.06, count))
        early = np.zeros(length, np.float32)
        places = np.minimum(np.round(times * SAMPLE_RATE).astype(int), length - 1)
        np.add.at(early, places, rng.choice([-1.0, 1.0], count) * np.exp(-times / 0.03))
        reflected = 10.0 ** (self.wet / 10.0)
        response: np.ndarray = _of_energy(tail, reflected * (1.0 - self.early))
        response += _of_energy(early, reflected * self.early)
        response[0] = 1.0
        return response


@dataclass(frozen=True, slots=True)
class Medium:
    """What a recording was made with and kept on; levels in dB, frequencies in Hz.

    Attributes
    ----------
    equaliser : np.ndarray, shape=(knots,)
        Gain, dB, at frequencies evenly spaced on a logarithmic axis from 30 Hz to 11 kHz.
    low_cut, high_cut : float
        Limits of the band, third order each; 0 for none.
    ratio : float
        Of a slow compressor; 1 for none.
    drive : float
        Peak of what goes into a soft clipper; 0 for none.
    snr : float
        Signal over noise; infinite for no noise.
    tilt : float
        Slope of the noise, dB an octave.
    hum, crackle : float
        Shares of the noise's energy.
    flutter : float
        Largest relative deviation of speed.
    quality : float
        Of an MP3 round trip, 0 (160 kbit/s) to 0.7 (some 40); negative for none.
    """

    equaliser: np.ndarray = field(default_factory=lambda: np.zeros(8))
    low_cut: float = 0.0
    high_cut: float = 0.0
    ratio: float = 1.0
    drive: float = 0.0
    snr: float = np.inf
    tilt: float = 0.0
    hum: float = 0.0
    crackle: float = 0.0
    flutter: float = 0.0
    quality: float = -1.0

    @staticmethod
    def drawn(rng: np.random.Generator) -> Medium:
        """A medium of the LP, the tape or the compact disc."""
        return Medium(
            equaliser=rng.normal(0.0, rng.uniform(1.0, 5.0), 8).clip(-10.0, 10.0),
            low_cut=rng.uniform(15.0, 60.0) if rng.random() < 0.4 else 0.0,
            high_cut=rng.uniform(7_000.0, 11_000.0) if rng.random() < 0.3 else 0.0,
            ratio=rng.uniform(1.0, 2.0) if rng.random() < 0.4 else 1.0,
            drive=rng.uniform(0.3, 1.0) if rng.random() < 0.2 else 0.0,
            snr=rng.uniform(40.0, 75.0) if rng.random() < 0.7 else np.inf,
            tilt=rng.uniform(-6.0, 0.0),
            hum=rng.uniform(0.0, 0.3) if rng.random() < 0.3 else 0.0,
            crackle=rng.uniform(0.0, 0.3) if rng.random() < 0.2 else 0.0,
            quality=rng.uniform(0.0, 0.7) if rng.random() < 0.15 else -1.0,
        )

    @staticmethod
    def drawn_old(rng: np.random.Generator) -> Medium:
        """A medium of the shellac disc and early tape."""
        return Medium(
            equaliser=rng.normal(0.0, rng.uniform(2.0, 6.0), 8).clip(-10.0, 10.0),
            low_cut=rng.uniform(60.0, 120.0),
            high_cut=10.0 ** rng.uniform(np.log10(3_500.0), np.log10(8_000.0)),
            ratio=rng.uniform(1.0, 3.0),
            drive=rng.uniform(0.3, 1.5),
            snr=rng.uniform(22.0, 50.0),
            tilt=rng.uniform(-6.0, 1.0),
            hum=rng.uniform(0.0, 0.4) if rng.random() < 0.4 else 0.0,
            crackle=rng.uniform(0.0, 0.6) if rng.random() < 0.6 else 0.0,
            flutter=rng.uniform(0.0, 3e-3),
            quality=rng.uniform(0.0, 0.7) if rng.random() < 0.15 else -1.0,
        )


def record(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One recording of a sound: a chain of its own, or, one time in eight, none.

    Parameters
    ----------
    samples : np.ndarray, shape=(n,), float32

    Returns
    -------
    np.ndarray, shape=(n,), float32
    """
    if rng.random() < _CLEAN:
        return samples.astype(np.float32)
    medium = Medium.drawn_old(rng) if rng.random() < _OLD else Medium.drawn(rng)
    room = Room.drawn(rng) if rng.random() < 0.8 else None
    return through(samples, room, medium, rng)


def _held_out_room(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A church: RT60 1.4 s, strong early reflections, some noise."""
    room = Room(rt60=1.4, damping=0.8, wet=3.0, early=0.7)
    return through(samples, room, Medium(snr=45.0, tilt=-3.0), rng)


def _held_out_disc(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A worn shellac disc, duller and noisier than any that training uses."""
    room = Room(rt60=1.4, damping=0.7, wet=-6.0, early=0.3)
    medium = Medium(
        low_cut=130.0, high_cut=3_300.0, ratio=2.0, drive=1.0, snr=20.0, tilt=-1.0, crackle=0.4
    )
    return through(samples, room, medium, rng)


# Conditions that `record` never draws, for validation.
HELD_OUT: dict[str, Condition] = {
    "held_out_room": _held_out_room,
    "held_out_disc": _held_out_disc,
}


def through(
    samples: np.ndarray, room: Room | None, medium: Medium, rng: np.random.Generator
) -> np.ndarray:
    """A sound after a room and a medium; shape=(n,), float32, as it came."""
    sound = _convolved(samples, None if room is None else room.response(rng), medium)
    if medium.flutter:
        sound = _fluttered(sound, medium.flutter, rng)
    if medium.ratio > 1.0:
        sound = _compressed(sound, medium.ratio)
    peak = float(np.abs(sound).max(initial=0.0))
    if peak == 0.0:
        return sound
    sound /= np.float32(peak)
    if medium.drive:
        drive = np.float32(medium.drive)
        sound = np.tanh(sound * drive) / np.tanh(drive)
    if np.isfinite(medium.snr):
        sound += _noise(len(sound), float(np.sqrt(np.mean(sound**2))), medium, rng)
    if medium.quality >= 0.0:
        sound = _coded(sound, medium.quality)
    return sound.astype(np.float32) * np.float32(10.0 ** rng.uniform(-1.0, 0.0))


def _convolved(samples: np.ndarray, room: np.ndarray | None, medium: Medium) -> np.ndarray:
    """Room, equaliser and band limits, in one multiplication of spectra."""
    reach = SAMPLE_RATE // 2 if room is None else max(len(room), SAMPLE_RATE // 2)
    length = fft.next_fast_len(len(samples) + reach, real=True)
    spectrum = fft.rfft(samples.astype(np.float32), length)
    spectrum *= _gains(medium, len(spectrum))
    if room is not None:
        spectrum *= fft.rfft(room, length)
    sound: np.ndarray = fft.irfft(spectrum, length)[: len(samples)]
    return sound


def _gains(medium: Medium, bins: int) -> np.ndarray:
    """The medium's response at ``bins`` frequencies from 0 Hz to 11 kHz, complex64."""
    # 2.7 Hz apart is as fine as equaliser and filters are
    grid = np.linspace(0.0, SAMPLE_RATE / 2, 4097)
    knots = np.geomspace(30.0, SAMPLE_RATE / 2, len(medium.equaliser))
    curve = np.interp(np.log(np.maximum(grid, 1.0)), np.log(knots), medium.equaliser)
    response: np.ndarray = 10.0 ** (curve / 20.0) + 0j
    # Butterworth filters of the third order: causal, as those of the machines were
    if medium.low_cut:
        s: np.ndarray = 1j * np.maximum(grid, 1e-3) / medium.low_cut
        response = response * s**3 / ((s + 1.0) * (s**2 + s + 1.0))
    if medium.high_cut:
        s = 1j * grid / medium.high_cut
        response = response / ((s + 1.0) * (s**2 + s + 1.0))
    places = np.linspace(0.0, len(grid) - 1.0, bins)
    below = np.minimum(places.astype(int), len(grid) - 2)
    rest = (places - below).astype(np.float32)
    table = response.astype(np.complex64)
    gains: np.ndarray = table[below] * (1.0 - rest) + table[below + 1] * rest
    return gains


def _compressed(sound: np.ndarray, ratio: float) -> np.ndarray:
    """Loud passages softer, over some 0.2 s: level ** (1 / ratio)."""
    block = SAMPLE_RATE // 50
    blocks = -(-len(sound) // block)
    energy = np.pad(sound, (0, blocks * block - len(sound))).reshape(blocks, block)
    level = np.mean(energy**2, axis=1)
    kernel = np.hanning(23)[1:-1]
    smooth = np.convolve(level, kernel / kernel.sum())[10 : 10 + blocks]
    level = np.sqrt(smooth + 1e-5 * smooth.max() + 1e-20)
    gain = (level / level.max()) ** (1.0 / ratio - 1.0)
    times = np.arange(len(sound), dtype=np.float32)
    made: np.ndarray = sound * np.interp(times, (np.arange(blocks) + 0.5) * block, gain).astype(
        np.float32
    )
    return made


def _fluttered(sound: np.ndarray, depth: float, rng: np.random.Generator) -> np.ndarray:
    """Speed that wavers by ``depth``: wow at the disc's 0.5 to 1.3 Hz, flutter at 4 to 9 Hz."""
    times = np.arange(len(sound), dtype=np.float64)
    moved = times.copy()
    for rate, share in ((rng.uniform(0.5, 1.3), 0.8), (rng.uniform(4.0, 9.0), 0.2)):
        pace = 2.0 * np.pi * rate / SAMPLE_RATE
        moved += depth * share / pace * np.sin(pace * times + rng.uniform(0.0, 2.0 * np.pi))
    made: np.ndarray = np.interp(moved, times, sound).astype(np.float32)
    return made


def _noise(length: int, level: float, medium: Medium, rng: np.random.Generator) -> np.ndarray:
    """Hiss and rumble of a slope, hum of the mains and crackle, within the medium's band."""
    tile = fft.rfft(rng.standard_normal(_NOISE_TILE, np.float32))
    frequencies = np.maximum(np.arange(len(tile)) * (SAMPLE_RATE / _NOISE_TILE), 20.0)
    tile *= ((frequencies / 1000.0) ** (medium.tilt / 6.02)).astype(np.float32)
    if medium.high_cut:
        # the medium's own noise reaches further than what was cut into it
        tile *= (1.0 / (1.0 + (frequencies / (1.5 * medium.high_cut)) ** 4)).astype(np.float32)
    hiss = _of_energy(fft.irfft(tile), 1.0 - medium.hum - medium.crackle)
    noise = np.tile(hiss, -(-length // _NOISE_TILE))[:length] * np.sqrt(np.float32(_NOISE_TILE))
    if medium.hum:
        mains = rng.choice([50.0, 60.0])
        cycle = np.arange(round(SAMPLE_RATE / mains)) / round(SAMPLE_RATE / mains)
        wave = sum(
            rng.uniform(0.0, 1.0) / n * np.sin(2.0 * np.pi * (n * cycle + rng.random()))
            for n in range(1, 6)
        )
        hum = np.resize(np.asarray(wave, np.float32), length)
        noise += _of_energy(hum, medium.hum * length)
    if medium.crackle:
        clicks = np.zeros(length, np.float32)
        count = rng.poisson(10.0 ** rng.uniform(0.3, 1.8) * length / SAMPLE_RATE) + 1
        places = rng.integers(0, length, count)
        clicks[places] = rng.choice([-1.0, 1.0], count) * rng.lognormal(0.0, 1.0, count)
        clicks[1:] -= 0.7 * clicks[:-1]
        noise += _of_energy(clicks, medium.crackle * length)
    made: np.ndarray = noise * np.float32(level * 10.0 ** (-medium.snr / 20.0))
    return made


def _coded(sound: np.ndarray, quality: float) -> np.ndarray:
    """After an MP3 encoder and decoder (libsndfile's, which keep time)."""
    import soundfile

    peak = np.abs(sound).max()
    packed = io.BytesIO()
    soundfile.write(
        packed,
        sound / peak * 0.9,
        SAMPLE_RATE,
        format="MP3",
        bitrate_mode="CONSTANT",
        compression_level=quality,
    )
    packed.seek(0)
    decoded, _ = soundfile.read(packed, dtype="float32")
    whole = np.pad(decoded[: len(sound)], (0, max(len(sound) - len(decoded), 0)))
    made: np.ndarray = whole * np.float32(peak / 0.9)
    return made


def _of_energy(samples: np.ndarray, energy: float) -> np.ndarray:
    """Samples scaled so that their squares sum to ``energy``."""
    own = float(np.sum(samples**2, dtype=np.float64))
    scaled: np.ndarray = samples * np.float32(np.sqrt(max(energy, 0.0) / max(own, 1e-30)))
    return scaled
