"""What runs on a worker of a Dask cluster: messages of tasks in, of their outcomes out.

Dask cannot stop a task. The decoding is done in a process of its own, one for each thread of the
worker, as :mod:`espr.indexing.workers` does it: what hangs or crashes costs one recording there,
too. The process is stopped when nothing came for a while.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import current_process

import espr
from espr.errors import EsprError
from espr.indexing.messages import Message, outcome_message, read_task
from espr.indexing.workers import Load, LoneWorker

IDLE_SECONDS = 60.0  # until a process that has nothing to do is stopped
_of_thread = threading.local()


def worker_version() -> str:
    """The version of ESPR that a worker has."""
    return espr.__version__


def analyse_messages(message: Message, load: Load) -> Message:
    """Analyse some recordings; ``refused`` tells why this worker must not.

    Parameters
    ----------
    message : dict
        ``tasks`` as :func:`espr.indexing.messages.task_message` makes them, ``espr``, ``encoder``
        and ``encoder_id``: the version and the encoder that the asking machine has.
    """
    from distributed import get_worker

    address = get_worker().address
    if espr.__version__ != message["espr"]:
        return {"worker": address, "refused": f"has ESPR {espr.__version__}"}
    try:
        process = _process(message["encoder"], load)
        with process.in_use():
            if process.encoder_id() != message["encoder_id"]:
                return {"worker": address, "refused": f"has the encoder {process.encoder_id()}"}
            tasks = (read_task(task) for task in message["tasks"])
            outcomes = [outcome_message(process.analyse(task)) for task in tasks]
    except EsprError as error:
        return {"worker": address, "refused": f"cannot load the encoder: {error}"}
    return {"worker": address, "outcomes": outcomes}


class _IdleWorker(LoneWorker):
    """A process that is stopped when it was not used for a while."""

    def __init__(self, encoder: str, load: Load) -> None:
        super().__init__(encoder, load)
        self.key = encoder, load
        self._lock = threading.Lock()
        self._used = 0.0
        self._timer: threading.Timer | None = None

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Do not stop it meanwhile."""
        with self._lock:
            try:
                yield
            finally:
                self._used = time.monotonic()
                if self._timer is not None:  # short tasks would leave hundreds of threads
                    self._timer.cancel()
                self._timer = threading.Timer(IDLE_SECONDS, self._stop_if_idle)
                self._timer.daemon = True
                self._timer.start()

    def _stop_if_idle(self) -> None:
        with self._lock:
            if time.monotonic() - self._used >= IDLE_SECONDS:
                self.stop()


def _process(encoder: str, load: Load) -> _IdleWorker:
    """The process of this thread."""
    # Dask starts workers as daemons, which the standard library lets have no children. Ours end
    # by themselves when the worker does, however it ends: their pipe closes.
    current_process()._config["daemon"] = False  # type: ignore[attr-defined]
    # Dask sets this for its workers; with it memory goes back to the system after every step, and
    # analysing takes twice the time.
    os.environ.pop("MALLOC_TRIM_THRESHOLD_", None)
    process: _IdleWorker | None = getattr(_of_thread, "process", None)
    if process is None or process.key != (encoder, load):
        if process is not None:
            process.stop()
        process = _of_thread.process = _IdleWorker(encoder, load)
    return process
