"""Worker processes that analyse: one per core, one thread and one recording in flight each.

They are spawned, not forked, because the numerical libraries start threads; the thread
counts stand in the environment before a worker imports anything. A worker that crashes,
runs out of memory or takes too long costs one recording and is replaced.
``concurrent.futures`` breaks its whole pool in that case, hence our own.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, replace
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from espr.audio.encoder import Analysis, AudioEncoder
from espr.catalog.models import ScannedFile
from espr.errors import EsprError
from espr.indexing.remote_files import local_file
from espr.indexing.tags import read_tags
from espr.works.tags import Tags

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

# Three minutes of music, 3 MB as MP3, take a second to analyse, by cp-resnet ten. One second for
# 20 kB, and a minute on top, is what only a decoder that hangs will use up.
_LEAST_SECONDS = 60.0
_BYTES_A_SECOND = 20_000
_GRACE = 5.0  # seconds
_FROM_OUTSIDE = {"SIGTERM", "SIGHUP", "SIGINT", "SIGALRM"}  # others are a decoder's own fault
_START_SECONDS = 300.0  # torch from a slow disk takes a tenth
_STILLBORN = 3  # workers in a row that die before they can work, and are replaced

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)

Load = Callable[[str], AudioEncoder]


@dataclass(frozen=True, slots=True)
class Task:
    """A recording to analyse.

    Attributes
    ----------
    hashes : frozenset of str
        Audio hashes that the catalog knows and this may be: then it need not be analysed.
    new_id : int or None
        The id that it gets where it is new, so that ids follow the order of paths, whoever is
        done first.
    """

    source: ScannedFile
    hashes: frozenset[str] = frozenset()
    new_id: int | None = None

    @property
    def limit(self) -> float:
        """Seconds after which the worker is stopped."""
        return _LEAST_SECONDS + self.source.size / _BYTES_A_SECOND


@dataclass(frozen=True, slots=True)
class Analysed:
    """A recording that was analysed."""

    analysis: Analysis
    tags: Tags

    @property
    def audio_hash(self) -> str:
        return self.analysis.audio_hash


@dataclass(frozen=True, slots=True)
class Recognised:
    """A recording whose audio hash is one of the task's."""

    audio_hash: str
    tags: Tags


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A recording that could not be analysed; ``retry`` when the file may not be to blame."""

    reason: str
    retry: bool = False


Outcome = Analysed | Recognised | Unreadable


def core_count() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def analyse_all(
    tasks: Sequence[Task], encoder: str, load: Load, jobs: int
) -> Generator[tuple[Task, Outcome]]:
    """Analyse recordings in ``jobs`` processes; yield each as it is done, in any order.

    Parameters
    ----------
    encoder, load
        Each worker calls ``load(encoder)`` once; ``load`` is a module's function.

    Raises
    ------
    EsprError
        When the encoder cannot be loaded.
    """
    waiting = deque(tasks)
    workers: list[_Worker] = []
    stillborn = 0
    try:
        for _ in range(min(jobs, len(waiting))):
            workers.append(_Worker(encoder, load))
        while waiting or any(worker.task for worker in workers):
            for worker in workers:
                if worker.ready and waiting and not worker.task:
                    worker.give(waiting.popleft())
            ready = wait([w.connection for w in workers], _next_deadline(workers))
            for place, worker in enumerate(workers):
                if worker.connection in ready:
                    done = worker.receive()
                elif worker.busy and time.monotonic() > worker.deadline:
                    done = worker.overdue()
                else:
                    continue
                stillborn = stillborn + 1 if worker.stillborn else 0
                # One may have been killed by accident; several in a row have a reason.
                if stillborn > _STILLBORN:
                    raise EsprError(worker.stillborn)
                if worker.dead and waiting:
                    workers[place] = _Worker(encoder, load)
                if done is not None:
                    yield done
            workers = [worker for worker in workers if not worker.dead]
    finally:
        for worker in workers:
            worker.stop()


class LoneWorker:
    """One worker process that analyses when it is asked to, and is replaced when it dies.

    Not for two threads at once.

    Parameters
    ----------
    encoder, load
        As of :func:`analyse_all`.
    """

    _starting = threading.Lock()  # a start sets environment variables for a moment

    def __init__(self, encoder: str, load: Load) -> None:
        self._load = encoder, load
        self._worker: _Worker | None = None

    def encoder_id(self) -> str:
        """The id of the encoder that the process has loaded.

        Raises
        ------
        EsprError
            When it cannot be loaded.
        """
        return self._started().encoder_id

    def analyse(self, task: Task) -> Outcome:
        """Analyse one recording; raises as :meth:`encoder_id`."""
        worker = self._started()
        worker.give(task)
        done = None
        while done is None:
            done = self._next(worker)
        return done[1]

    def stop(self) -> None:
        """Stop the process; the next recording starts another one."""
        if self._worker is not None:
            self._worker.stop()
            self._worker = None

    def _started(self) -> _Worker:
        worker = self._worker
        for _ in range(_STILLBORN + 1):
            if worker is None or worker.dead:
                with self._starting:
                    worker = self._worker = _Worker(*self._load)
                self._next(worker)
            if worker.ready:
                return worker
        raise EsprError(worker.stillborn if worker else "no worker process was started")

    @staticmethod
    def _next(worker: _Worker) -> tuple[Task, Outcome] | None:
        """What the worker says next, or what it does not say in time."""
        if wait([worker.connection], _next_deadline([worker])):
            return worker.receive()
        return worker.overdue()


class _Worker:
    """The main process's end of one worker process."""

    def __init__(self, encoder: str, load: Load) -> None:
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(
            target=_work, args=(theirs, encoder, load), daemon=True
        )
        self.task: Task | None = None
        self.encoder_id = ""
        self.ready = False
        self.dead = False
        self.stillborn = ""
        self.deadline = time.monotonic() + _START_SECONDS
        with _one_thread(), no_interrupts():
            self.process.start()
        theirs.close()

    @property
    def busy(self) -> bool:
        """Whether it has something to do until ``deadline``."""
        return self.task is not None or not self.ready

    def give(self, task: Task) -> None:
        self.task = task
        self.deadline = time.monotonic() + task.limit
        with suppress(BrokenPipeError):  # a worker that has just died: `receive` finds out
            self.connection.send(task)

    def receive(self) -> tuple[Task, Outcome] | None:
        """What the worker sent: that it is ready, an outcome, or, by its death, that."""
        try:
            message = self.connection.recv()
        except (EOFError, OSError):
            self.process.join(10.0)  # its own end, not ours, is the reason
            self.stop()
            how = _died_of(self.process.exitcode)
            if not self.ready:
                self.stillborn = f"a worker process {how} before it could analyse anything"
                return None
            # Who is killed from outside, as where memory is short, may do better another time.
            killed = how.startswith("was killed")
            return self._done(Unreadable(f"the process that analysed it {how}", retry=killed))
        if isinstance(message, EsprError):
            self.stop()
            raise message
        if not self.ready:
            self.ready, self.encoder_id = True, message
            return None
        return self._done(message)

    def overdue(self) -> tuple[Task, Outcome] | None:
        self.stop()
        if self.task is None:  # it took five minutes, and the next one would
            raise EsprError(f"a worker process was not ready within {_START_SECONDS:.0f} s")
        limit = self.task.limit
        # a drive or a machine that was busy may be to blame, and not the file
        return self._done(Unreadable(f"was not analysed within {limit:.0f} s", retry=True))

    def stop(self) -> None:
        self.dead = True
        self.process.kill()
        self.process.join()
        self.connection.close()

    def _done(self, outcome: Outcome) -> tuple[Task, Outcome] | None:
        task, self.task = self.task, None
        return None if task is None else (task, outcome)


def _next_deadline(workers: Sequence[_Worker]) -> float | None:
    """Seconds to the first deadline."""
    deadlines = [worker.deadline for worker in workers if worker.busy]
    return max(0.0, min(deadlines) - time.monotonic()) + 0.01 if deadlines else None


def _died_of(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        name = signal.Signals(-exit_code).name
        if name == "SIGKILL":
            return f"was killed ({name}: out of memory?)"
        return f"was killed ({name})" if name in _FROM_OUTSIDE else f"crashed ({name})"
    return f"ended with exit code {exit_code}"


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let processes that are started meanwhile compute with one thread each."""
    before = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def no_interrupts() -> Iterator[None]:
    """Let processes that are started meanwhile not see Ctrl-C: the main process stops them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Started with the first process otherwise, and it unblocks SIGINT then (Python 3.11).
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# -- in the worker ---------------------------------------------------------------------------


def _work(connection: Connection, encoder_name: str, load: Load) -> None:
    """A worker's life: load the encoder, then analyse what comes until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _silence_decoders()
    try:
        encoder = load(encoder_name)
    except EsprError as error:
        connection.send(error)
        return
    try:
        connection.send(encoder.id)
        while True:
            task = connection.recv()
            # the main process stops a worker that hangs, unless it was itself killed
            signal.setitimer(signal.ITIMER_REAL, task.limit + _GRACE)
            outcome = analyse(encoder, task)
            signal.setitimer(signal.ITIMER_REAL, 0)
            connection.send(outcome)
    except (EOFError, BrokenPipeError):
        return  # the main process is gone


def _silence_decoders() -> None:
    """Keep what C libraries print off the terminal: mpg123 comments on every damaged frame.

    What matters reaches the user as the reason of the file. ``ESPR_DEBUG`` keeps the comments.
    """
    if not os.environ.get("ESPR_DEBUG"):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)


def analyse(encoder: AudioEncoder, task: Task) -> Outcome:
    """Analyse one recording, or recognise it by its audio."""
    try:
        with local_file(task.source.path) as path:
            return _analyse_file(encoder, task, path)
    except EsprError as error:  # a URL that could not be read
        return Unreadable(str(error), retry=True)


def _analyse_file(encoder: AudioEncoder, task: Task, path: str) -> Outcome:
    """Analyse one recording whose content lies at ``path``."""
    from espr.audio.decode import audio_hash

    source = task.source
    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        return Unreadable(f"cannot be opened: {error.strerror}", retry=True)
    try:
        tags = _with_cue(read_tags(path), source.cue, whole=source.whole)
        if task.hashes:
            audio = audio_hash(path, source.start, source.end)
            if audio in task.hashes:
                return Recognised(audio, tags)
        return Analysed(encoder.hear(path, source.start, source.end), tags)
    except EsprError as error:
        return Unreadable(str(error), retry=_went_away(path))
    except MemoryError:
        return Unreadable("needs more memory than there is", retry=True)
    except Exception as error:  # a defect in a decoder or in ESPR costs one recording, not all
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return Unreadable(f"could not be analysed: {reason}")


def _went_away(path: str) -> bool:
    """Whether a file that could not be analysed cannot even be read: a drive went off meanwhile."""
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 1))
            return len(file.read(1)) < min(1, size)
    except OSError:
        return True


def _with_cue(tags: Tags, cue: Tags | None, *, whole: bool) -> Tags:
    """A CUE sheet's word about its track; the file's own for what concerns the album.

    Where the track is a ``whole`` file, the file's own word, and the sheet's for the rest.
    """
    if cue is None:
        return tags
    of_track = {"title", "work", "movement", "movement_number", "work_id", "track"}
    if whole:
        of_track, tags, cue = set(), cue, tags
    inherited: dict[str, Any] = {
        field.name: getattr(tags, field.name)
        for field in fields(Tags)
        if field.name not in of_track and not getattr(cue, field.name)
    }
    return replace(cue, **inherited)
