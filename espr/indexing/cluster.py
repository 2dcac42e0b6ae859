"""Recordings analysed by the workers of a Dask cluster; this machine alone writes the library.

A few tasks a thread are in flight, of some recordings each, so that neither the scheduler nor this
machine holds more than that of a collection of any size. What one worker cannot do is tried on
others; a worker with another version of ESPR, or of the encoder, gets nothing to do. Dask: Rocklin,
SciPy 2015.
"""

from __future__ import annotations

import logging
import os
import queue
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import espr
from espr.catalog.away import lies_in
from espr.errors import EsprError
from espr.indexing.cluster_worker import analyse_messages, worker_version
from espr.indexing.messages import read_outcome, task_message
from espr.indexing.workers import Load, Outcome, Task, Unreadable, no_interrupts

LOCAL = "local"  # a cluster of this machine's cores
_IN_FLIGHT = 2  # tasks a thread: the next one is there when one is done
_MOST_A_TASK = 16  # recordings; fewer where fewer are left, so that all threads end together
_SHARES = 8  # tasks a thread that are left then, at least
_TRIES = 3  # workers that are asked for one recording
_JOIN_SECONDS = 60.0  # until the first worker must be there
_CONNECT_SECONDS = 10.0  # until the scheduler must have answered
_LOOK_SECONDS = 5.0  # between two looks at who is there
_GATHER_SECONDS = 60.0  # until a result must have come


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where recordings are analysed.

    Attributes
    ----------
    address : str
        Of a scheduler, ``tcp://host:8786`` or ``tls://…``, or ``LOCAL``.
    maps : sequence of (str, str)
        A folder here, and where workers see it.
    """

    address: str
    maps: Sequence[tuple[str, str]] = ()

    def path_there(self, path: str) -> str:
        """Where workers see a file."""
        for here, there in self.maps:
            if lies_in(path, [here]):
                return there + path[len(here) :]
        return path


def parse_map(text: str) -> tuple[str, str]:
    """``/mnt/a=/data/a`` as it is typed.

    Raises
    ------
    EsprError
    """
    here, equals, there = text.partition("=")
    if not (equals and os.path.isabs(here) and (os.path.isabs(there) or "://" in there)):
        raise EsprError(f"{text!r} maps no folder; write /mnt/a=/data/a: here, and on the workers")
    return here.rstrip(os.sep), there.rstrip(os.sep)


def analyse_on_cluster(
    tasks: Sequence[Task],
    encoder: str,
    encoder_id: str,
    load: Load,
    cluster: Cluster,
    jobs: int,
    say: Callable[[str], None] = lambda line: None,
) -> Generator[tuple[Task, Outcome]]:
    """Analyse recordings on a cluster; yield each as it is done, in any order, and once.

    Parameters
    ----------
    encoder, load
        Each worker calls ``load(encoder)``, of which the id must be ``encoder_id``.
    jobs : int
        Workers of a local cluster.
    say : callable
        Gets one line: where the dashboard is, or which worker is refused and why.

    Raises
    ------
    EsprError
        When the scheduler cannot be reached, goes away, or has no worker that may be asked.
    """
    if not tasks:
        return
    with _connect(cluster.address, min(jobs, len(tasks))) as client:
        say(f"Dask's dashboard: {client.dashboard_link}")
        run = _Run(client, cluster, encoder, encoder_id, load, say)
        run.refuse_other_versions()
        try:
            yield from run.outcomes(tasks)
        finally:
            run.cancel()


@dataclass
class _Sent:
    """A recording, and the workers that could not do it.

    Attributes
    ----------
    alone : bool
        Whether it is sent without others, since something went wrong.
    """

    task: Task
    tried: set[str] = field(default_factory=set)
    last: Outcome | None = None
    alone: bool = False


class _Run:
    """One run of tasks on a cluster."""

    def __init__(
        self,
        client: Any,
        cluster: Cluster,
        encoder: str,
        encoder_id: str,
        load: Load,
        say: Callable[[str], None],
    ) -> None:
        self._client = client
        self._cluster = cluster
        self._versions = {
            "espr": espr.__version__,
            "encoder": encoder,
            "encoder_id": encoder_id,
        }
        self._load = load
        self._say = say
        self._in_flight: dict[str, tuple[Any, list[_Sent]]] = {}
        self._done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._refused: dict[str, str] = {}
        self._threads: dict[str, int] = {}  # of each worker, by address
        self._looked = float("-inf")

    def refuse_other_versions(self) -> None:
        """Ask every worker for its version; those without ESPR cannot even say that."""
        found = self._client.run(worker_version, on_error="return")
        for address, version in found.items():
            if version != espr.__version__:
                is_text = isinstance(version, str)
                self._refuse(address, f"has ESPR {version}" if is_text else f"has none: {version}")

    def outcomes(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Outcome]]:
        """Send and receive until all is done."""
        waiting = deque(_Sent(task) for task in tasks)
        while waiting or self._in_flight:
            while waiting and len(self._in_flight) < _IN_FLIGHT * max(1, self._count_threads()):
                some = self._next(waiting)
                if not self._send(some):
                    for sent in some:
                        yield sent.task, sent.last or Unreadable("no worker could analyse it", True)
            for sent, outcome in self._receive():
                if outcome is None:  # to be tried again
                    waiting.appendleft(sent)
                else:
                    yield sent.task, outcome

    def _next(self, waiting: deque[_Sent]) -> list[_Sent]:
        """The recordings of the next task."""
        share = len(waiting) // (_SHARES * max(1, self._count_threads()))
        some = [waiting.popleft()]
        while len(some) < min(share, _MOST_A_TASK) and not (some[0].alone or waiting[0].alone):
            some.append(waiting.popleft())
        return some

    def cancel(self) -> None:
        """Let the workers forget what is in flight."""
        with suppress(Exception):  # the scheduler may be what is gone
            self._client.cancel([future for future, _ in self._in_flight.values()])
        self._in_flight.clear()

    def _send(self, some: Sequence[_Sent]) -> bool:
        """Submit a task; False where no worker is left that may try it."""
        from distributed.client import ClosedClientError

        among, tried = None, some[0].tried
        if tried or self._refused:
            self._look()
            among = [one for one in self._threads if one not in {*tried, *self._refused}]
            if not among:
                if not tried and self._refused:
                    raise EsprError(
                        "no worker may analyse: "
                        + "; ".join(f"{one} {why}" for one, why in self._refused.items())
                    )
                return False
        tasks = [
            task_message(sent.task, self._cluster.path_there(sent.task.source.path))
            for sent in some
        ]
        message = {**self._versions, "tasks": tasks}
        # not pure: Dask would take the same call for done
        try:
            future = self._client.submit(
                analyse_messages, message, self._load, pure=False, workers=among
            )
        except ClosedClientError as error:
            raise self._gone() from error
        self._in_flight[future.key] = future, list(some)
        future.add_done_callback(self._done.put)
        return True

    def _receive(self) -> list[tuple[_Sent, Outcome | None]]:
        """What became of the next task: outcomes, None where a recording is to be tried again.

        Nothing where nothing came meanwhile, or what came had come before.
        """
        try:
            future = self._done.get(timeout=1.0)
        except queue.Empty:
            if self._client.status == "closed":  # it could not connect again
                raise self._gone() from None
            return []
        if future.key not in self._in_flight:
            return []
        _, some = self._in_flight[future.key]
        if future.status == "cancelled":
            raise self._gone()
        if future.status == "error":
            del self._in_flight[future.key]
            return self._failed(some, future)
        try:
            answer = future.result(timeout=_GATHER_SECONDS)
        except TimeoutError:  # its worker died with it, and it is analysed once more
            self._done.put(future)
            return []
        except Exception as error:
            raise self._gone() from error
        del self._in_flight[future.key]
        if "refused" in answer:
            self._refuse(answer["worker"], answer["refused"])
            return [(sent, None) for sent in some]
        outcomes = map(read_outcome, answer["outcomes"])
        return [
            (sent, _judged(sent, outcome, answer["worker"]))
            for sent, outcome in zip(some, outcomes, strict=True)
        ]

    def _failed(self, some: Sequence[_Sent], future: Any) -> list[tuple[_Sent, Outcome | None]]:
        """What became of a task that raised: the workers died, or cannot run it at all."""
        from distributed.scheduler import KilledWorker

        error = future.exception()
        if isinstance(error, KilledWorker):
            if len(some) == 1:
                died = Unreadable("the workers that analysed it died", retry=True)
                return [(some[0], died)]
            for sent in some:  # one of them did it
                sent.alone = True
            return [(sent, None) for sent in some]
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise EsprError(f"a worker of {self._cluster.address} cannot analyse: {reason}")

    def _gone(self) -> EsprError:
        return EsprError(
            f"the scheduler {self._cluster.address} is gone; what was analysed is stored. "
            "Run the command again when it is back"
        )

    def _refuse(self, address: str, why: str) -> None:
        if address not in self._refused:
            self._refused[address] = why
            self._say(f"worker {address} gets nothing to do: it {why}")

    def _count_threads(self) -> int:
        self._look()
        return sum(count for one, count in self._threads.items() if one not in self._refused)

    def _look(self) -> None:
        """See who is there, now and then."""
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return
        try:
            workers = self._client.scheduler_info(n_workers=-1)["workers"]
        except OSError as error:
            raise self._gone() from error
        self._threads = {address: one["nthreads"] for address, one in workers.items()}
        self._looked = time.monotonic()


def _judged(sent: _Sent, outcome: Outcome, worker: str) -> Outcome | None:
    """The outcome that counts; None where another worker is to try."""
    if isinstance(outcome, Unreadable) and outcome.retry:
        sent.tried.add(worker)
        sent.alone = True
        sent.last = Unreadable(f"{outcome.reason} (on {worker})", retry=True)
        return None if len(sent.tried) < _TRIES else sent.last
    return outcome


@contextmanager
def _connect(address: str, jobs: int) -> Iterator[Any]:
    """A client of a scheduler that has workers; of one that is made for this, if ``LOCAL``."""
    try:
        from distributed import Client, LocalCluster
        from distributed.comm import get_address_host_port
    except ImportError as error:
        raise EsprError('Dask needs an extra; run: pip install "espr[cluster]"') from error
    if not os.environ.get("ESPR_DEBUG"):
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
    made = None
    try:
        if address == LOCAL:
            with no_interrupts():  # as those of our own: this process stops them
                made = LocalCluster(
                    n_workers=jobs,
                    threads_per_worker=1,
                    memory_limit=0,
                    dashboard_address="127.0.0.1:0",
                    silence_logs=logging.CRITICAL,
                )
        try:
            if made is None:
                get_address_host_port(address)  # a wrong one fails before a Client is made
            client = Client(made or address, set_as_default=False, timeout=_CONNECT_SECONDS)
        except (OSError, ValueError, TypeError) as error:
            reason = " ".join(str(error).split())
            raise EsprError(f"no Dask scheduler answers at {address}: {reason}") from error
        try:
            client.wait_for_workers(1, timeout=_JOIN_SECONDS)
            yield client
        except TimeoutError as error:
            raise EsprError(
                f"no worker has joined the scheduler {address} within {_JOIN_SECONDS:.0f} s"
            ) from error
        finally:
            client.close()
    finally:
        if made is not None:
            made.close()
