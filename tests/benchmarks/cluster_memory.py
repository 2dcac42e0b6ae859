"""Memory of the asking machine and the scheduler over many tasks.

``python -m tests.benchmarks.cluster_memory [TASKS]`` sends TASKS (100,000) recordings, which are
made up, to a cluster of two processes on this machine, whose scheduler lives in this process. It
prints the megabytes that this process holds after each tenth, and processor seconds a task.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import distributed

from espr.catalog.models import ScannedFile
from espr.indexing.cluster import Cluster, analyse_on_cluster
from espr.indexing.workers import Analysed, Task
from tests.bench.growing import inventing


def megabytes() -> int:
    """What this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "piece_Arrau.flac"
        file.touch()
        tasks = [Task(ScannedFile(str(file), float(k), None, 0, 0)) for k in range(count)]
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
        ) as made:
            since, held = time.process_time(), []
            encoder = inventing("")
            outcomes = analyse_on_cluster(
                *(tasks, encoder.name, encoder.id, inventing, Cluster(made.scheduler_address), 2)
            )
            for number, (_, outcome) in enumerate(outcomes, 1):
                assert isinstance(outcome, Analysed), outcome
                if number % max(1, count // 10) == 0:
                    held.append(megabytes())
            spent = time.process_time() - since
    print(json.dumps({"tasks": count, "megabytes": held, "cpu_a_task": round(spent / count, 5)}))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
