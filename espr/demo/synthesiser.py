"""A piano from numpy alone: played notes in, mono samples out.

A string's sound is a sum of exponentially decaying sinusoids. Each partial n of a note has

    f_n = n f_1 sqrt((1 + B n^2) / (1 + B))

(Fletcher, JASA 1964; B over the compass after Rigaud, David & Daudet, JASA 2013), an
amplitude from the striking point and the velocity (a harder blow is brighter), a prompt
sound that decays fast and two detuned aftersounds that decay slowly and beat (Weinreich,
JASA 1977). Dampers, sustaining pedal, the hammer's noise and a small room complete it.
A seed is another piano, another room, another day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from espr.demo.manners import PlayedNote, PlayedScore

RATE = 22_050  # Hz, the rate the encoders hear: nothing to resample
_A4 = 440.0
_SILENT = 1e-3  # -60 dB of a note's own peak: what is below is not computed
_TAIL = 1.5  # seconds of sound after the last damper
_THUMP = 0.12  # seconds of hammer noise
_BLOCK = 256  # samples; a decaying sinusoid is an outer product of blocks and samples


@dataclass(frozen=True, slots=True)
class Piano:
    """An instrument and its room.

    Attributes
    ----------
    diapason : float
        Frequency of A4 in Hz.
    inharmonicity, brightness, sustain : float
        Factors of the ordinary piano's inharmonicity, hammer brightness and decay time.
    detuning : float
        Cents between the strings of one note.
    noise : np.ndarray, shape=(2, m)
        The low thump of the key bed and the high knock of the hammer.
    room : np.ndarray, shape=(k,)
        Impulse response, the direct sound included.
    hiss : float
        Amplitude of the background noise, full scale 1.
    """

    diapason: float
    inharmonicity: float
    brightness: float
    sustain: float
    detuning: float
    noise: np.ndarray
    room: np.ndarray
    hiss: float


def build_piano(seed: int, rate: int = RATE) -> Piano:
    """The piano, and the room it stands in, of a ``seed``."""
    rng = np.random.default_rng([seed, 0x70])
    return Piano(
        diapason=_A4 * 2 ** (rng.normal(0.0, 1.0) / 1200),
        inharmonicity=float(np.exp(rng.normal(0.0, 0.2))),
        brightness=float(np.exp(rng.normal(0.0, 0.12))),
        sustain=float(np.exp(rng.normal(0.0, 0.12))),
        detuning=float(rng.uniform(0.3, 1.0)),
        noise=_hammer_noise(rng, rate),
        room=_room(rng, rate),
        hiss=float(10 ** (rng.uniform(-78.0, -66.0) / 20)),
    )


def render(performance: PlayedScore, seed: int = 0, rate: int = RATE) -> np.ndarray:
    """The sound of a performance, shape=(n,), float32, full scale 1.

    The level is that of the playing, not normalised; only what would clip is turned down.
    """
    piano = build_piano(seed, rate)
    rng = np.random.default_rng([seed, 0x6E])
    releases = _releases(performance)
    length = int((max(releases, default=0.0) + _TAIL) * rate)
    sound = np.zeros(length, dtype=np.float32)
    for note, release in zip(performance.notes, releases, strict=True):
        start = round(note.onset * rate)
        string = strike(piano, note, release - note.onset, rate)[: length - start]
        sound[start : start + len(string)] += string
        level = _level(note.velocity)
        knock = level * (0.10 * piano.noise[0] + 0.16 * _force(note.velocity) * piano.noise[1])
        knock = knock[: length - start] * (0.8 + 0.4 * rng.random())
        sound[start : start + len(knock)] += knock
    sound = _convolve(sound, piano.room)
    sound += (piano.hiss * rng.standard_normal(length)).astype(np.float32)
    peak = float(np.abs(sound).max(initial=0.0))
    return sound if peak <= 0.95 else sound * np.float32(0.95 / peak)


def strike(piano: Piano, note: PlayedNote, held: float, rate: int = RATE) -> np.ndarray:
    """One note, shape=(n,), float32, damped ``held`` seconds after it was struck."""
    frequencies, amplitudes = _partials(piano, note, rate)
    octave = (note.pitch - 60) / 12
    # Prompt decay, 1/s: internal losses grow with pitch and, within a note, with frequency.
    prompt = (0.9 * 2 ** (octave * 0.85) + 0.35 * (frequencies / 1000) ** 1.5) / piano.sustain
    spread = piano.detuning * np.log(2) / 1200 * frequencies
    phases = np.random.default_rng(note.pitch).uniform(0, 2 * np.pi, (3, len(frequencies)))
    modes = np.concatenate([frequencies, frequencies + spread, frequencies - spread])
    decays = np.concatenate([prompt, 0.25 * prompt, 0.22 * prompt])
    shares = np.concatenate([0.8 * amplitudes, 0.13 * amplitudes, 0.13 * amplitudes])

    release_decay = 1 / (0.030 * 2 ** (-octave * 0.3))  # -30 dB in 100 ms at C4
    ring = np.log(1 / _SILENT)
    length = int(rate * min(held + ring / release_decay, ring / decays.min())) + 1
    sound = _decaying_sinusoids(
        modes / rate, decays / rate, shares * np.exp(1j * phases.ravel()), length
    )
    # The hammer stays on the string longer in the bass and in soft playing.
    contact = max(2, int(rate * (0.004 - 0.0025 * _force(note.velocity)) * 2 ** (-octave * 0.3)))
    rise = np.sin(np.linspace(0, np.pi / 2, contact)) ** 2
    sound[:contact] *= rise[: len(sound)].astype(np.float32)
    damped = int(held * rate)
    if damped < length:
        fall = np.exp(-release_decay / rate * np.arange(length - damped))
        sound[damped:] *= fall.astype(np.float32)
    return np.float32(_level(note.velocity)) * sound


def _partials(piano: Piano, note: PlayedNote, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies in Hz and amplitudes of the partials one can hear; the energy is 1."""
    key = float(note.pitch)
    # Rigaud et al. 2013: one exponential for the strings of the bass bridge, one for the treble's.
    stiffness = np.exp(-0.0847 * key - 5.82) + np.exp(0.0926 * key - 13.64)
    stiffness *= piano.inharmonicity
    stretch = 0.25 * ((key - 69) / 12) ** 3  # cents
    fundamental = piano.diapason * 2 ** ((key - 69) / 12 + stretch / 1200)
    order = np.arange(1, 61)
    frequencies = fundamental * order * np.sqrt((1 + stiffness * order**2) / (1 + stiffness))
    cutoff = 0.5 * fundamental + piano.brightness * 420 * 2 ** (2.9 * _force(note.velocity))
    # Struck at an eighth of its length; the felt's width keeps the nodes from vanishing.
    comb = 0.15 + 0.85 * np.abs(np.sin(np.pi * order / 8.3))
    amplitudes = comb * order**-0.5 * np.exp(-frequencies / cutoff)
    audible = (frequencies < 0.45 * rate) & (amplitudes > _SILENT * amplitudes.max())
    frequencies, amplitudes = frequencies[audible], amplitudes[audible]
    return frequencies, amplitudes / np.sqrt((amplitudes**2).sum())


def _decaying_sinusoids(
    frequencies: np.ndarray, decays: np.ndarray, amplitudes: np.ndarray, length: int
) -> np.ndarray:
    """Re(sum_j a_j exp((2 pi i f_j - d_j) n)), n < length, as one matrix product.

    With n = block + sample the exponential factors, so that the sum over the modes is a
    product of (blocks, modes) with (modes, samples): some 30 times faster than sines.
    ``frequencies`` and ``decays`` are per sample.
    """
    exponents = 2j * np.pi * frequencies - decays
    blocks = amplitudes * np.exp(np.outer(np.arange(0, length, _BLOCK), exponents))
    samples = np.exp(np.outer(exponents, np.arange(_BLOCK)))
    left = np.concatenate([blocks.real, -blocks.imag], axis=1).astype(np.float32)
    right = np.concatenate([samples.real, samples.imag], axis=0).astype(np.float32)
    sound: np.ndarray = (left @ right).ravel()[:length]
    return sound


def _releases(performance: PlayedScore) -> list[float]:
    """When each note is damped: at its end, at the pedal's, or where its key is struck again."""
    struck: dict[int, float] = {}
    releases = []
    for note in reversed(performance.notes):
        release = note.onset + note.duration
        for down, up in performance.pedal:
            if down <= release < up:
                release = up
        releases.append(min(release, struck.get(note.pitch, np.inf)))
        struck[note.pitch] = note.onset
    return releases[::-1]


def _force(velocity: float) -> float:
    return velocity / 127


def _level(velocity: float) -> float:
    """Amplitude of a note: 40 dB from velocity 12 to 127, peaks of chords near -3 dB of full."""
    return float(0.22 * _force(velocity) ** 1.9)


def _hammer_noise(rng: np.random.Generator, rate: int) -> np.ndarray:
    time = np.arange(int(_THUMP * rate)) / rate
    bands = ((40.0, 250.0, 0.025), (700.0, 4500.0, 0.006))  # Hz, Hz, seconds
    noises = []
    for low, high, decay in bands:
        spectrum = np.fft.rfft(rng.standard_normal(len(time)))
        frequencies = np.fft.rfftfreq(len(time), 1 / rate)
        spectrum *= (frequencies > low) & (frequencies < high)
        burst = np.fft.irfft(spectrum, len(time)) * np.exp(-time / decay)
        noises.append(burst / np.abs(burst).max())
    return np.array(noises, dtype=np.float32)


def _room(rng: np.random.Generator, rate: int) -> np.ndarray:
    """Direct sound and exponentially decaying noise, darker than the direct sound."""
    reverberation = rng.uniform(0.35, 0.9)  # seconds to -60 dB
    wet = 10 ** (rng.uniform(-13.0, -8.0) / 20)  # amplitude of the whole tail
    delay = int(rate * rng.uniform(0.004, 0.015))
    time = np.arange(int(reverberation * rate)) / rate
    tail = rng.standard_normal(len(time)) * np.exp(-6.9 * time / reverberation)
    spectrum = np.fft.rfft(tail)
    spectrum /= 1 + 1j * np.fft.rfftfreq(len(time), 1 / rate) / 2500
    tail = np.fft.irfft(spectrum, len(time))
    room = np.concatenate([[1.0], np.zeros(delay), wet * tail / np.sqrt((tail**2).sum())])
    return room.astype(np.float32)


def _convolve(sound: np.ndarray, room: np.ndarray) -> np.ndarray:
    """``sound`` in a room, of its own length, block by block (overlap-add)."""
    size = 1 << 16
    step = size - len(room) + 1
    response = np.fft.rfft(room, size)
    result = np.zeros(len(sound) + size, dtype=np.float32)
    for start in range(0, len(sound), step):
        block = np.fft.irfft(np.fft.rfft(sound[start : start + step], size) * response, size)
        result[start : start + size] += block
    return result[: len(sound)]
