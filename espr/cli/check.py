"""``espr check``: is the library intact?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from espr.cli.options import Json, LibraryFile

if TYPE_CHECKING:
    from espr.maintenance.check import Report

_LISTED = 10  # paths of one kind; --json lists all


def check(
    as_json: Json = False,
    library: LibraryFile = None,
) -> None:
    """Check the library's file, every checksum in it, its caches, and the recordings' files.

    Nothing is changed. The exit code is 12 when the library is damaged; files that
    are missing or have changed are not damage: the next espr index brings them up to date.
    """
    from espr.maintenance import check as integrity

    report = integrity.check(library)
    if as_json:
        from espr.cli.output.json_csv import json_text

        print(json_text(report.document(), sys.stdout))
    else:
        _print(report)
    raise typer.Exit(report.exit_code)


def _print(report: Report) -> None:
    from espr.cli.output.terminal_safe import clean, counted

    counts = [counted(report.recordings, "recording"), counted(report.pieces, "piece")]
    if report.unreadable:
        counts.append(counted(report.unreadable, "unreadable file"))
    known = ": " + ", ".join(counts) if report.recordings or not report.problems else ""
    print(clean(report.path) + known)
    for problem in report.problems:
        print(f"damaged: {clean(problem)}")
    print("run: espr repair" if report.problems else "no damage found")
    for notice in report.notices:
        print(clean(notice.what))
        for path in notice.paths[:_LISTED]:
            print(f"   {clean(path)}")
        if len(notice.paths) > _LISTED:
            print(f"   … and {len(notice.paths) - _LISTED} more (espr check --json lists all)")
