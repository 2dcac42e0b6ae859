"""How much of a quality a query asks for: "slightly slow" is not the slowest.

A plain word asks for as much as there is, and equation (1) of Chowdhury & Widmer (2023) ranks: the
cosine sees the direction of a query, never its length. Degrees change that. A small one
("slightly", "a little", "not too", "moderately") sets a *target* t, in standard deviations from
the mean, along the features that it makes up most of: a performance beyond the target counts as one
that falls short of it by as much,

    x' = x - 2 max(0, u x - t) u        u the query's profile in those features, at length 1

and the cosine is taken with x'. The standard deviation is the one within a piece, or that of the
performances compared, along u, where they lie further apart; so that "slightly sad" is a little on
the sad side of these. "Neither fast nor slow" has the target 0. Where every word has a
large degree ("very sad", "as fast as possible"), the ends are asked for: the cosine of each
performance is multiplied by |x| / max |x|, so that what goes furthest comes first, and not what
goes in that direction only. Either way a score is a sum over the features, which are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from espr.query_language.parser import Term
from espr.retrieval.ranking import contributions, cosine, unit

LARGE = 1.5  # a degree from which on the ends are asked for: "very"
_OPPOSED = -0.5  # cosine of the profiles of two words that ask for opposites


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a query asks for beside its direction.

    Attributes
    ----------
    targets : np.ndarray, shape=(d,)
        0 or more; infinite where the more is the better.
    is_extreme : bool
        Whether the ends are asked for.
    furthest : float or None
        The length |x| that counts as all there is; None: that of the longest of those compared.
    origin : np.ndarray, shape=(d,), or None
        The performance from which deviations are counted ("slower than Richter"); None: from the
        mean of the piece.
    spread : float
        By which targets are multiplied: the standard deviation of the performances compared, 1 or
        more.
    """

    targets: np.ndarray
    is_extreme: bool = False
    furthest: float | None = None
    origin: np.ndarray | None = None
    spread: float = 1.0

    @property
    def is_plain(self) -> bool:
        """Whether equation (1) ranks as it stands."""
        is_changed = self.is_extreme or self.origin is not None
        return not is_changed and bool(np.isinf(self.targets).all())

    def deviations(self, profiles: np.ndarray) -> np.ndarray:
        """Profiles or windows, shape=(n, d), as deviations from the origin."""
        return profiles if self.origin is None else profiles - self.origin

    def aimed(self, query: np.ndarray, profiles: np.ndarray) -> np.ndarray:
        """Profiles, shape=(n, d), with what lies beyond a target turned back."""
        along, target = self._aim(query)
        if not along.any():
            return profiles
        beyond = np.maximum(0.0, profiles @ along - self.spread * target)
        turned: np.ndarray = profiles - 2 * beyond[:, None] * along
        return turned

    def among(self, query: np.ndarray, profiles: np.ndarray) -> Amounts:
        """The amounts for the performances compared, shape=(n, d), as wide as they lie apart."""
        along, _ = self._aim(query)
        apart = float(np.sqrt(np.mean((self.deviations(profiles) @ along) ** 2)))
        return replace(self, spread=max(1.0, apart))

    def _aim(self, query: np.ndarray) -> tuple[np.ndarray, float]:
        """The direction, shape=(d,), in which there is a target, and the target."""
        along = unit(np.where(np.isfinite(self.targets), query, 0.0))
        aimed = np.flatnonzero(along)
        return along, float(np.square(along[aimed]) @ self.targets[aimed])

    def contributions(self, query: np.ndarray, profiles: np.ndarray) -> np.ndarray:
        """What each feature adds to the scores, shape=(n, d); their sums are the scores."""
        parts = contributions(query, self.aimed(query, profiles))
        if self.is_extreme:
            lengths = np.linalg.norm(profiles, axis=1)
            furthest = self.furthest or lengths.max() or 1.0
            parts = parts * (lengths / furthest)[:, None]
        return parts

    def scores(self, query: np.ndarray, profiles: np.ndarray) -> np.ndarray:
        """The scores of profiles, shape=(n, d) to (n,), in [-1, 1]."""
        if self.is_plain:
            return cosine(query, profiles)
        scores: np.ndarray = self.contributions(query, profiles).sum(axis=1).clip(-1.0, 1.0)
        return scores


def query_amounts(terms: Sequence[Term], parts: np.ndarray) -> Amounts:
    """The amounts that terms ask for, of which ``parts``, shape=(>= terms, d), are the profiles.

    A feature has a target when terms with one make up most of it; theirs are averaged.
    """
    sizes = np.abs(parts)
    own = np.array([np.inf if term.target is None else term.target for term in terms])
    aimed = np.flatnonzero(np.isfinite(own))
    targets = np.full(parts.shape[1], np.inf)
    if len(aimed):
        share = sizes[aimed].sum(axis=0)
        most = share > sizes.sum(axis=0) / 2
        targets[most] = (own[aimed] @ sizes[aimed])[most] / share[most]
    known = [term for term in terms if term.known]
    has_likeness = len(parts) > len(terms)
    is_extreme = not has_likeness and all(abs(term.weight) >= LARGE for term in known)
    is_extreme = is_extreme and bool(known)
    return Amounts(targets, is_extreme)


def between_opposites(
    terms: Sequence[Term], parts: np.ndarray
) -> tuple[tuple[Term, ...], np.ndarray]:
    """ "Neither fast nor slow" asks for the middle: one direction, with the target 0.

    Two neighbours that are both negated, and whose profiles are opposed, would cancel out.
    """
    read, parts = list(terms), parts.copy()
    for at in range(len(read) - 1):
        one, other = read[at], read[at + 1]
        is_pair = one.weight < 0 and other.weight < 0 and one.known and other.known
        if is_pair and unit(parts[at]) @ unit(parts[at + 1]) < _OPPOSED:
            parts[at], parts[at + 1] = (parts[at] - parts[at + 1]) / 2, 0.0
            read[at] = replace(one, target=0.0)
            read[at + 1] = replace(other, target=0.0)
    return tuple(read), parts
