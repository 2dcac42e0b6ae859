"""Indexing killed at random moments, the main process or a worker: nothing finished is lost.

``python -m tests.soak_kills [KILLS [RECORDINGS]]``, as ``make soak`` runs it, prints as JSON what
was done. After each death of the main process the library must be whole, hold every recording that
was announced as done, and the next run must go on; complete, it must equal that of a run that
nobody disturbed.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from espr.catalog.catalog import Catalog
from espr.catalog.connection import remove_files
from espr.indexing.plan import Event
from espr.indexing.run import Listener, index_folders
from espr.maintenance.check import check
from tests.fake_encoder import load
from tests.signals import write_phrase

REPOSITORY = Path(__file__).parent.parent
WORKERS = 2


def make_music(folder: Path, recordings: int) -> None:
    """Short takes of pieces by five pianists; one in ten is a copy of another."""
    folder.mkdir()
    for number in range(recordings):
        piece, pianist = divmod(number, 5)
        name = f"piece{piece}_{('Arrau', 'Brendel', 'Cortot', 'Hess', 'Ney')[pianist]}.wav"
        write_phrase(folder / name, 1.2, number - number % 10 // 9)


def dump(library: Path) -> list[tuple]:
    """All that a library says, without row numbers, in a fixed order."""
    with Catalog.open(library) as catalog:
        slugs = catalog.slugs()
        recordings = catalog.recordings()
        paths = {one.id: one.path for one in recordings}
        return sorted(
            (
                *(one.path, one.start, one.duration, one.audio_hash, one.performer, one.title),
                *(one.rule, slugs.get(one.id), one.encoder, paths.get(one.duplicate_of or -1)),
                catalog.windows(one.id).features.tobytes(),
            )
            for one in recordings
        )


class Run:
    """An index in a process of its own."""

    def __init__(self, music: Path, library: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak_kills", "index", music, library],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def workers(self) -> list[int]:
        """The processes that hear: those that were spawned."""
        found = []
        with suppress(OSError):
            task = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
            for child in Path(task).read_text().split():
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(int(child))
        return found

    def end(self) -> tuple[set[str], int]:
        """The paths announced as done, and the exit code, once the process has ended."""
        out, err = self.process.communicate(timeout=300)
        # A worker whose main process is gone may say so. All else that may be said: that four
        # workers in a row were killed at their start.
        if err and self.process.returncode != -signal.SIGKILL:
            assert b"before it could analyse anything" in err.splitlines()[-1], err.decode()
        # the last line may be half a line
        done = {os.fsdecode(line) for line in out.split(b"\n")[:-1]}
        return done, self.process.returncode


def soak(kills: int, recordings: int, folder: Path, seed: int = 0) -> Counter[str]:
    """Index ``recordings`` files again and again, killing ``kills`` times; count what happened."""
    generator = random.Random(seed)
    music, library = folder / "music", folder / "library.espr"
    make_music(music, recordings)
    started = time.monotonic()
    assert Run(music, folder / "undisturbed.espr").end()[1] == 0
    length = time.monotonic() - started
    expected = dump(folder / "undisturbed.espr")
    assert len(expected) == recordings
    counts: Counter[str] = Counter(recordings=recordings)
    finished: set[str] = set()
    while counts["kills"] < kills or not counts["libraries checked"]:
        done, code = _disturbed(Run(music, library), length, generator, counts, kills)
        finished |= done
        _check(library, finished, counts)
        if code == 0:
            assert dump(library) == expected
            counts["completed"] += 1
            remove_files(library)
            finished = set()
    for _ in range(3):  # what a killed worker cost is heard by the next run
        done, code = Run(music, library).end()
        if code == 0:
            break
    assert code == 0
    _check(library, finished | done, counts)
    assert dump(library) == expected
    counts["completed"] += 1
    return counts


def _disturbed(
    run: Run, length: float, generator: random.Random, counts: Counter[str], kills: int
) -> tuple[set[str], int]:
    """Kill workers, and in most runs the main process, at random moments."""
    end = time.monotonic() + generator.uniform(0.05, 1.2) * length
    while run.process.poll() is None and time.monotonic() < end:
        time.sleep(generator.uniform(0.0, 0.25) * length)
        workers = run.workers()
        if workers and generator.random() < 0.2 and counts["kills"] < kills:
            with suppress(ProcessLookupError):
                os.kill(generator.choice(workers), signal.SIGKILL)
                counts["kills"] += 1
                counts["workers killed"] += 1
    if run.process.poll() is None and generator.random() < 0.9 and counts["kills"] < kills:
        run.process.kill()
        counts["kills"] += 1
        counts["main processes killed"] += 1
    return run.end()


def _check(library: Path, finished: set[str], counts: Counter[str]) -> None:
    """What was announced is there, and what is there is whole."""
    if not library.exists():  # killed before it was made
        assert not finished
        counts["killed before there was a library"] += 1
        return
    report = check(library)
    assert not report.problems, report.problems
    with Catalog.open(library) as catalog:
        there = {one.path for one in catalog.recordings()}
    assert finished <= there, sorted(finished - there)
    counts["libraries checked"] += 1
    counts["finished recordings found"] += len(finished)


class _Announcer(Listener):
    def happened(self, event: Event) -> None:
        if event.kind == "indexed":
            sys.stdout.buffer.write(os.fsencode(event.path) + b"\n")
            sys.stdout.buffer.flush()


def main() -> None:
    if sys.argv[1:2] == ["index"]:
        summary = index_folders(
            [sys.argv[2]], sys.argv[3], encoder="fake", load=load, jobs=WORKERS,
            listener=_Announcer(),
        )  # fmt: skip
        sys.exit(summary.exit_code)
    given = [int(number) for number in sys.argv[1:3]]
    kills, recordings = given + [200, 300][len(given) :]
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        counts = soak(kills, recordings, Path(folder))
    print(json.dumps({**counts, "seconds": round(time.monotonic() - started)}))


if __name__ == "__main__":
    main()
