"""``espr repair``: fix a damaged library."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from espr.cli.options import Json, LibraryFile

if TYPE_CHECKING:
    from espr.maintenance.repair import Repair

_LISTED = 20


def repair(
    as_json: Json = False,
    library: LibraryFile = None,
) -> None:
    """Fix the library: keep every intact recording, and list those to be analysed again.

    A copy of the damaged library is kept beside it. Stale caches are deleted. If nothing is
    wrong, nothing is changed.
    """
    from espr.maintenance.repair import repair as fix

    outcome = fix(library)
    if as_json:
        from espr.cli.output.json_csv import json_text

        print(json_text(outcome.document(), sys.stdout))
    else:
        _print(outcome)


def _print(outcome: Repair) -> None:
    from espr.cli.output.terminal_safe import clean, counted

    for problem in outcome.problems:
        print(f"damaged: {clean(problem)}")
    for done in outcome.done:
        print(clean(done))
    if outcome.copy:
        print(f"the library as it was: {clean(outcome.copy)}")
    if not outcome.done:
        print(f"no damage found in {clean(outcome.path)}; nothing was changed")
    if outcome.again:
        print(f"{counted(len(outcome.again), 'recording')} must be analysed again; run: espr index")
        for path in outcome.again[:_LISTED]:
            print(f"   {clean(path)}")
        if len(outcome.again) > _LISTED:
            print(f"   … and {len(outcome.again) - _LISTED} more (--json lists all)")
    if outcome.nameless:
        lost = counted(outcome.nameless, "more recording")
        print(f"{lost} whose file names are lost; run espr index on all your folders")
