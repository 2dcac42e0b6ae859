"""Spaces: the ordered, named features in which performances and queries meet.

The mid-level features and what their raters were asked: Aljanaki & Soleymani, "A
data-driven approach to mid-level perceptual musical feature modeling", ISMIR 2018;
onset density as the eighth: Chowdhury & Widmer, FIRE 2023, sec. 3. Nothing else in
the code counts to eight; it asks the space.

Most features are *measured*: an audio encoder hears them in a recording. *Relative* ones, the last
of a space, are known only against the other performances of the piece, so that they are derived
where a piece is asked for; 0 is the mean of the piece, and where nothing is known.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from espr.errors import EsprError

_COMPARATIVES = {
    **{pole: f"{pole}er" for pole in ("soft", "loud", "hard", "dark", "bright")},
    "slow": "slower",
    "fast": "faster",
    "dense": "denser",
    "sparse": "sparser",
    "free": "freer",
    "steady": "steadier",
    "dry": "drier",
    "simple": "simpler",
}


@dataclass(frozen=True, slots=True)
class Feature:
    """One dimension of a space, with the words for its two poles."""

    name: str
    low: str
    high: str
    meaning: str
    is_relative: bool = False

    def pole(self, value: float) -> str:
        """The word for the side on which ``value``, a deviation from the mean, lies."""
        return self.high if value >= 0 else self.low

    def comparative(self, value: float) -> str:
        """The same as a comparative: "softer", "more legato"."""
        pole = self.pole(value)
        return _COMPARATIVES.get(pole, f"more {pole}")


@dataclass(frozen=True, slots=True)
class Space:
    """An ordered list of features; a profile is a vector in it."""

    name: str
    features: tuple[Feature, ...]

    def __len__(self) -> int:
        return len(self.features)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    @property
    def measured(self) -> Space:
        """What an audio encoder measures of it: its first features."""
        return Space(self.name, tuple(one for one in self.features if not one.is_relative))

    def without(self, names: Collection[str]) -> Space:
        """The space that lacks some of its features."""
        left_out = {self.index(name) for name in names}
        kept = (one for place, one in enumerate(self.features) if place not in left_out)
        return Space(self.name, tuple(kept))

    def index(self, name: str) -> int:
        """The position of the feature ``name`` (hyphens and case do not matter)."""
        wanted = name.strip().lower().replace("-", "_").replace(" ", "_")
        if wanted not in self.names:
            raise EsprError(
                f"no feature {name!r} in the space '{self.name}'; its features are "
                + ", ".join(self.names)
            )
        return self.names.index(wanted)


_MIDLEVEL = (
    Feature("melodiousness", "unsingable", "singable", "would you sing along to it"),
    Feature("articulation", "legato", "staccato", "how detached the notes are"),
    Feature("rhythm_stability", "free", "steady", "how easy it is to march along to"),
    Feature("rhythm_complexity", "simple", "complex", "how hard the rhythm is to tap or repeat"),
    Feature("dissonance", "consonant", "dissonant", "how rough the sounding intervals are"),
    Feature("tonal_stability", "wandering", "anchored", "how easy the key is to tell"),
    Feature("minorness", "major", "minor", "how much of it leans to the minor mode"),
    Feature("onset_density", "sparse", "dense", "note onsets per second: how fast it feels"),
)

_PERFORMANCE = (
    Feature("loudness", "soft", "loud", "level relative to the recording's own peak"),
    Feature("dynamic_range", "even", "contrasted", "how far loud and soft lie apart"),
    Feature("attack", "cushioned", "hard", "how sharply notes begin"),
    Feature("brightness", "dark", "bright", "how much of the sound lies high"),
)

TEMPO = Feature("tempo", "slow", "fast", "against the other performances", is_relative=True)

# Of no space: the network hears it, and it is shown, but finds performances no better.
PEDAL = Feature("pedal", "dry", "pedalled", "for how much of the time the pedal is down")

MIDLEVEL = Space("midlevel", _MIDLEVEL)
MIDLEVEL_PLUS = Space("midlevel+", (*_MIDLEVEL, *_PERFORMANCE, TEMPO))
AUDIO_SPACE = MIDLEVEL_PLUS.measured  # of audio encoders
SPACES = {space.name: space for space in (MIDLEVEL, MIDLEVEL_PLUS)}


def spaces_within(space: Space) -> tuple[Space, ...]:
    """The spaces whose measured features are the first of ``space``, the largest first."""
    names = space.names
    found = [one for one in SPACES.values() if names[: len(one.measured)] == one.measured.names]
    return tuple(sorted(found, key=len, reverse=True))


def get_space(name: str) -> Space:
    """The space called ``name``."""
    if name not in SPACES:
        raise EsprError(f"no space {name!r}; there are " + " and ".join(SPACES))
    return SPACES[name]
