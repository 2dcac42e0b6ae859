"""A library that sounds, and commands on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sounding_library import add_hostile, build_sounding
from tests.synthetic_library import Builder, understand_poles
from tests.typed import Espr


@pytest.fixture
def builder(tmp_path: Path) -> Iterator[Builder]:
    builder = build_sounding(tmp_path)
    yield builder
    builder.close()


@pytest.fixture
def espr(builder: Builder, monkeypatch: pytest.MonkeyPatch, capsys) -> Espr:
    monkeypatch.setenv("ESPR_LIBRARY", str(builder.path))
    monkeypatch.setenv("COLUMNS", "80")
    understand_poles(monkeypatch)
    return Espr(monkeypatch, capsys)


@pytest.fixture
def hostile(builder: Builder) -> Builder:
    add_hostile(builder)
    return builder
