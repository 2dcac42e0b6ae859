"""Two public-domain piano pieces as note lists: what the demo's takes are performances of.

Pitches are MIDI numbers (C4 = 60), times are beats of the score's own unit (a quarter
note in Bach, an eighth in Beethoven), counted from the first note. Sources: J. S. Bach,
Das wohltemperierte Klavier I, Praeludium 1 in C, BWV 846 (1722), bars 1 to 11; L. van
Beethoven, Bagatelle "Für Elise", WoO 59 (1810), bars 1 to 22 without the repeats.
"""

from __future__ import annotations

from dataclasses import dataclass

MELODY, INNER, BASS = "melody", "inner", "bass"

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ALTERATIONS = {"": 0, "#": 1, "b": -1}


@dataclass(frozen=True, slots=True)
class ScoreNote:
    """A written note: onset and duration in beats, MIDI pitch, the voice it belongs to."""

    onset: float
    duration: float
    pitch: int
    voice: str


@dataclass(frozen=True, slots=True)
class Score:
    """A piece as it is written.

    Attributes
    ----------
    slug : str
        The piece's part of a file name, ``piece_performer.wav``.
    tempo : float
        Beats a minute at an ordinary pace.
    pulse : float
        The running note value in beats (a sixteenth in both pieces).
    bars : tuple of float
        Beats at which the bars begin.
    phrases : tuple of float
        Beats at which the phrases begin, and the end of the last.
    pedal : tuple of (float, float)
        Where a pianist who uses the pedal holds it: one harmony each, in beats.
    """

    slug: str
    title: str
    composer: str
    tempo: float
    pulse: float
    notes: tuple[ScoreNote, ...]
    bars: tuple[float, ...]
    phrases: tuple[float, ...]
    pedal: tuple[tuple[float, float], ...]

    @property
    def end(self) -> float:
        """The last beat that sounds."""
        return max(note.onset + note.duration for note in self.notes)


def midi_number(name: str) -> int:
    """The MIDI number of a pitch such as ``F#4`` or ``Bb3``."""
    return 12 * (int(name[-1]) + 1) + _STEPS[name[0]] + _ALTERATIONS[name[1:-1]]


# One chord a bar, lowest note first; each half bar breaks it as 1 2 3 4 5 3 4 5 in
# sixteenths, the first two notes held to the end of the half bar.
_BACH = """
    C4 E4 G4 C5 E5
    C4 D4 A4 D5 F5
    B3 D4 G4 D5 F5
    C4 E4 G4 C5 E5
    C4 E4 A4 E5 A5
    C4 D4 F#4 A4 D5
    B3 D4 G4 D5 G5
    B3 C4 E4 G4 C5
    A3 C4 E4 G4 C5
    D3 A3 D4 F#4 C5
    G3 B3 D4 G4 B4
"""

# A bar a line, right hand | left hand, in sixteenths: "A4:2" lasts two, "." is a rest.
_ELISE = """
    E5 D#5                     | .:2
    E5 D#5 E5 B4 D5 C5         | .:6
    A4:2 . C4 E4 A4            | A2 E3 A3 .:3
    B4:2 . E4 G#4 B4           | E2 E3 G#3 .:3
    C5:2 . E4 E5 D#5           | A2 E3 A3 .:3
    E5 D#5 E5 B4 D5 C5         | .:6
    A4:2 . C4 E4 A4            | A2 E3 A3 .:3
    B4:2 . E4 C5 B4            | E2 E3 G#3 .:3
    A4:2 . B4 C5 D5            | A2 E3 A3 .:3
    E5:3 G4 F5 E5              | C3 G3 C4 .:3
    D5:3 F4 E5 D5              | G2 G3 B3 .:3
    C5:3 E4 D5 C5              | A2 E3 A3 .:3
    B4:2 . E4 E5 .             | E2 E3 .:3 E4
    . E5 E6 .:2 D#5            | E5 .:2 D#5 E5 .
    E5 .:2 D#5 E5 D#5          | . D#5 E5 .:3
    E5 D#5 E5 B4 D5 C5         | .:6
    A4:2 . C4 E4 A4            | A2 E3 A3 .:3
    B4:2 . E4 G#4 B4           | E2 E3 G#3 .:3
    C5:2 . E4 E5 D#5           | A2 E3 A3 .:3
    E5 D#5 E5 B4 D5 C5         | .:6
    A4:2 . C4 E4 A4            | A2 E3 A3 .:3
    B4:2 . E4 C5 B4            | E2 E3 G#3 .:3
    A4:4                       | A2 E3 A3:2
"""


def _broken_chords(lines: str) -> list[ScoreNote]:
    notes = []
    for bar, chord in enumerate(lines.strip().splitlines()):
        pitches = [midi_number(name) for name in chord.split()]
        for half in (4.0 * bar, 4.0 * bar + 2.0):
            notes.append(ScoreNote(half, 2.0, pitches[0], BASS))
            notes.append(ScoreNote(half + 0.25, 1.75, pitches[1], INNER))
            for place, string in enumerate((2, 3, 4, 2, 3, 4)):
                voice = MELODY if string == 4 else INNER
                notes.append(ScoreNote(half + 0.5 + place / 4, 0.25, pitches[string], voice))
    return notes


def _hand(bar: str, onset: float, *, right: bool) -> tuple[list[ScoreNote], float]:
    """The notes of one hand in one bar, and where the bar ends."""
    notes = []
    downbeat = onset
    for symbol in bar.split():
        name, _, sixteenths = symbol.partition(":")
        duration = 0.5 * int(sixteenths or 1)
        if name != ".":
            pitch = midi_number(name)
            low = onset == downbeat and pitch < 60
            voice = MELODY if right else BASS if low else INNER
            notes.append(ScoreNote(onset, duration, pitch, voice))
        onset += duration
    return notes, onset


def _two_hands(lines: str) -> tuple[list[ScoreNote], list[float]]:
    notes: list[ScoreNote] = []
    bars = []
    onset = 0.0
    for line in lines.strip().splitlines():
        right, left = line.split("|")
        bars.append(onset)
        upper, end = _hand(right, onset, right=True)
        lower, same_end = _hand(left, onset, right=False)
        if end != same_end:
            raise ValueError(f"the hands of the bar {line.strip()!r} differ in length")
        notes += upper + lower
        onset = end
    return notes, bars


def _bach() -> Score:
    notes = _broken_chords(_BACH)
    bars = tuple(4.0 * bar for bar in range(11))
    return Score(
        slug="bach-c-prelude",
        title="Prelude in C major, BWV 846",
        composer="Johann Sebastian Bach",
        tempo=72.0,
        pulse=0.25,
        notes=tuple(notes),
        bars=bars,
        phrases=(0.0, 16.0, 28.0, 44.0),  # bars 1-4, 5-7, 8-11
        pedal=tuple((bar, bar + 4.0) for bar in bars),
    )


def _elise() -> Score:
    notes, bars = _two_hands(_ELISE)
    # Pedal under the left hand's broken chords, lifted before the melody's upbeat.
    chords = [note.onset for note in notes if note.voice == BASS]
    return Score(
        slug="beethoven-fur-elise",
        title="Für Elise, WoO 59",
        composer="Ludwig van Beethoven",
        tempo=128.0,
        pulse=0.5,
        notes=tuple(sorted(notes, key=lambda note: (note.onset, note.pitch))),
        bars=tuple(bars),
        phrases=(0.0, 12.0, 23.5, 42.0, 54.0, 66.0),  # bars 1-4, 5-8, 9-14, 15-18, 19-22
        pedal=tuple((onset, onset + 2.0) for onset in chords),
    )


BACH_PRELUDE = _bach()
FUR_ELISE = _elise()
SCORES = (BACH_PRELUDE, FUR_ELISE)
