"""The tables: what is run for each row, and the paper's own figures beside ours.

Chowdhury & Widmer 2023, Table 1 (text × audio encoders, with both augmentations and no PCA) and
Table 2 (augmentations × PCA), by the paper's protocol on the full nine pieces, in its space
`midlevel`. What a row needs and the user lacks stands in the row's ``lacking``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path

from espr.encoders import load_audio_encoder
from espr.errors import EsprError
from espr.evaluation.embedded_texts import is_embedded, is_table
from espr.evaluation.encoders import has_words, lacking
from espr.evaluation.paper_model import AUTO
from espr.evaluation.system import CENTRINGS, MODELS, UNNAMED, ZERO_SHOT, System
from espr.evaluation.word_texts import GRAMMAR, PLAIN, READINGS
from espr.features import SPACES, get_space, spaces_within
from espr.published.joint_encoder import is_tower
from espr.published.mtr import MTR

Figures = dict[str, float]

EMOTION_MIDLEVEL = {"top1": 0.38, "top2": 0.64, "mrr": 0.61}
TEXT_AUDIO_MODEL = {"top1": 0.20, "top2": 0.42, "mrr": 0.46}
# simulated there; exactly 0.20, 0.40, 0.454 from the sizes of the nine pieces
CHANCE = {"top1": 0.18, "top2": 0.37, "mrr": 0.44}
PUBLISHED = {
    "paper: emotion-enriched words × mid-level": EMOTION_MIDLEVEL,
    "paper: a general text-audio model": TEXT_AUDIO_MODEL,
}
PAPERS_TABLE_1 = {
    (MTR, MTR): TEXT_AUDIO_MODEL,
    (MTR, "cp-resnet"): {"top1": 0.22, "top2": 0.53, "mrr": 0.50},
    ("ewe", MTR): {"top1": 0.22, "top2": 0.42, "mrr": 0.47},
    ("ewe", "cp-resnet"): EMOTION_MIDLEVEL,
}
PAPERS_AUGMENTATIONS = ("musiccaps", "pitchfork")
# (first augmentation, second augmentation, PCA); of one row the MRR is known. Which of the two
# augmentations is the first is not known: rows with a single one are a guess.
PAPERS_TABLE_2 = {
    (False, False, False): {"top1": 0.22, "top2": 0.46},
    (False, False, True): {"top1": 0.29, "top2": 0.49},
    (True, False, False): {"top1": 0.24, "top2": 0.44},
    (True, False, True): {"top1": 0.40, "top2": 0.58},
    (False, True, False): {"top1": 0.33, "top2": 0.57},
    (False, True, True): {"top1": 0.27, "top2": 0.53},
    (True, True, False): EMOTION_MIDLEVEL,
    (True, True, True): {"top1": 0.36, "top2": 0.56},
}
SPACE = "midlevel"


def components(text: str) -> int | str | None:
    """What ``--pca`` means: a number of components, ``auto``, or ``none``."""
    if text in (AUTO, "none"):
        return AUTO if text == AUTO else None
    if not text.isdecimal() or int(text) < 1:
        raise EsprError(f"--pca {text!r} is neither none nor auto nor a number of components")
    return int(text)


@dataclass(frozen=True, slots=True)
class Variants:
    """What is varied besides the encoders; centring and PCA belong to the model ``paper``."""

    spaces: Sequence[str] = tuple(SPACES)
    models: Sequence[str] = MODELS
    centrings: Sequence[str] = CENTRINGS
    components: Sequence[int | str | None] = (None,)
    augmentation: tuple[str, ...] = ()
    readings: Sequence[str] = READINGS
    without: Sequence[str] = ()  # features; each system that has them is run without them, too

    def systems(self, text: str, audio: str) -> list[System]:
        """The systems of a pair of encoders."""
        readings = [one for one in self.readings if one != PLAIN or has_words(text)]
        if is_embedded(text):
            readings = [""]
        elif not readings:
            raise EsprError(f"--reading plain needs word vectors, which {text} is not")
        ways: dict[str, list[tuple[str, int | str | None, str]]] = {
            "paper": list(product(self.centrings, self.components, readings)),
            "best": [("piece", None, "" if is_embedded(text) else GRAMMAR)],
            ZERO_SHOT: [("none", None, "")],
        }
        if ZERO_SHOT in self.models and not in_one_space(text, audio):
            raise EsprError(
                f"--zero-shot compares embeddings of one model; give --text FILE.npz and "
                f"--audio FILE.npz, or the same of mtr and clap:FOLDER twice, not {text} × {audio}"
            )
        return [
            System(text, audio, space, model, way, pca, self.augmentation, reading, left_out)
            for space in self._spaces_of(audio)
            for left_out in self._left_out_of(space)
            for model in self.models
            for way, pca, reading in ways[model]
        ]

    def _spaces_of(self, audio: str) -> list[str]:
        """The spaces of these that an audio encoder has."""
        if is_embedded(audio):
            return [UNNAMED]
        wanted = [get_space(name) for name in self.spaces]
        own = load_audio_encoder(audio).space
        found = [space.name for space in wanted if space in spaces_within(own)]
        if not found:
            raise EsprError(f"{audio} does not have the space {wanted[0].name}; ask for {own.name}")
        return found

    def _left_out_of(self, space: str) -> list[tuple[str, ...]]:
        """The features that a system of the space lacks: none, and what ``without`` names."""
        names = () if space == UNNAMED else get_space(space).names
        left_out = tuple(name for name in names if name in self.without)
        return [(), left_out] if left_out else [()]

    def systems_of_table_1(self, text: str, audio: str) -> list[System]:
        """The same, after the plain comparison where a model's two towers meet."""
        models = tuple(dict.fromkeys(self.models))
        if is_tower(text) and text == audio and ZERO_SHOT not in models:
            return replace(self, models=(ZERO_SHOT, *models)).systems(text, audio)
        return self.systems(text, audio)


def in_one_space(text: str, audio: str) -> bool:
    """Whether two encoders may share a space: one model's towers, or tables that say so."""
    if is_table(text) or is_table(audio):
        return is_embedded(text) and is_embedded(audio)
    return is_tower(text) and text == audio


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes
    ----------
    name : str
    system : System or None
        What is run for it; None when something is lacking.
    lacking : tuple of str
        What it needs, a sentence each.
    published : dict
        The paper's figures, by metric.
    """

    name: str
    system: System | None
    lacking: tuple[str, ...] = ()
    published: Figures = field(default_factory=dict)


def grid(
    texts: Iterable[str],
    audios: Sequence[str],
    systems: Callable[[str, str], Iterable[System]],
) -> list[Row]:
    """The systems of every text with every audio encoder; one row for a pair that lacks one."""
    missing_audios = [lacking(audio, text=False) for audio in audios]
    rows = []
    for text in texts:
        missing_text = lacking(text, text=True)
        for audio, missing_audio in zip(audios, missing_audios, strict=True):
            pair = f"{text} × {audio}"
            needs = tuple(need for need in (missing_text, missing_audio) if need)
            if needs:
                rows.append(Row(pair, None, needs))
            else:
                rows += [Row(system.pair, system) for system in systems(text, audio)]
    return rows


def first_at_hand(names: Sequence[str], *, text: bool) -> str:
    """The first encoder that the user does not lack."""
    return next(name for name in names if not lacking(name, text=text))


def table_1(
    texts: Sequence[str], audios: Sequence[str], variants: Variants, *, is_whole: bool
) -> list[Row]:
    """Text × audio encoders, the paper's own rows among them with its figures.

    Parameters
    ----------
    is_whole : bool
        Whether the paper's rows are there that the texts and audio encoders do not make; the
        general model's own pair is a row in any case.
    """
    pairs = [(text, audio) for text in texts for audio in audios]
    wanted = [*PAPERS_TABLE_1, (MTR, "midlevel"), ("emotion", MTR)] if is_whole else [(MTR, MTR)]
    rows = []
    for text, audio in (*pairs, *(pair for pair in wanted if pair not in pairs)):
        rows += [
            replace(row, published=_published(text, audio, row.system))
            for row in grid([text], [audio], variants.systems_of_table_1)
        ]
    return rows


def _published(text: str, audio: str, system: System | None) -> Figures:
    return PAPERS_TABLE_1.get((text, audio), {}) if _by_the_paper(system) else {}


def table_2(
    text: str,
    audio: str,
    variants: Variants,
    augmentations: Iterable[str],
    missing: Mapping[str, str],
) -> list[Row]:
    """Augmentation × PCA: the paper's eight rows, and more for every other augmentation.

    Parameters
    ----------
    augmentations : iterable of str
        All that may be read, the paper's or not.
    missing : mapping
        Why some of them cannot, a sentence each.
    """
    others = [(name,) for name in augmentations if name not in PAPERS_AUGMENTATIONS]
    rows = []
    for added in ((), *((name,) for name in PAPERS_AUGMENTATIONS), PAPERS_AUGMENTATIONS, *others):
        name = " + ".join(Path(one).name for one in added) or "none"
        needs = tuple(missing[one] for one in added if one in missing)
        first, second = (one in added for one in PAPERS_AUGMENTATIONS)
        is_papers = not added or first or second
        of_paper = {pca: PAPERS_TABLE_2[first, second, pca] for pca in (False, True)}
        if needs:
            for pca in (False, True):
                label = name + (", PCA" if pca else "")
                rows.append(Row(label, None, needs, of_paper[pca] if is_papers else {}))
            continue
        for system in replace(variants, augmentation=added).systems(text, audio):
            figures = {}
            if is_papers and _by_the_paper(system) and system.pca in (None, AUTO):
                figures = of_paper[system.pca is not None]
            reduced = f", PCA {system.pca}" if system.pca else ""
            rows.append(Row(name + reduced, system, (), figures))
    return rows


def _by_the_paper(system: System | None) -> bool:
    """Whether a row is run by the paper's protocol, or not at all."""
    if system is None:
        return True
    return (system.model, system.centring) == ("paper", "none") and system.reading != GRAMMAR
