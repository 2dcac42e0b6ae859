"""Indexing without worker processes, for tests of what comes before and after the analysis.

A worker starts in half a second, one that loads torch in three. Workers themselves are tested
in indexing/test_run.py, indexing/test_kills.py, catalog/test_faults.py and cli/test_index.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from espr.indexing.workers import Load, Outcome, Task, analyse


def analyse_here(patch: pytest.MonkeyPatch) -> None:
    """Let ``index_folders`` analyse in this process."""
    patch.setattr("espr.indexing.run.analyse_all", _analyse_all)


def _analyse_all(
    tasks: Sequence[Task], encoder: str, load: Load, jobs: int
) -> Iterator[tuple[Task, Outcome]]:
    if tasks:
        loaded = load(encoder)
        for task in tasks:
            yield task, analyse(loaded, task)
