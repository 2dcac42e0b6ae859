"""Smoothing agrees with SciPy's filters, which it is made after."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from espr.audio.melody import _whitening
from espr.audio.onsets import highest_of_three
from espr.smoothing import highest_around, mean_around, smooth


@pytest.mark.parametrize("length", [1, 2, 5, 40, 1_503])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_series_are_smoothed_as_by_scipy(length: int, kind: type) -> None:
    values = np.random.default_rng(length).uniform(size=length).astype(kind)
    for found, wanted in (
        (smooth(values, 2.0, reflect=True), ndimage.gaussian_filter1d(values, 2.0)),
        (
            smooth(values, 3.0, reflect=False),
            ndimage.gaussian_filter1d(values, 3.0, mode="constant"),
        ),
        (mean_around(values, 9, 7), ndimage.uniform_filter1d(values, 17, origin=1)),
        (highest_around(values, 3), ndimage.maximum_filter1d(values, 7)),
    ):
        assert found.dtype == kind
        np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_bands_are_compared_with_those_around_as_by_scipy() -> None:
    bands = np.random.default_rng(0).uniform(size=(20, 149)).astype(np.float32)
    np.testing.assert_array_equal(
        highest_of_three(bands), ndimage.maximum_filter1d(bands, 3, axis=1)
    )
    np.testing.assert_allclose(
        bands @ _whitening(), bands - ndimage.uniform_filter1d(bands, 25, axis=1), atol=1e-6
    )
