"""Fixtures of several test files."""

from __future__ import annotations

import gc
import logging

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from espr.cli.app import main
from tests.browser import browser, open_page
from tests.synthetic_evaluation import heard, write_data_set

__all__ = ["browser", "open_page"]

# The same examples every time, however slow the machine is: a change is judged by what it changes.
# --hypothesis-profile default looks for new ones.
settings.register_profile(
    "same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("same")

# Where nothing was ever drawn, fonts are looked for first, and a line says so after 5 s.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)


def pytest_collection_finish() -> None:
    """What was imported for all tests stays: let no collection look through it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def game(tmp_path, monkeypatch):
    monkeypatch.setenv("ESPR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))  # no model that its user added
    monkeypatch.setenv("COLUMNS", "80")
    return write_data_set(tmp_path / "con-espressione")


@pytest.fixture
def described_music(game, tmp_path):
    """A CSV file of described recordings."""
    rng = np.random.default_rng(1)
    lines = ["audio,text"]
    for number in range(30):
        profile = rng.normal(size=12)
        heard(tmp_path / "music" / f"{number}.mp3", profile)
        lines.append(f"{number}.mp3,{'fast' if profile[7] > 0 else 'slow, sad'}")
    (tmp_path / "music" / "reviews.csv").write_text("\n".join(lines))
    return tmp_path / "music"


@pytest.fixture
def run_evaluate(game, monkeypatch, capsys):
    """Run `espr evaluate` with arguments; its output, and the error when it leaves with 2."""

    def run(*arguments, fails=False):
        monkeypatch.setattr("sys.argv", ["espr", "evaluate", "--data-dir", str(game), *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        output = capsys.readouterr()
        assert left.value.code == (2 if fails else 0), output.err
        return output.err if fails else output.out

    return run
