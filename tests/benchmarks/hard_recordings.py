"""Recordings on which recognisers go wrong, made here: which of them play the same, and which not.

Modelled on public reports: quiet solo piano, film pads and songs over the same chords taken for one
another (AudioMuse-AI #762 and #773, chromaprint #41), silence that is like silence
(videoduplicatefinder #719), two mixes of a track (soundfingerprinting #219), groups that are
chained by one wrong link (acoustid-server #2). Pieces of ASAP (Foscarin et al., ISMIR 2020) that
:mod:`tests.benchmarks.rendered_performances` leaves out are played by other instruments, out of
tune, through old machines, cut, with applause, several in one file; other pieces are made up.
FluidSynth plays them.

Run: python -m tests.benchmarks.hard_recordings ASAP_FOLDER TARGET_FOLDER
"""

from __future__ import annotations

import csv
import io
import random
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import mido
import numpy as np
import soundfile
from scipy.signal import butter, resample_poly, sosfilt

from espr.midi.rendering import find_sound_font
from espr.training.midlevel.performances import read_midi
from tests.benchmarks.rendered_performances import TRUTH, choose
from tests.rendered_sound import midi_of

RATE = 22_050
_PIECES = 16  # of ASAP, two performances each
_LONG = 2  # more of them, of eight minutes and more
_SEED = 18
PIANO, HARPSICHORD, ORGAN, GUITAR, STRINGS, CHOIR, PAD, BELLS = 0, 6, 19, 24, 48, 52, 89, 14
Notes = np.ndarray  # shape=(n, 4): onset and release in s, MIDI pitch, velocity


class Recording(NamedTuple):
    """A recording that is made.

    Attributes
    ----------
    kind : str
        What is hard about it.
    piece : str
        Recordings of the same piece are to be found together.
    make : callable
        Its samples, mono, at ``RATE``.
    holds : str
        What it plays one after the other, where that is several: ``"start piece;…"``, s.
    """

    kind: str
    piece: str
    make: Callable[[], np.ndarray]
    holds: str = ""


def play(notes: Notes, program: int = PIANO, font: str = "FluidR3_GM.sf2") -> np.ndarray:
    """The sound of notes, shape=(samples,), from time 0 to two seconds after the last."""
    events = [(0.0, 0, mido.Message("program_change", program=program))]
    for onset, release, pitch, velocity in notes:
        key = int(np.clip(pitch, 0, 127))
        events.append((release, 1, mido.Message("note_off", note=key)))
        events.append((onset, 2, mido.Message("note_on", note=key, velocity=int(velocity))))
    with tempfile.TemporaryDirectory() as folder:
        midi, sound = Path(folder) / "notes.mid", Path(folder) / "sound.wav"
        midi_of(events).save(midi)
        options = ["-ni", "-q", "-g", "0.6", "-r", str(RATE), "-F", sound]
        command = ["fluidsynth", *options, find_sound_font(font), midi]
        subprocess.run(command, check=True, capture_output=True)
        samples, _ = soundfile.read(sound, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)[: round((notes[:, 1].max() + 2.0) * RATE)]
    return np.asarray(mono / max(1e-9, float(np.abs(mono).max())) * 0.7, np.float32)


def pedalled(midi: Path) -> Notes:
    """The notes of a performance, those that the pedal holds longer."""
    notes, pedal = read_midi(midi)
    notes = notes[np.argsort(notes[:, 0], kind="stable")]
    if len(pedal):
        ups = np.append(pedal[pedal[:, 1] < 64, 0], notes[:, 1].max())
        last = np.searchsorted(pedal[:, 0], notes[:, 1], side="right") - 1
        down = (last >= 0) & (pedal[np.maximum(last, 0), 1] >= 64)
        after = np.searchsorted(ups, notes[:, 1]).clip(max=len(ups) - 1)
        notes[down, 1] = np.maximum(notes[down, 1], ups[after][down])
    return notes


# --- what happens to a recording


def applause(seconds: float, seed: int) -> np.ndarray:
    """Many hands: short bursts of noise at random."""
    rng = np.random.default_rng(seed)
    sound = np.zeros(round(seconds * RATE), np.float32)
    clap = rng.standard_normal(600) * np.exp(-np.arange(600) / 120)
    for start in rng.integers(0, len(sound) - 600, round(seconds * 60)):
        sound[start : start + 600] += (rng.uniform(0.1, 1.0) * clap).astype(np.float32)
    fade = np.clip(np.arange(len(sound)) / RATE, 0.0, 1.0)
    sound *= (fade * fade[::-1]).astype(np.float32)
    return 0.3 * sound / np.abs(sound).max()


def with_applause(sound: np.ndarray, seed: int) -> np.ndarray:
    return np.concatenate([applause(12.0, seed), sound, applause(20.0, seed + 1)])


def shellac(sound: np.ndarray, seed: int) -> np.ndarray:
    """A record of 78 turns: narrow, hissing, crackling, a little fast, and never even."""
    rng = np.random.default_rng(seed)
    sound = bent(sound, 20.0)
    wow = 1.0 + 0.003 * np.sin(np.arange(len(sound)) * 2 * np.pi * 1.3 / RATE)
    sound = np.interp(np.cumsum(wow), np.arange(len(sound)), sound)
    sound = sosfilt(butter(3, [200.0, 3800.0], "bandpass", fs=RATE, output="sos"), sound)
    hiss = sosfilt(butter(2, 1500.0, "highpass", fs=RATE, output="sos"),
                   rng.standard_normal(len(sound)))  # fmt: skip
    clicks = (rng.random(len(sound)) < 12.0 / RATE) * rng.normal(0.0, 0.5, len(sound))
    return np.asarray(sound + 0.02 * hiss + clicks, np.float32)


def bent(sound: np.ndarray, cents: float) -> np.ndarray:
    """Faster, and higher by so much."""
    return np.asarray(resample_poly(sound, 10_000, round(10_000 * 2 ** (cents / 1200))), np.float32)


def without_twenty_seconds(sound: np.ndarray, seed: int) -> np.ndarray:
    start = round(len(sound) * np.random.default_rng(seed).uniform(0.2, 0.5))
    return np.concatenate([sound[:start], sound[start + 20 * RATE :]])


def with_a_repeat(sound: np.ndarray, seed: int) -> np.ndarray:
    end = round(len(sound) * np.random.default_rng(seed).uniform(0.3, 0.6))
    return np.concatenate([sound[:end], sound])


def coded(sound: np.ndarray, seed: int) -> np.ndarray:
    """Through MP3 at 32 kb/s."""
    wave = io.BytesIO()
    soundfile.write(wave, sound, RATE, format="WAV")
    to_mp3 = ["ffmpeg", "-loglevel", "error", "-i", "-", "-b:a", "32k", "-f", "mp3", "-"]
    back = ["ffmpeg", "-loglevel", "error", "-f", "mp3", "-i", "-", "-f", "wav", "-"]
    small = subprocess.run(to_mp3, input=wave.getvalue(), check=True, capture_output=True).stdout
    again = subprocess.run(back, input=small, check=True, capture_output=True).stdout
    samples, _ = soundfile.read(io.BytesIO(again), dtype="float32")
    return np.asarray(samples, np.float32)


def by_strings(notes: Notes, seed: int) -> np.ndarray:
    """An orchestra: the high notes by flutes, the low ones by bassoons, strings between."""
    parts = ((72, 128, 73), (48, 72, STRINGS), (0, 48, 70))
    sounds = [
        play(part, program)
        for low, high, program in parts
        if len(part := notes[(notes[:, 2] >= low) & (notes[:, 2] < high)])
    ]
    whole = np.zeros(max(map(len, sounds)), np.float32)
    for sound in sounds:
        whole[: len(sound)] += sound
    return whole / float(np.abs(whole).max())


SOUND_CHANGES: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "applause": with_applause,
    "shellac": shellac,
    "cut": without_twenty_seconds,
    "repeat": with_a_repeat,
    "30 cents sharp": lambda sound, _: bent(sound, 30.0),
    "40 cents flat": lambda sound, _: bent(sound, -40.0),
    "32 kb/s": coded,
}
OTHER_PLAYERS: dict[str, Callable[[Notes, int], np.ndarray]] = {
    "orchestra": by_strings,
    "strings": lambda notes, _: play(notes, STRINGS),
    "organ": lambda notes, _: play(notes, ORGAN),
    "harpsichord": lambda notes, _: play(notes, HARPSICHORD),
    "guitar": lambda notes, _: play(notes, GUITAR),
    "semitone lower": lambda notes, _: play(notes - np.array([0, 0, 1, 0])),
    "third higher": lambda notes, _: play(notes + np.array([0, 0, 3, 0])),
}
OUT_OF_REACH = ("third higher",)  # another key: neither wanted nor wrong


# --- pieces that are made up


def performed(notes: Notes, seed: int) -> Notes:
    """A performance: its own tempo, rubato, touch."""
    rng = np.random.default_rng(seed)
    tempo, phase = rng.uniform(0.85, 1.18), rng.uniform(0.0, 6.28)
    played = notes.copy()
    for column in (0, 1):
        times = notes[:, column] / tempo
        played[:, column] = times + 0.3 * (np.sin(times / 3.0 + phase) - np.sin(phase)) + 0.3
    played[:, 0] += rng.normal(0.0, 0.012, len(notes))
    played[:, 0] = played[:, 0].clip(min=0.0)
    played[:, 1] = np.maximum(played[:, 1], played[:, 0] + 0.05)
    played[:, 3] = np.clip(notes[:, 3] + rng.normal(0.0, 8.0, len(notes)), 20, 120)
    return played[np.argsort(played[:, 0], kind="stable")]


def _notes(rows: list[tuple[float, float, float, float]]) -> Notes:
    """Rows of onset, length, pitch, velocity."""
    notes = np.array(rows, float)
    notes[:, 1] += notes[:, 0]
    return notes[np.argsort(notes[:, 0], kind="stable")]


_DEGREES = (0, 2, 4, 5, 7, 9, 11)
CHORDS = {
    "axis": (0, 4, 5, 3),
    "canon": (0, 4, 5, 2, 3, 0, 3, 4),
    "blues": (0, 0, 3, 0, 4, 3, 0, 4),
    "doo-wop": (0, 5, 3, 4),
}


def loop_song(chords: str, seed: int, key: int = 60) -> Notes:
    """A melody of its own over the same chords, accompanied in the same way, two minutes."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[float, float, float, float]] = []
    degree = int(rng.integers(0, 7))
    for bar in range(64):
        root = CHORDS[chords][bar % len(CHORDS[chords])]
        chord = [key - 12 + _DEGREES[(root + step) % 7] + 12 * ((root + step) // 7)
                 for step in (0, 2, 4)]  # fmt: skip
        rows.append((2.0 * bar, 1.9, chord[0] - 12, 60))
        for beat in range(8):
            rows.append((2.0 * bar + 0.25 * beat, 0.3, chord[(0, 1, 2, 1)[beat % 4]], 50))
        place = 0.0
        while place < 2.0:
            length = float(rng.choice([0.25, 0.5, 0.5, 1.0]))
            degree = int(np.clip(degree + rng.integers(-2, 3), -2, 11))
            if rng.random() < 0.85:
                pitch = key + 12 + _DEGREES[degree % 7] + 12 * (degree // 7)
                rows.append((2.0 * bar + place, length, pitch, 80))
            place += length
    return _notes(rows)


def variation(theme: int, number: int) -> Notes:
    """A theme (0), or a variation on it: the same harmony and frame, other figures."""
    rng = np.random.default_rng(1000 + theme)
    frame = np.cumsum(rng.integers(-2, 3, 32)) % 10
    roots = rng.choice([0, 3, 4, 5], 16)
    own = np.random.default_rng(7000 + 100 * theme + number)
    rows: list[tuple[float, float, float, float]] = []
    steps = (1, 2, 4, 3, 2, 6, 4)[number]
    for beat, degree in enumerate(np.tile(frame, 2)):
        start = 1.0 * beat
        pitch = 60 + _DEGREES[degree % 7] + 12 * (degree // 7)
        root = 48 + _DEGREES[roots[beat // 2 % 16] % 7]
        for step in range(steps):
            turn = 0 if step == 0 else int(own.choice([-3, -1, 2, 4, 7, -5]))
            rows.append((start + step / steps, 1.0 / steps, pitch + turn, 75))
        if number % 2:
            rows += [(start + 0.5 * half, 0.5, root + 7 * half, 55) for half in (0, 1)]
        else:
            rows += [(start, 1.0, root, 55), (start, 1.0, root + 7, 55)]
    return _notes(rows)


def pads(seed: int) -> Notes:
    """Slow film-like chords in one of two minor keys; a note now and then above."""
    rng = np.random.default_rng(seed)
    key = 45 + 5 * int(rng.integers(0, 2))
    rows: list[tuple[float, float, float, float]] = []
    for bar in range(18):
        root = key + int(rng.choice([0, -4, 3, -2, 5]))
        rows += [(5.0 * bar, 5.2, root + step, 60) for step in (0, 7, 12, 15)]
        for beat in range(2):
            if rng.random() < 0.6:
                rows.append((5.0 * bar + 2.5 * beat, 2.0, key + 24 + int(rng.choice([0, 3, 7, 10])),
                             70))  # fmt: skip
    return _notes(rows)


def ostinato(seed: int) -> Notes:
    """Minimal music: one broken chord again and again, a bass that changes every four bars."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[float, float, float, float]] = []
    for bar in range(48):
        bass = 45 + int(np.random.default_rng(seed + bar // 4).choice([0, -4, 3, -2]))
        rows.append((2.0 * bar, 2.0, bass, 60))
        for beat in range(8):
            rows.append((2.0 * bar + 0.25 * beat, 0.3, (57, 60, 64, 69)[beat % 4], 55))
        if rng.random() < 0.4:
            rows.append((2.0 * bar + float(rng.choice([0.0, 1.0])), 1.5,
                         69 + int(rng.choice([0, 2, 3, 7])), 75))  # fmt: skip
    return _notes(rows)


def drone(seed: int) -> Notes:
    rng = np.random.default_rng(seed)
    root = 36 + int(rng.integers(0, 3))
    return _notes([(6.0 * beat + rng.uniform(0, 2.0), 6.5, root + step, 60)
                   for beat in range(15) for step in (0, 7, 12, 19)])  # fmt: skip


def bells(seed: int) -> Notes:
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(0.0, 60.0, int(rng.integers(6, 18))))
    return _notes([(time, 4.0, 60 + int(rng.choice([0, 4, 7, 12])), 70) for time in times])


ALONE = (
    ("pads", pads, PAD, 8),
    ("choir", pads, CHOIR, 4),
    ("drone", drone, STRINGS, 6),
    ("deep piano", drone, PIANO, 4),
    ("bells", bells, BELLS, 6),
    ("few notes", bells, PIANO, 6),
)

# --- the whole of it


def asap_pieces(asap: Path) -> tuple[list[tuple[str, list[Path]]], list[tuple[str, list[Path]]]]:
    """Two performances of pieces of one to three minutes, and of pieces of eight and more."""
    taken = {piece for piece, _ in choose(asap, 66)}
    of_piece: dict[str, list[Path]] = defaultdict(list)
    with (asap / "metadata.csv").open(newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if row["folder"] not in taken:
                of_piece[row["folder"]].append(asap / row["midi_performance"])
    names = sorted(name for name, files in of_piece.items() if len(files) > 1)
    random.Random(_SEED).shuffle(names)
    length = {name: round(read_midi(of_piece[name][0])[0][:, 1].max()) for name in names}
    pairs = [(name, sorted(of_piece[name])[:2]) for name in names]
    ordinary = [pair for pair in pairs if 60 <= length[pair[0]] <= 200]
    return ordinary[:_PIECES], [pair for pair in pairs if length[pair[0]] > 480][:_LONG]


def _of_asap(asap: Path) -> Iterator[Recording]:
    ordinary, long = asap_pieces(asap)
    changes = [*SOUND_CHANGES, *OTHER_PLAYERS]
    for number, (name, (one, other)) in enumerate(ordinary):
        kind = changes[number % len(changes)]
        yield Recording("plain", name, partial(_from_midi, one))
        yield Recording(kind, name, partial(_changed, other, kind, number))
    for name, pair in long:
        for font, midi in zip(("FluidR3_GM.sf2", "TimGM6mb.sf2"), pair, strict=True):
            yield Recording("long", name, partial(_from_midi, midi, font))
    yield from _several(ordinary)


def _from_midi(midi: Path, font: str = "FluidR3_GM.sf2") -> np.ndarray:
    return play(pedalled(midi), PIANO, font)


def _changed(midi: Path, kind: str, seed: int) -> np.ndarray:
    if kind in SOUND_CHANGES:
        return SOUND_CHANGES[kind](_from_midi(midi, "TimGM6mb.sf2"), seed)
    return OTHER_PLAYERS[kind](pedalled(midi), seed)


def _several(ordinary: list[tuple[str, list[Path]]]) -> Iterator[Recording]:
    """Concerts, medleys, and two pieces in one file that each have files of their own."""
    groups = (("concert", range(3)), ("medley", range(4, 10)), ("two", range(10, 12)))
    for number, (kind, members) in enumerate(groups):
        some = [ordinary[place] for place in members]
        parts = [_part(kind, midi) for _, (_, midi) in some]
        pause = 6.0 if kind == "concert" else 0.0
        starts = np.cumsum([pause, *(part[:, 1].max() + 2.0 + pause for part in parts)])
        holds = ";".join(
            f"{start:.1f} {name}" for start, (name, _) in zip(starts, some, strict=False)
        )
        yield Recording(kind, f"{kind} {number}", partial(_one_file, parts, pause), holds)


def _part(kind: str, midi: Path) -> Notes:
    """A performance, or three quarters of a minute of it."""
    notes = pedalled(midi)
    if kind != "medley":
        return notes
    start = 0.3 * notes[:, 1].max()
    part = notes[(notes[:, 0] >= start) & (notes[:, 0] < start + 45.0)]
    return part - np.array([part[0, 0], part[0, 0], 0, 0])


def _one_file(parts: list[Notes], pause: float) -> np.ndarray:
    sounds = []
    for place, part in enumerate(parts):
        if pause:
            sounds.append(applause(pause, 50 + place))
        sounds.append(play(part, PIANO, "TimGM6mb.sf2"))
    return np.concatenate(sounds)


def _made_up() -> Iterator[Recording]:
    for chords in CHORDS:
        for song in range(2):
            yield from _twice("loop", f"{chords} {song}", loop_song(chords, song))
    for song in range(2):  # the same melodies over other chords are other songs, too
        yield from _twice("loop", f"doo-wop in D {song}", loop_song("doo-wop", song, 62))
    for number in range(7):
        yield from _twice("variation", f"variation {number}", variation(0, number))
    for seed in range(6):
        yield from _twice("ostinato", f"ostinato {seed}", ostinato(seed))
    for kind, make, program, count in ALONE:
        for seed in range(count):
            sound = partial(_performance, make(seed), seed, program)
            yield Recording(kind, f"{kind} {seed}", sound)
    for seed in range(3):
        yield Recording("applause alone", f"applause {seed}", partial(applause, 40.0, seed))


def _twice(kind: str, piece: str, notes: Notes) -> Iterator[Recording]:
    seed = sum(map(ord, piece))
    for take in (seed, seed + 1000):
        yield Recording(kind, piece, partial(_performance, notes, take))


def _performance(notes: Notes, seed: int, program: int = PIANO) -> np.ndarray:
    return play(performed(notes, seed), program)


def main() -> None:
    asap, target = map(Path, sys.argv[1:])
    target.mkdir(parents=True, exist_ok=True)
    recordings = [*_of_asap(asap), *_made_up()]
    order = list(range(1, len(recordings) + 1))
    random.Random(_SEED).shuffle(order)
    with (target / TRUTH).open("w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table)
        writer.writerow(["file", "piece", "kind", "holds"])
        for number, recording in sorted(
            zip(order, recordings, strict=True), key=lambda pair: pair[0]
        ):
            file = target / f"{number:03}.flac"
            piece = recording.piece.removesuffix("_no_repeat")
            writer.writerow([file.name, piece, recording.kind, recording.holds])
            if not file.exists():
                soundfile.write(file.with_suffix(".part"), recording.make().clip(-1, 1), RATE,
                                format="FLAC")  # fmt: skip
                file.with_suffix(".part").replace(file)


if __name__ == "__main__":
    main()
