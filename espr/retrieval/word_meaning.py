"""What ESPR understands by a word: ``espr words``.

A word, or any text of a query, is described by the vocabulary's words nearest to it (cosine of
centred vectors), its place on the axes of emotion where the vectors have any, and its profile
through h, at length 1: the query that it would be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from espr.embeddings.encoder import TextEncoder, WordVectorEncoder
from espr.errors import EsprError
from espr.features import Space
from espr.query_language.grammar_tables import DEGREES, STOP_WORDS
from espr.query_language.inflection import bases
from espr.query_language.parser import Term
from espr.query_language.score_terms import LANGUAGES, Entry, find_entry, is_foreign
from espr.query_language.tokenizer import tokenise
from espr.retrieval.explanation import heard_as
from espr.retrieval.query_model import QueryModel
from espr.retrieval.ranking import unit
from espr.retrieval.recording_profile import describing_words
from espr.retrieval.results import DIGITS, named

SCHEMA = "espr.words/1"
NEAREST = 8
NEAREST_IN_SCORES = 5
_FREQUENT = (
    50_000  # most frequent words among which the nearest are: rarer ones are names and noise
)
_COMMON = 30_000  # and of English words: "tenderized" is not what stands nearest to "tender"
_ENOUGH = 200  # nearest words, of which stop words and inflections are then left out
_STEM = 5  # letters that forms of a word have in common
_ENDING = 4  # letters after it


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a text is understood as.

    Attributes
    ----------
    text : str
        As typed.
    terms : tuple of Term
    entries : tuple of Entry
        Of the lexicon of expression: the Italian, German and French terms in the text.
    embedding : np.ndarray, shape=(dimension,)
    nearest : tuple of (str, float)
        English words with their cosines, the nearest first; no two are forms of one word, and
        none is a form of the text's own. Empty for a text that only says what it is not.
    away_from : tuple of (str, float)
        For such a text, the words nearest to its opposite, their cosines with the text.
    in_scores : tuple of (str, float)
        The nearest Italian, German and French terms of the lexicon of expression.
    emotion : dict
        Axis to value; empty when the vectors have no axes.
    profile : np.ndarray, shape=(d,), or None
        Of length 1; None without a query model.
    """

    text: str
    terms: tuple[Term, ...]
    entries: tuple[Entry, ...]
    embedding: np.ndarray
    nearest: tuple[tuple[str, float], ...]
    away_from: tuple[tuple[str, float], ...]
    in_scores: tuple[tuple[str, float], ...]
    emotion: dict[str, float]
    profile: np.ndarray | None


@dataclass(frozen=True, slots=True)
class Between:
    """Two texts beside each other.

    Attributes
    ----------
    cosine : float
        Of their embeddings.
    nearest : tuple of (str, float)
        Words nearest to the middle of the two, with their cosines.
    differences : tuple of int
        Features of the space, the one in which the profiles differ most first.
    """

    one: Understanding
    other: Understanding
    cosine: float
    nearest: tuple[tuple[str, float], ...]
    differences: tuple[int, ...]


def understand(encoder: TextEncoder, model: QueryModel | None, text: str) -> Understanding:
    """What ``text`` is understood as.

    Raises
    ------
    EsprError
        When no word of it is known, with suggestions; when its vector is nothing.
    """
    terms = encoder.parse(text)
    embedding = encoder.embed_terms(terms).sum(axis=0)
    if not embedding.any():
        raise EsprError(f"'{text}' cancels itself out")
    profile = None
    if model is not None:
        profile = unit(model.profile(embedding))
    is_negative = all(term.weight < 0 for term in terms if term.known)
    nearest, in_scores = _nearest(encoder, -embedding if is_negative else embedding, terms)
    axes = encoder.vectors.axes if isinstance(encoder, WordVectorEncoder) else {}
    return Understanding(
        text=text,
        terms=terms,
        entries=_foreign_entries(text, terms),
        embedding=embedding,
        nearest=() if is_negative else nearest,
        away_from=tuple((word, -cosine) for word, cosine in nearest) if is_negative else (),
        in_scores=() if is_negative else in_scores,
        emotion={name: float(embedding @ axis) for name, axis in axes.items()},
        profile=profile,
    )


def _foreign_entries(text: str, terms: Sequence[Term]) -> tuple[Entry, ...]:
    """The lexicon's entries of the whole text, or of the words that it was read as."""
    words = [word for term in terms for word in term.words]
    keys = [key] if is_foreign(key := " ".join(tokenise(text))) else dict.fromkeys(words)
    entries = (find_entry(key) for key in keys)
    return tuple(entry for entry in entries if entry is not None and not entry.is_english)


def compare(
    encoder: TextEncoder, model: QueryModel | None, one_text: str, other_text: str
) -> Between:
    """Two texts beside each other; raises as :func:`understand` does."""
    one, other = (understand(encoder, model, text) for text in (one_text, other_text))
    middle = unit(one.embedding) + unit(other.embedding)
    nearest, _ = _nearest(encoder, middle, (*one.terms, *other.terms))
    differences: tuple[int, ...] = ()
    if one.profile is not None and other.profile is not None:
        apart = np.abs(one.profile - other.profile)
        differences = tuple(np.argsort(-apart, kind="stable").tolist())
    return Between(
        one=one,
        other=other,
        cosine=float(unit(one.embedding) @ unit(other.embedding)),
        nearest=nearest,
        differences=differences,
    )


def _nearest(
    encoder: TextEncoder, embedding: np.ndarray, terms: Sequence[Term]
) -> tuple[tuple[tuple[str, float], ...], tuple[tuple[str, float], ...]]:
    """English words and foreign terms nearest to ``embedding``, with their cosines."""
    if isinstance(encoder, WordVectorEncoder):
        words: Sequence[str] = encoder.vectors.words
        cosines = encoder.vectors.cosines(embedding, _FREQUENT)
    else:  # it has no vocabulary of its own
        words = describing_words()
        rows = encoder.embed_terms([Term(word, (word,), 1.0, known=True) for word in words])
        cosines = rows @ unit(embedding) / np.linalg.norm(rows, axis=1)
    count = min(_ENOUGH, len(cosines))
    best = np.argpartition(-cosines, count - 1)[:count]
    best = best[np.argsort(-cosines[best], kind="stable")]
    near = [
        (words[row], float(cosines[row]))
        for row in best.tolist()
        if cosines[row] > 0
        and _says_something(words[row])
        and (row < _COMMON or is_foreign(words[row]))
    ]
    own = set().union(*(_forms(word) for term in terms for word in (*term.words, term.text)))
    english = _distinct([one for one in near if not is_foreign(one[0])], own)
    in_scores = _distinct([one for one in near if is_foreign(one[0])], own)
    terms_of_scores = (
        (entry.term, cosine) for word, cosine in in_scores if (entry := find_entry(word))
    )
    return english[:NEAREST], tuple(terms_of_scores)[:NEAREST_IN_SCORES]


def _distinct(near: list[tuple[str, float]], own: set[str]) -> tuple[tuple[str, float], ...]:
    """The first form of each word; none of a word of ``own``."""
    found: list[tuple[str, float]] = []
    for word, cosine in near:
        if not own & _forms(word) and not any(_is_like(word, other) for other in own):
            own = own | _forms(word)
            found.append((word, cosine))
    return tuple(found)


def _is_like(word: str, other: str) -> bool:
    """Whether two words differ in their ending only: "separated", "separation"."""
    stem = next((k for k, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), None)
    stem = min(len(word), len(other)) if stem is None else stem
    return stem >= _STEM and max(len(word), len(other)) - stem <= _ENDING


def _says_something(word: str) -> bool:
    """Neither punctuation nor a word of the grammar."""
    return word[:1].isalpha() and word not in STOP_WORDS and (word,) not in DEGREES


def _forms(word: str) -> set[str]:
    return {word, *bases(word)}


# The JSON document


def words_document(
    encoder: TextEncoder,
    model: QueryModel | None,
    understood: Sequence[Understanding],
    unknown: Sequence[tuple[str, EsprError]] = (),
    between: Between | None = None,
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """What ``espr words --json`` prints: plain lists, dicts and numbers."""
    space = None if model is None else model.space
    return {
        "schema": SCHEMA,
        "text": encoder.name,
        "audio": None if model is None else model.audio.partition("/")[0],
        "space": None if space is None else space.name,
        "taught": 0 if model is None else model.taught,
        "encoders": {"text": encoder.id, "audio": None if model is None else model.audio},
        "terms": [_term_document(one, space) for one in understood]
        + [{"text": text, "known": False, "error": str(error)} for text, error in unknown],
        "between": None if between is None else _between_document(between, space),
        "notes": list(notes),
    }


def _term_document(one: Understanding, space: Space | None) -> dict[str, Any]:
    heard = profile = None
    if space is not None and one.profile is not None:
        heard, profile = heard_as(space, one.profile), named(space, one.profile)
    glossed = [
        {
            "term": entry.term,
            "language": ", ".join(LANGUAGES[language] for language in entry.languages),
            "meaning": list(entry.gloss),
        }
        for entry in one.entries
    ]
    return {
        "text": one.text,
        "known": True,
        "words": [
            {
                "word": term.text,
                "weight": round(term.weight, DIGITS),
                "known": term.known,
                "suggestions": list(term.suggestions),
                "read_as": list(term.words),
                "note": term.note,
            }
            for term in one.terms
        ],
        "gloss": glossed[0] if len(glossed) == 1 else None,
        "glosses": glossed,
        "nearest": _nearest_document(one.nearest),
        "away_from": _nearest_document(one.away_from),
        "nearest_in_scores": _nearest_document(one.in_scores),
        "emotion": {name: _number(value) for name, value in one.emotion.items()} or None,
        "heard_as": heard,
        "profile": profile,
    }


def _between_document(between: Between, space: Space | None) -> dict[str, Any]:
    one, other = between.one, between.other
    differences = None
    if space is not None and one.profile is not None and other.profile is not None:
        differences = [
            {
                "feature": space.names[row],
                "one": _number(one.profile[row]),
                "other": _number(other.profile[row]),
                "difference": _number(other.profile[row] - one.profile[row]),
            }
            for row in between.differences
        ]
    return {
        "one": one.text,
        "other": other.text,
        "cosine": _number(between.cosine),
        "nearest": _nearest_document(between.nearest),
        "differences": differences,
    }


def _nearest_document(nearest: Sequence[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{"word": word, "cosine": _number(cosine)} for word, cosine in nearest]


def _number(value: float) -> float:
    return round(float(value), DIGITS) + 0.0
