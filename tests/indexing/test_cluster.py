"""Recordings analysed by a Dask cluster: as by this machine, whatever happens to its workers."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress

import pytest

import espr
from espr.catalog.catalog import Catalog
from espr.catalog.models import ScannedFile
from espr.encoders import load_audio_encoder
from espr.errors import SOME_UNREADABLE, EsprError
from espr.indexing import cluster as clusters
from espr.indexing import cluster_worker, workers
from espr.indexing.cluster import Cluster, analyse_on_cluster, parse_map
from espr.indexing.messages import outcome_message, read_outcome, read_task, task_message
from espr.indexing.run import Listener, Summary, index_folders
from espr.indexing.workers import Task, Unreadable, analyse
from espr.maintenance.check import check
from espr.works.tags import Tags
from tests import fake_encoder
from tests.analyse_here import analyse_here
from tests.fake_encoder import load
from tests.signals import write_phrase
from tests.soak_kills import dump
from tests.typed import PATIENCE, Espr

distributed = pytest.importorskip("distributed", reason='needs the extra: "espr[cluster]"')
PIANISTS = "Arrau Cortot Fischer Gould Hess Kempff".split()


@contextmanager
def local_cluster(**settings):
    """Two worker processes, and a client that plays tricks on them."""
    import dask

    with (
        dask.config.set({f"distributed.{name}": value for name, value in settings.items()}),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            memory_limit=0,
            dashboard_address="127.0.0.1:0",
            silence_logs=50,
        ) as made,
        distributed.Client(made, set_as_default=False) as client,
    ):
        yield made, client


@pytest.fixture(scope="module")
def client():
    with local_cluster() as (_, client):
        yield client


@pytest.fixture
def music(tmp_path):
    folder = tmp_path / "music"
    folder.mkdir()
    for number, pianist in enumerate(PIANISTS * 2):
        piece = ("aria slow", "fugue slow")[number // len(PIANISTS)]
        write_phrase(folder / f"{piece}_{pianist}.wav", 1.2, number)
    return folder


@pytest.fixture
def library(tmp_path):
    return tmp_path / "library.espr"


class Meanwhile(Listener):
    """Does something once, when the first recording is done."""

    def __init__(self, action=None) -> None:
        self.lines: list[str] = []
        self._action = action

    def noticed(self, line):
        self.lines.append(line)

    def happened(self, event):
        if event.kind == "indexed" and self._action is not None:
            action, self._action = self._action, None
            action()


def address_of(client) -> str:
    return client.scheduler.address


def pids(client) -> dict[str, int]:
    return client.run(os.getpid)


def wait_for_two(client, gone: int) -> None:
    """Until another worker has come for the one whose process is ``gone``."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        there = client.run(os.getpid, on_error="ignore").values()
        if len(there) == 2 and gone not in there:
            return
        time.sleep(0.05)
    raise TimeoutError("no other worker came")


def index(music, library, address, listener=None, **maps) -> Summary:
    cluster = Cluster(address, tuple(maps.items()))
    return index_folders(
        [music], library, encoder="fake", load=load, cluster=cluster, listener=listener
    )


def whole(library, music, tmp_path) -> None:
    """Assert that a library holds all of the music, once, and is as one made here."""
    here = tmp_path / "here.espr"
    with pytest.MonkeyPatch.context() as patch:
        analyse_here(patch)
        patch.setattr(fake_encoder, "SLOW_SECONDS", 0.0)
        index_folders([music], here, encoder="fake", load=load)
    assert dump(library) == dump(here)
    assert check(library).problems == []


def test_it_is_as_if_analysed_here(client, music, library, tmp_path):
    (music / "torn.wav").write_bytes(b"RIFF")
    listener = Meanwhile()
    summary = index(music, library, address_of(client), listener)
    assert (summary.counts["indexed"], summary.exit_code) == (12, SOME_UNREADABLE)
    assert listener.lines[0].startswith("Dask's dashboard: http://")
    whole(library, music, tmp_path)
    with Catalog.open(library) as catalog:
        assert catalog.rows("SELECT id FROM recordings ORDER BY path") == [
            (number,) for number in range(1, 14)
        ]
    assert index(music, library, address_of(client)).counts["unchanged"] == 12


def test_a_worker_that_is_killed_costs_what_was_in_flight(client, music, library, tmp_path):
    victim = min(pids(client).values())
    summary = index(
        *(music, library, address_of(client)), Meanwhile(lambda: os.kill(victim, signal.SIGKILL))
    )
    assert summary.counts["indexed"] == 12
    whole(library, music, tmp_path)
    wait_for_two(client, victim)


def test_what_hangs_or_crashes_costs_one_recording(client, music, library):
    for accident in ("crash", "hang", "defect"):
        write_phrase(music / f"{accident}_Ney.wav", 0.05 if accident == "hang" else 1.2)
    client.run(_limit, 1.0, 1_000)
    summary = index(music, library, address_of(client))
    client.run(_limit, 60.0, 20_000)
    assert (summary.counts["indexed"], summary.counts["unreadable"]) == (12, 3)
    with Catalog.open(library) as catalog:
        rows = catalog.rows("SELECT path, reason FROM recordings WHERE reason != '' ORDER BY path")
    (_, crash), (_, defect), (_, hang) = rows
    assert crash == "the process that analysed it crashed (SIGSEGV)"
    assert "ZeroDivisionError" in defect
    assert re.match(r"was not analysed within 3 s \(on tcp://", hang)  # on the other one, too


def _limit(seconds: float, bytes_a_second: int) -> None:
    """Few seconds for a file of few bytes; the others, of 50 kB, have a minute."""
    workers._LEAST_SECONDS, workers._BYTES_A_SECOND = seconds, bytes_a_second


def test_a_file_that_one_worker_does_not_see(client, music, library, tmp_path):
    first, second = pids(client)
    client.run(_see_nothing, workers=[first])
    try:
        assert index(music, library, address_of(client)).counts["indexed"] == 12
        whole(library, music, tmp_path)
        # where none sees it
        client.run(_see_nothing, workers=[second])
        write_phrase(music / "gigue_Ney.wav", 1.2, 99)
        summary = index(music, library, address_of(client))
        assert summary.counts["unreadable"] == 1
        with Catalog.open(library) as catalog:
            ((reason,),) = catalog.rows("SELECT reason FROM recordings WHERE reason != ''")
        assert reason.startswith("cannot be opened: No such file or directory (on tcp://")
    finally:
        client.run(_see_again)
    assert index(music, library, address_of(client)).counts["indexed"] == 1  # and tried again


def _see_nothing() -> None:
    def elsewhere(message):
        return read_task({**message, "path": b"/nowhere" + message["path"]})

    cluster_worker.read_task = elsewhere


def _see_again() -> None:
    cluster_worker.read_task = read_task


def test_folders_that_lie_elsewhere_on_workers(client, music, library, tmp_path):
    there = tmp_path / "there"
    there.symlink_to(music)
    hidden = tmp_path / "hidden"
    music.rename(hidden)
    music.mkdir()
    for file in hidden.iterdir():  # what is scanned here; the sound lies there
        (music / file.name).write_bytes(b"")
    there.unlink()
    there.symlink_to(hidden)
    summary = index(music, library, address_of(client), **{str(music): str(there)})
    assert summary.counts["indexed"] == 12


def test_workers_of_other_versions_get_nothing_to_do(client, music, library, tmp_path):
    first, second = pids(client)
    client.run(_be_version, "0.0.1", workers=[first])
    try:
        listener = Meanwhile()
        assert index(music, library, address_of(client), listener).counts["indexed"] == 12
        assert f"worker {first} gets nothing to do: it has ESPR 0.0.1" in listener.lines
        whole(library, music, tmp_path)
        client.run(_be_version, "0.0.2", workers=[second])
        with pytest.raises(EsprError, match=rf"no worker may analyse: .*{second} has ESPR 0\.0\.2"):
            index(music, tmp_path / "none.espr", address_of(client))
    finally:
        client.run(_be_version, espr.__version__)
    cluster = Cluster(address_of(client))
    task = Task(ScannedFile(str(music), 0.0, None, 1, 1))
    with (
        pytest.raises(EsprError, match="has the encoder fake/1"),
        closing(analyse_on_cluster([task], "fake", "fake/2", load, cluster, 2)) as outcomes,
    ):
        next(outcomes)
    with (
        pytest.raises(EsprError, match="cannot load the encoder: no weights for 'absent'"),
        closing(analyse_on_cluster([task], "absent", "absent/1", load, cluster, 2)) as outcomes,
    ):
        next(outcomes)


def _be_version(version: str) -> None:
    espr.__version__ = version


def test_a_worker_that_is_cut_off_is_done_without(music, library, tmp_path):
    # the other one may be cut off for a moment, too, where the machine is busy
    busy = {"scheduler.worker-ttl": "2s", "scheduler.allowed-failures": 100}
    with local_cluster(**busy) as (_, client):
        stopped = min(pids(client).values())
        try:
            summary = index(
                *(music, library, address_of(client)),
                Meanwhile(lambda: os.kill(stopped, signal.SIGSTOP)),
            )
        finally:
            with suppress(ProcessLookupError):  # its nanny may have replaced it
                os.kill(stopped, signal.SIGCONT)
    assert summary.counts["indexed"] == 12
    whole(library, music, tmp_path)


def test_a_scheduler_that_goes_away(music, library, tmp_path):
    gone = pytest.raises(EsprError, match="is gone; what was analysed is stored")
    with local_cluster() as (made, client), gone:
        index(music, library, address_of(client), Meanwhile(made.close))
    with Catalog.open(library) as catalog:
        stored = len(catalog.recordings())
        assert 0 < stored < 12
        assert catalog.pieces()  # and they can be asked
    summary = index_folders([music], library, encoder="fake", load=load, jobs=1)
    assert (summary.counts["indexed"], summary.counts["unchanged"]) == (12 - stored, stored)
    whole(library, music, tmp_path)


def test_no_scheduler(music, library, monkeypatch):
    monkeypatch.setattr(clusters, "_CONNECT_SECONDS", 0.5)
    with pytest.raises(EsprError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1: "):
        index(music, library, "tcp://127.0.0.1:1")
    with pytest.raises(EsprError, match="no Dask scheduler answers at nonsense"):
        index(music, library, "nonsense://x")
    monkeypatch.setattr("distributed.Client", None)  # is not made for an address without a port
    with pytest.raises(EsprError, match="no Dask scheduler answers at tcp://host: missing port"):
        index(music, library, "tcp://host")


def test_as_it_is_typed(tmp_path, monkeypatch, capsys):
    espr = Espr(monkeypatch, capsys)
    write_phrase(tmp_path / "aria_Hess.wav", 1.2)
    library = tmp_path / "library.espr"
    options = ("--encoder", "signal", "--library", library)
    typed = espr("index", tmp_path, "--dask", "local", "--jobs", "1", *options)
    assert (typed.code, typed.out.split(" ·")[0]) == (0, "indexed 1")
    assert typed.err.startswith("Dask's dashboard: http://127.0.0.1:")
    for wrong in ("/a", "a=b", "=", "/a=b"):
        assert (
            "maps no folder; write /mnt/a=/data/a"
            in espr("index", tmp_path, "--dask", "local", "--map-path", wrong).err
        )
    assert "is for the workers of --dask" in espr("index", tmp_path, "--map-path", "/a=/b").err
    monkeypatch.setitem(sys.modules, "distributed", None)
    write_phrase(tmp_path / "aria_Ney.wav", 1.2)
    typed = espr("index", tmp_path, "--dask", "local", *options)
    assert (typed.code, typed.err) == (
        2, 'espr: Dask needs an extra; run: pip install "espr[cluster]"\n'
    )  # fmt: skip


# -- without a cluster -----------------------------------------------------------------------


class FutureOfDask(Future):
    """What Dask's futures have beside those of the standard library."""

    def __init__(self, key, answer) -> None:
        super().__init__()
        self.key, self.status = key, "finished"
        self.set_result(answer)


class Dask:
    """A scheduler that does everything at once, and delivers each result ``times``."""

    def __init__(self, times: int) -> None:
        self._times = times
        self.submitted, self.delivered, self.most = 0, 0, 0

    def scheduler_info(self, n_workers):
        return {"workers": {"tcp://a:1": {"nthreads": 2}, "tcp://b:1": {"nthreads": 1}}}

    def submit(self, function, message, load, *, pure, workers):
        self.submitted += 1
        self.most = max(self.most, self.submitted - self.delivered)
        outcomes = [{"reason": "silent", "retry": False} for _ in message["tasks"]]
        answer = {"worker": "tcp://a:1", "outcomes": outcomes}
        future = FutureOfDask(f"key-{self.submitted}", answer)
        deliver = future.add_done_callback
        future.add_done_callback = lambda put: [deliver(put) for _ in range(self._times)]
        return future

    def cancel(self, futures):
        assert futures == []


def test_a_result_that_is_delivered_twice_counts_once_and_few_are_in_flight():
    dask = Dask(times=2)
    run = clusters._Run(dask, Cluster("x"), "fake", "fake/1", load, print)
    tasks = [Task(ScannedFile(f"/{number}", 0.0, None, 1, 1)) for number in range(20_000)]
    seen = []
    for task, _ in run.outcomes(tasks):
        seen.append(task)
        dask.delivered = dask.submitted - len(run._in_flight)
    run.cancel()
    assert seen == tasks
    assert dask.most <= 2 * 3 + 1
    assert len(tasks) // 16 < dask.submitted < len(tasks) // 8


def test_messages_hold_tasks_and_outcomes(tmp_path):
    cue = Tags(title="Ärie", track="3")
    path = os.fsdecode(b"/music/\xff.wav")
    source = ScannedFile(path, 1.5, 9.0, 7, 8, cue)
    task = Task(source, frozenset({"b", "a"}))
    assert read_task(task_message(task, path)) == task
    file = tmp_path / "1"
    file.mkdir()
    heard = analyse(
        load("noting"), Task(ScannedFile(str(write_phrase(file / "a.wav")), 0, None, 1, 1))
    )
    read = read_outcome(outcome_message(heard))
    assert (read.tags, read.audio_hash) == (heard.tags, heard.audio_hash)
    assert read.analysis.notes.tobytes() == heard.analysis.notes.tobytes()
    assert read.analysis.tuning == heard.analysis.tuning == 4.5
    assert read.analysis.pedal.tolist() == heard.analysis.pedal.tolist()
    assert read.analysis.windows.features.tobytes() == heard.analysis.windows.features.tobytes()
    assert read.analysis.windows.times.tobytes() == heard.analysis.windows.times.tobytes()
    for plain in (Unreadable("silent", retry=True), workers.Recognised("a", cue)):
        assert read_outcome(outcome_message(plain)) == plain


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/mnt/a/x.wav", "/data/a/x.wav"),
        ("/mnt/a", "/data/a"),
        ("/mnt/ab/x.wav", "/mnt/ab/x.wav"),
        ("/mnt/b/x.wav", "s3://bucket/b/x.wav"),
    ],
)
def test_where_workers_see_a_file(path, there):
    maps = (parse_map("/mnt/a/=/data/a"), parse_map("/mnt/b=s3://bucket/b"))
    assert Cluster("x", maps).path_there(path) == there


def test_a_lone_worker_is_replaced(tmp_path):
    lone = workers.LoneWorker("fake", load)
    try:
        assert lone.encoder_id() == "fake/1"
        paths = [str(write_phrase(tmp_path / name, 1.2)) for name in ("crash.wav", "good.wav")]
        crashed, good = (lone.analyse(Task(ScannedFile(p, 0.0, None, 1, 1))) for p in paths)
        assert crashed == Unreadable("the process that analysed it crashed (SIGSEGV)")
        assert isinstance(good, workers.Analysed)
    finally:
        lone.stop()
    with pytest.raises(EsprError, match="before it could analyse anything"):
        workers.LoneWorker("fatal", load).encoder_id()


def test_why_an_encoder_cannot_be_loaded_is_said_each_time():
    lone = workers.LoneWorker("nonsense", load_audio_encoder)
    for _ in range(2):
        with pytest.raises(EsprError, match="nonsense"):
            lone.encoder_id()


def test_a_process_that_is_idle_is_stopped(monkeypatch):
    monkeypatch.setattr(cluster_worker, "IDLE_SECONDS", 0.1)
    process = cluster_worker._IdleWorker("fake", load)
    for _ in range(3):
        with process.in_use():
            before = process._timer
            process.encoder_id()
        assert before is None or before.finished.is_set()  # one timer, whatever came before
    with process.in_use():
        process.encoder_id()
        started = process._worker.process
    deadline = time.monotonic() + PATIENCE
    while process._worker is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process._worker is None
    assert not started.is_alive()


def test_the_processes_of_a_worker_keep_their_memory(monkeypatch):
    # as Dask sets it for its workers
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "65536")
    process = cluster_worker._process("fake", load)
    try:
        assert process.encoder_id() == load("fake").id
        assert "MALLOC_TRIM_THRESHOLD_" not in os.environ
    finally:
        process.stop()
        del cluster_worker._of_thread.process
