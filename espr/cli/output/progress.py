"""How ``espr index`` shows what it does: a bar, a few lines, or JSON Lines."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from espr.audio.encoder import BASELINE, DEFAULT_AUDIO
from espr.cli.output.console import console
from espr.cli.output.json_csv import json_text
from espr.cli.output.terminal_safe import clean, counted
from espr.indexing.plan import KINDS, Event, Plan
from espr.indexing.run import Listener, Summary

if TYPE_CHECKING:
    from rich.progress import Progress

UNREADABLE_LINES = 20
NAMED = 3  # paths of a manifest in one line


class Report(Listener):
    """What a person reads; this one prints nothing until the end.

    Parameters
    ----------
    quiet : bool
        Only what could not be read.
    dry_run : bool
        Nothing was done: say so.
    """

    def __init__(self, *, quiet: bool, dry_run: bool) -> None:
        self._quiet = quiet
        self._dry_run = dry_run
        self._unreadable: list[Event] = []

    def planned(self, plan: Plan, encoder: str, jobs: int) -> None:
        if self._quiet:
            return
        if plan.without_notes:
            have, them = ("has", "it") if plan.without_notes == 1 else ("have", "them")
            say(
                f"{_recordings(plan.without_notes)} {have} no notes stored, by which pieces are "
                f"recognised; {encoder} will analyse {them} again"
            )
        for before, count in plan.reindex.items():
            were, will = ("was", "it") if count == 1 else ("were", "they")
            say(
                f"{_recordings(count)} {were} analysed by {before}; {will} will be analysed "
                f"again by {encoder}"
            )

    def noticed(self, line: str) -> None:
        if not self._quiet:
            say(clean(line))

    def happened(self, event: Event) -> None:
        if event.kind == "unreadable":
            self._unreadable.append(event)
        elif self._dry_run and not self._quiet and event.kind != "unchanged":
            print(f"would be {event.kind}: {clean(event.path)}{_at(event)}")

    def finish(self, summary: Summary) -> None:
        """Say what was done, what was not, and why."""
        for event in self._unreadable[:UNREADABLE_LINES]:
            say(f"{clean(event.path)}{_at(event)}: {clean(event.reason)}")
        more = len(self._unreadable) - UNREADABLE_LINES
        if more > 0:
            say(f"… and {more} more that could not be read (espr index --json lists all)")
        for folder, count in summary.away.items():
            say(
                f"{clean(folder)} seems to be away: {_recordings(count)} kept, but not ranked. "
                "Is the drive mounted? If it is gone for good: espr index FOLDER --forget-away"
            )
        if summary.unmatched:
            shown = ", ".join(clean(path) for path in summary.unmatched[:NAMED])
            more = len(summary.unmatched) - NAMED
            shown += f" and {more} more" if more > 0 else ""
            rows = counted(len(summary.unmatched), "row")
            say(f"{rows} of the manifest without a recording: {shown}")
        if self._quiet:
            return
        for path, reason in list(summary.notes.items())[:UNREADABLE_LINES]:
            say(f"note: {clean(path)}: {clean(reason)}")
        if summary.left_out:
            kinds = (f"{clean(kind)} {count:,}" for kind, count in summary.left_out.most_common())
            say(f"left out, no audio: {' · '.join(kinds)}")
        if summary.not_analysed and not summary.interrupted:
            say(
                f"{_recordings(summary.not_analysed)} elsewhere, not analysed by "
                f"{summary.encoder}: queries leave them out until they are; "
                "index their folders, too"
            )
        would = "would be: " if self._dry_run else ""
        counts = " · ".join(f"{kind} {summary.counts[kind]}" for kind in KINDS)
        console().print(would + counts, soft_wrap=True)
        if summary.interrupted:
            say("interrupted; what was finished is kept, the next run goes on from there")
            return
        name = summary.encoder.partition("/")[0]
        if name == BASELINE != DEFAULT_AUDIO:
            say(
                f"this library is analysed by {summary.encoder}; a new one would be by "
                f"{DEFAULT_AUDIO}. To analyse all again: "
                f"espr index FOLDER --encoder {DEFAULT_AUDIO}"
            )
        if sys.stdout.isatty() and summary.counts["indexed"] and not self._dry_run:
            print('next: espr pieces   or: espr query "shy, delicate" --piece PIECE')


class Lines(Report):
    """For a pipe or a log: one line before, the last line after."""

    def planned(self, plan: Plan, encoder: str, jobs: int) -> None:
        super().planned(plan, encoder, jobs)
        if plan.tasks and jobs and not self._quiet:
            say(f"analysing {len(plan.tasks)} recordings with {jobs} workers")

    def compared(self, done: int, total: int) -> None:
        if done == 1 and not self._quiet:
            say(f"comparing the notes of {_recordings(total)} with those of others")


class Bar(Report):
    """For a terminal: a bar on stderr."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(quiet=False, dry_run=False)
        self._progress = progress
        self._files = 0
        self._seconds = 0.0

    def planned(self, plan: Plan, encoder: str, jobs: int) -> None:
        super().planned(plan, encoder, jobs)
        if plan.tasks:
            self._total = len(plan.tasks)
            self._since = time.monotonic()
            # by bytes: the only measure of length that is known beforehand
            self._task = self._progress.add_task(self._progress_line(), total=plan.size)
            self._progress.start()

    def happened(self, event: Event) -> None:
        super().happened(event)
        if event.size:
            self._files += 1
            self._seconds += event.seconds
            self._progress.update(self._task, advance=event.size, description=self._progress_line())

    def compared(self, done: int, total: int) -> None:
        if done == 1:
            self._comparing = self._progress.add_task("", total=total)
            self._progress.start()
        line = f"{done}/{total}  notes compared with those of others"
        self._progress.update(self._comparing, completed=done, description=line)

    def _progress_line(self) -> str:
        elapsed = time.monotonic() - self._since
        speed = f"{self._seconds / elapsed:.0f} × real time" if self._seconds else "starting"
        return f"{self._files}/{self._total}  {_clock(self._seconds)} of audio  {speed}"


class JsonLines(Report):
    """For a program: one object an event, and a last one with the counts."""

    def happened(self, event: Event) -> None:
        _print(
            {
                "event": event.kind,
                "path": event.path,
                "start": round(event.start, 3),
                "piece": event.piece or None,
                "seconds": round(event.seconds, 3),
                "reason": event.reason or None,
            }
        )

    def finish(self, summary: Summary) -> None:
        _print(
            {
                "event": "summary",
                **{kind: summary.counts[kind] for kind in KINDS},
                "left_out": sum(summary.left_out.values()),
                "left_out_by_suffix": dict(summary.left_out.most_common()),
                "notes": summary.notes,
                "kept": summary.away,
                "away": sum(summary.away.values()),
                "unmatched": summary.unmatched,
                "encoder": summary.encoder,
                "reindexed": summary.reindexed,
                "not_analysed": summary.not_analysed,
                "seconds": round(summary.seconds, 3),
                "interrupted": summary.interrupted,
                "dry_run": self._dry_run,
            }
        )


@contextmanager
def report_to(*, as_json: bool, quiet: bool, dry_run: bool) -> Iterator[Report]:
    """The report that fits what was asked for and where the output goes."""
    if as_json:
        yield JsonLines(quiet=quiet, dry_run=dry_run)
    elif quiet or dry_run or not sys.stderr.isatty():
        yield Lines(quiet=quiet, dry_run=dry_run)
    else:
        progress = _progress()
        try:
            yield Bar(progress)
        finally:
            progress.stop()


def say(line: str) -> None:
    """A line to the person, apart from the result."""
    print(line, file=sys.stderr)


def _progress() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        BarColumn(bar_width=20),
        TextColumn("{task.description}"),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
        console=Console(stderr=True),
        transient=True,
    )


def _print(document: dict[str, Any]) -> None:
    print(json_text(document, sys.stdout), flush=True)


def _recordings(count: int) -> str:
    return f"{count:,} recording" + ("s" if count != 1 else "")


def _at(event: Event) -> str:
    return f" at {_clock(event.start)}" if event.start else ""


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
