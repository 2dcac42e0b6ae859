"""h, the query model: word vectors in, a profile in the mid-level space out.

Linear in word-centred vectors and without intercept (design: an intercept learned from
descriptions of a hundred words would drown a query of two), so that a query's profile is the
sum of its words' profiles and the cosine falls apart into contributions of features.

The model carries the constants that it was fitted with: reference mean and standard deviation
of every feature, the pooled standard deviation within a piece, and κ. They are never refitted
on a user's library. Stored as JSON, which can be read, compared and trusted.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from espr.audio.encoder import DEFAULT_AUDIO
from espr.embeddings.encoder import DEFAULT_TEXT
from espr.errors import EsprError
from espr.features import SPACES, Space, get_space
from espr.paths import ASSETS, data_folders

SCHEMA = "espr.query-model/1"
DEFAULT_SPACE = "midlevel+"
_FOLDER = "query_models"
_LARGEST = 1e12  # of any number in a file: sums and quotients of such stay finite
# A standardised profile further than this from the reference, in root mean square over the
# features, does not sound like the piano recordings h was fitted on. The 31 recordings of the
# reference set lie between 0.5 and 2.3, white noise at 3.0 (tests/retrieval/test_bach_queries.py).
UNFAMILIAR = 2.5


@dataclass(frozen=True, slots=True)
class QueryModel:
    """h with its constants.

    Attributes
    ----------
    text, audio : str
        Ids of the encoders that it belongs to, ``glove/1`` and ``signal/1``.
    matrix : np.ndarray, shape=(d, dimension), float64
        Word-centred embedding to profile.
    reference_mean, reference_std : np.ndarray, shape=(d,)
        Of recordings' profiles over the reference set, in the encoder's units.
    within_std : np.ndarray, shape=(d,)
        Pooled standard deviation of recordings' profiles within a piece, in the encoder's units.
    kappa : float
        Weight of the reference mean, in takes, when a piece's mean is estimated.
    centring : str
        ``piece`` or ``none``.
    taught : int
        How many descriptions of recordings a listener taught it; 0 for the shipped one.
    own_words : mapping
        Words that the text encoder does not know, each with the vector that it was taught,
        shape=(dimension,), float32.
    """

    text: str
    audio: str
    space: Space
    centring: str
    matrix: np.ndarray
    reference_mean: np.ndarray
    reference_std: np.ndarray
    within_std: np.ndarray
    kappa: float
    taught: int = 0
    own_words: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def dimension(self) -> int:
        return int(self.matrix.shape[1])

    def profile(self, embedding: np.ndarray) -> np.ndarray:
        """The profile of an embedding, shape=(dimension,) to (d,)."""
        profile: np.ndarray = self.matrix @ embedding
        return profile

    def word_profiles(self, rows: np.ndarray) -> np.ndarray:
        """The profile of each row, shape=(n, dimension) to (n, d); they add up to the query's."""
        profiles: np.ndarray = rows @ self.matrix.T
        return profiles

    def standardised(self, profiles: np.ndarray) -> np.ndarray:
        """Deviation from the reference mean in reference standard deviations, shape=(n, d).

        ``profiles`` may have more columns than the space, which starts the encoder's own, or lack
        the space's relative features, which are then 0.
        """
        own = self._own(profiles)
        deviations: np.ndarray = (own - self.reference_mean) / self.reference_std
        return deviations

    def centred(self, profiles: np.ndarray, takes: np.ndarray | None = None) -> np.ndarray:
        """What enters the cosine within a piece.

        Parameters
        ----------
        profiles : np.ndarray, shape=(n, >= d)
            Profiles of recordings or of windows, in the encoder's units.
        takes : np.ndarray, shape=(k, >= d), optional
            Profiles of all performances of the piece, over which its mean is taken; ``profiles``
            themselves when left out.

        Returns
        -------
        np.ndarray, shape=(n, d)
            (x - m) / within_std with m = (k·x̄ + κ·μ₀) / (k + κ); with centring ``none``, the
            standardised profiles of the paper.
        """
        if self.centring == "none":
            return self.standardised(profiles)
        own = self._own(profiles)
        every = own if takes is None else self._own(takes)
        mean = (every.sum(axis=0) + self.kappa * self.reference_mean) / (len(every) + self.kappa)
        mean[len(self.space.measured) :] = 0.0  # of what is relative, 0 is the mean already
        deviations: np.ndarray = (own - mean) / self.within_std
        return deviations

    def _own(self, profiles: np.ndarray) -> np.ndarray:
        """The columns of the space, shape=(n, d)."""
        own = profiles[:, : len(self.space)]
        lacking = len(self.space) - own.shape[1]
        return np.pad(own, ((0, 0), (0, lacking))) if lacking else own

    def to_json(self) -> str:
        """The model as the JSON document that :func:`read_query_model` reads."""

        def rounded(array: np.ndarray) -> object:
            # 6 significant digits: far finer than what 31 recordings can tell
            if array.ndim > 1:
                return [rounded(row) for row in array]
            return [float(f"{number:.6g}") for number in array]

        document = {
            "schema": SCHEMA,
            "text": self.text,
            "audio": self.audio,
            "space": self.space.name,
            "centring": self.centring,
            "kappa": self.kappa,
            "reference_mean": rounded(self.reference_mean),
            "reference_std": rounded(self.reference_std),
            "within_std": rounded(self.within_std),
            "matrix": rounded(self.matrix),
        }
        if self.taught:
            words = {word: rounded(vector) for word, vector in self.own_words.items()}
            document |= {"taught": self.taught, "own_words": words}
        return json.dumps(document) + "\n"


def load_query_model(
    text: str = DEFAULT_TEXT,
    audio: str = DEFAULT_AUDIO,
    space: str | None = None,
    given: str = "",
) -> QueryModel:
    """The h of a pair of encoders: the shipped one, else what the user made for the pair.

    Parameters
    ----------
    text, audio : str
        Names (``glove``) or ids (``glove/1``) of the encoders.
    space : str, optional
        ``midlevel`` or ``midlevel+``; by default the one that retrieves better, or else the one
        that there is.
    given : str, optional
        What the user called the text encoder, a path for instance, for the error's hint.

    Raises
    ------
    EsprError
        When there is none for the pair, which ``espr train query-model`` makes.
    """
    names = text.partition("/")[0], audio.partition("/")[0]
    wanted = (get_space(space),) if space else (get_space(DEFAULT_SPACE), *SPACES.values())
    for folder in (ASSETS / _FOLDER, *(data / _FOLDER for data in data_folders())):
        for one in wanted:
            file = folder / query_model_name(*names, one)
            if file.is_file():
                return _of_encoder(text, read_query_model(file), given)
    raise EsprError(
        f"no query model for text '{names[0]}' and audio '{names[1]}' in the space "
        f"'{wanted[0].name}'; make one with: {_rebuild(given or names[0])} --audio {names[1]}"
    )


def _of_encoder(text: str, model: QueryModel, given: str) -> QueryModel:
    """The model; raises when it belongs to other vectors by the encoder's name."""
    if "/" in text and model.text != text:
        raise EsprError(
            f"the query model belongs to {model.text}, not {text}; make one with: "
            + _rebuild(given or text.partition("/")[0])
        )
    return model


def _rebuild(text: str = "") -> str:
    """The command that makes a model, as it is to be typed; DATA is the user's to fill in."""
    encoder = ["--text", text] if text else []
    return shlex.join(["espr", "train", "query-model", "--data-dir", "DATA", *encoder])


def query_model_name(text: str, audio: str, space: Space) -> str:
    """The name of the file that holds the h of two encoders, given by their names."""
    return f"{text}.{audio}.{space.name}.json"


def own_query_models() -> Path:
    """Where the models lie that the user made for encoders of their own."""
    return data_folders()[0] / _FOLDER


def read_query_model(path: Path) -> QueryModel:
    """Read and check a query model.

    Raises
    ------
    EsprError
        When the file is not one, or its numbers do not fit its space.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise ValueError(f"its schema is not {SCHEMA}")
        space = get_space(document["space"])
        model = QueryModel(
            text=str(document["text"]),
            audio=str(document["audio"]),
            space=space,
            centring=str(document["centring"]),
            matrix=np.array(document["matrix"], np.float64),
            reference_mean=np.array(document["reference_mean"], np.float64),
            reference_std=np.array(document["reference_std"], np.float64),
            within_std=np.array(document["within_std"], np.float64),
            kappa=float(document["kappa"]),
            taught=int(document.get("taught", 0)),
            own_words={
                str(word): np.array(vector, np.float32)
                for word, vector in document.get("own_words", {}).items()
            },
        )
        if model.matrix.ndim != 2 or len(model.matrix) != len(space):
            raise ValueError(f"its matrix does not have {len(space)} rows")
        constants = (model.reference_mean, model.reference_std, model.within_std)
        if any(array.shape != (len(space),) for array in constants):
            raise ValueError(f"its constants are not {len(space)} numbers each")
        if any(vector.shape != (model.dimension,) for vector in model.own_words.values()):
            raise ValueError(f"its own words are not {model.dimension} numbers each")
        numbers = (model.matrix, *constants, np.array(model.kappa), *model.own_words.values())
        if not all((np.abs(array) <= _LARGEST).all() for array in numbers):  # NaN is not
            raise ValueError(f"it holds numbers that are not finite or beyond {_LARGEST:.0e}")
        smallest = min(model.reference_std.min(), model.within_std.min())
        if smallest < 1 / _LARGEST or model.kappa < 0:
            raise ValueError("its standard deviations are not positive")
        if model.centring not in ("piece", "none"):
            raise ValueError(f"centring is {model.centring!r}, not piece or none")
    except (
        *(OSError, ValueError, KeyError, TypeError, AttributeError),
        *(OverflowError, RecursionError),
    ) as error:
        raise EsprError(
            f"{path} is not a query model ({error}); make one with: {_rebuild()}"
        ) from error
    return model
