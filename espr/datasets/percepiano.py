"""PercePiano: within a segment, find the rendition that raters described.

Park, Kim, Park, Choi, Li, Park & Hwang, "Piano performance evaluation dataset with multilevel
perceptual features", Scientific Reports 14, 23002 (2024): 1085 clips of Schubert D 960 and
Beethoven WoO 80, played by people (and two deadpan scores) as MIDI, rated on 19 qualities by their
two poles.

A query is made of the poles on which a clip stands out: where its mean rating lies at least one
within-segment standard deviation from its segment's mean (at least the furthest), the pole's
words, weighted by that distance. Qualities on which raters do not agree within a segment
(reliability of the mean rating below 0.4) are left out.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from espr.datasets.benchmark import Benchmark, Performance, assemble_benchmark
from espr.datasets.data_set import DataSet
from espr.errors import EsprError

RATINGS = "ratings.csv"

LEAST_RELIABILITY = 0.4
STANDS_OUT = 1.0  # standard deviations within a segment

# The two poles of each quality, in the words of the published columns.
POLES: dict[str, tuple[str, str]] = {
    "Timing_Stable_Unstable": ("stable", "unstable"),
    "Articulation_Short_Long": ("short", "long"),
    "Articulation_Soft_cushioned_Hard_solid": ("soft, cushioned", "hard, solid"),
    "Pedal_Sparse/dry_Saturated/wet": ("sparse, dry", "saturated, wet"),
    "Pedal_Clean_Blurred": ("clean", "blurred"),
    "Timbre_Even_Colorful": ("even", "colorful"),
    "Timbre_Shallow_Rich": ("shallow", "rich"),
    "Timbre_Bright_Dark": ("bright", "dark"),
    "Timbre_Soft_Loud": ("soft", "loud"),
    "Dynamic_Sophisticated/mellow_Raw/crude": ("sophisticated, mellow", "raw, crude"),
    "Dynamic_Little_dynamic_range_Large_dynamic_range": (
        "little dynamic range",
        "large dynamic range",
    ),
    "Music_Making_Fast_paced_Slow_paced": ("fast paced", "slow paced"),
    "Music_Making_Flat_Spacious": ("flat", "spacious"),
    "Music_Making_Disproportioned_Balanced": ("disproportioned", "balanced"),
    "Music_Making_Pure_Dramatic/expressive": ("pure", "dramatic, expressive"),
    "Emotion_&_Mood_Optimistic/pleasant_Dark": ("optimistic, pleasant", "dark"),
    "Emotion_&_Mood_Low_Energy_High_Energy": ("low energy", "high energy"),
    "Emotion_&_Mood_Honest_Imaginative": ("honest", "imaginative"),
    "Interpretation_Unsatisfactory/doubtful_Convincing": (
        "unsatisfactory, doubtful",
        "convincing",
    ),
}


@dataclass(frozen=True, slots=True)
class Ratings:
    """How raters judged the clips.

    Attributes
    ----------
    clips : list of str
    segments : np.ndarray, shape=(clips,), str
        What is the same music: piece, bars and segment.
    players : np.ndarray, shape=(clips,), str
    deviations : np.ndarray, shape=(clips, qualities)
        Mean rating less the segment's mean, in pooled standard deviations within a segment.
    reliability : dict
        Of each quality's mean rating, within a segment.
    """

    clips: list[str]
    segments: np.ndarray
    players: np.ndarray
    deviations: np.ndarray
    reliability: dict[str, float] = field(default_factory=dict)

    @property
    def reliable(self) -> list[str]:
        return [q for q in POLES if self.reliability[q] >= LEAST_RELIABILITY]


def read_percepiano(
    folder: Path, audio_of: Callable[[Path], Path] = lambda midi: midi
) -> Benchmark:
    """The benchmark of the clips in ``folder``.

    Parameters
    ----------
    folder : Path
        Holds ``ratings.csv`` and the folder ``midi``.
    audio_of : callable
        The rendering of a MIDI file; see :mod:`espr.midi.rendering`.

    Raises
    ------
    EsprError
        When ratings or MIDI files are missing, or the table has other columns.
    """
    ratings = read_ratings(folder / RATINGS)
    missing = [clip for clip in ratings.clips if not (folder / "midi" / f"{clip}.mid").is_file()]
    if missing:
        raise EsprError(
            f"{folder / 'midi'} lacks {len(missing)} of {len(ratings.clips)} MIDI files, among "
            f"them {', '.join(missing[:3])}; PercePiano is published with them"
        )
    performances = [
        Performance(segment, player, work_of(segment), audio_of(folder / "midi" / f"{clip}.mid"))
        for clip, segment, player in zip(
            ratings.clips, ratings.segments, ratings.players, strict=True
        )
    ]
    columns = [list(POLES).index(quality) for quality in ratings.reliable]
    terms = [[_standing_out(row[columns], ratings.reliable)] for row in ratings.deviations]
    return assemble_benchmark("percepiano", performances, terms, [])


def _standing_out(deviations: np.ndarray, qualities: list[str]) -> tuple[tuple[str, float], ...]:
    """The pole words of the qualities that stand out, with how far they do."""
    distance = np.abs(deviations)
    chosen = np.flatnonzero(distance >= min(STANDS_OUT, distance.max()))
    return tuple(
        (POLES[qualities[n]][int(deviations[n] > 0)], round(float(distance[n]), 2)) for n in chosen
    )


def segment_and_player(clip: str) -> tuple[str, str]:
    """``Schubert_D960_mv2_8bars_3_11`` is player 3's ``Schubert_D960_mv2_8bars_11``."""
    parts = clip.split("_")
    if len(parts) < 3:
        raise EsprError(f"PercePiano has no clip {clip!r}: they are named piece_player_segment")
    return "_".join([*parts[:-2], parts[-1]]), parts[-2]


def work_of(segment: str) -> str:
    """``Schubert_D960`` of ``Schubert_D960_mv2_8bars_11``."""
    return "_".join(segment.split("_")[:2])


def read_ratings(table: Path) -> Ratings:
    """Read every rater's ratings, 1 to 7; others are no ratings and dropped."""
    if not table.is_file():
        raise EsprError(f"{table} is not there; it is published with PercePiano (Park et al. 2024)")
    try:
        with table.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in ("clip", *POLES) if name not in (reader.fieldnames or ())]
            if missing:
                raise EsprError(f"{table} has no column {', '.join(missing)}")
            rated: dict[str, list[list[float]]] = {}
            for row in reader:
                rated.setdefault(row["clip"], []).append([_rating(row[q]) for q in POLES])
    except (UnicodeDecodeError, csv.Error) as error:
        raise EsprError(f"{table} is not a UTF-8 CSV file: {error}") from error

    clips = sorted(rated)
    named = [segment_and_player(clip) for clip in clips]
    segments = np.array([segment for segment, _ in named])
    ratings = [np.array(rated[clip]) for clip in clips]
    with np.errstate(invalid="ignore", divide="ignore"):
        counts = np.array([(~np.isnan(r)).sum(axis=0) for r in ratings])
        means = np.array([np.nansum(r, axis=0) for r in ratings]) / counts
        # variance of a mean: that between its raters over how many they are
        spreads = np.array(
            [np.nansum((r - m) ** 2, axis=0) for r, m in zip(ratings, means, strict=True)]
        )
        noise = _mean(np.where(counts > 1, spreads / (counts - 1) / counts, np.nan))
    deviations = np.zeros_like(means)
    degrees = 0
    for segment in np.unique(segments):
        members = segments == segment
        deviations[members] = means[members] - _mean(means[members])
        degrees += int(members.sum()) - 1
    deviations = np.nan_to_num(deviations)
    variance = (deviations**2).sum(axis=0) / degrees
    # a quality that nobody rated, or all alike, tells nothing apart
    varies = variance > 1e-9
    reliability = np.where(varies, 1.0 - noise / np.where(varies, variance, 1.0), 0.0)
    deviations /= np.sqrt(np.where(varies, variance, 1.0))
    return Ratings(
        clips=clips,
        segments=segments,
        players=np.array([player for _, player in named]),
        deviations=deviations,
        reliability=dict(zip(POLES, map(float, reliability), strict=True)),
    )


def _mean(rows: np.ndarray) -> np.ndarray:
    """Column means over the numbers that there are; NaN where there are none."""
    with np.errstate(invalid="ignore"):
        mean: np.ndarray = np.nansum(rows, axis=0) / (~np.isnan(rows)).sum(axis=0)
    return mean


def _rating(cell: str | None) -> float:
    try:
        rating = float(cell or "nan")
    except ValueError:
        return float("nan")
    return rating if 1.0 <= rating <= 7.0 else float("nan")


DATA_SET = DataSet(
    name="percepiano",
    title="PercePiano",
    table=RATINGS,
    published="as zenodo record 13269613, https://doi.org/10.5281/zenodo.13269613 "
    "(Park et al. 2024)",
    place=f"its {RATINGS} and its folder midi",
    licence="MIT",
    bibtex="""@article{park2024piano,
  author  = {Park, Jisoo and Kim, Jongho and Park, Jeong Mi and Choi, Ahyeon and Li, Wen-Syan and
             Park, Jonghwa and Hwang, Seung-won},
  title   = {Piano performance evaluation dataset with multilevel perceptual features},
  journal = {Scientific Reports},
  volume  = {14},
  number  = {23002},
  year    = {2024}
}""",
    sha256={RATINGS: "92d95c24b445b189aec8ff4181657755802c60d4c31312b1f97c2fa5038f8f50"},
    read_midi_benchmark=read_percepiano,
)
