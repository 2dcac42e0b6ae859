"""Indexing: what is heard, what is not heard again, and what accidents cost."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from pathlib import Path

import numpy as np
import pytest
import soundfile

import espr
from espr.audio.encoder import Analysis, Windows
from espr.catalog import corrections
from espr.catalog.catalog import Catalog
from espr.catalog.models import ScannedFile
from espr.catalog.recordings import CatalogedFile, known_recordings, store_analysis
from espr.catalog.regroup import regroup
from espr.catalog.search import find_pieces, find_recordings
from espr.errors import (
    INTERRUPTED,
    LIBRARY_IN_USE,
    NONE_READABLE,
    NOTHING_MATCHED,
    SOME_UNREADABLE,
    EsprError,
)
from espr.features import MIDLEVEL
from espr.indexing import run as indexing
from espr.indexing import workers
from espr.indexing.plan import KINDS, Event, plan_index
from espr.indexing.run import Listener, Summary, index_folders
from espr.indexing.scan import scan
from espr.indexing.workers import Task, Unreadable, analyse
from espr.works.tags import Tags
from tests.cpu_time import cpu_seconds
from tests.fake_encoder import FakeEncoder, load
from tests.signals import truncate, write_phrase
from tests.typed import PATIENCE
from tests.unprivileged import open_to_all, without_privileges


class Ears(Listener):
    """Remembers what happened; can interrupt."""

    def __init__(self, interrupt_after: int | None = None) -> None:
        self.events: list[Event] = []
        self._left = interrupt_after

    def happened(self, event: Event) -> None:
        self.events.append(event)
        if self._left is not None and event.kind == "indexed":
            self._left -= 1
            if self._left == 0:
                raise KeyboardInterrupt

    def of(self, kind: str) -> list[str]:
        return sorted(os.path.basename(event.path) for event in self.events if event.kind == kind)


@pytest.fixture
def music(tmp_path):
    """Two pieces, three takes each."""
    folder = tmp_path / "music"
    folder.mkdir()
    for seed, name in enumerate(
        ("aria_Ida", "aria_Jo", "aria_Kim", "fugue_Ida", "fugue_Jo", "fugue_Kim")
    ):
        write_phrase(folder / f"{name}.wav", 1.5, seed)
    return folder


@pytest.fixture
def library(tmp_path):
    return tmp_path / "library.espr"


@pytest.fixture
def here(monkeypatch):
    """Hear in this process; counts the tasks."""
    heard: list[Task] = []

    def analyse_all(tasks, encoder, load, jobs):
        for task in tasks:
            heard.append(task)
            yield task, analyse(load(encoder), task)

    monkeypatch.setattr(indexing, "analyse_all", analyse_all)
    return heard


def run(*places: Path, library: Path, **options) -> tuple[Summary, Ears]:
    ears = options.pop("listener", None) or Ears()
    summary = index_folders(
        places,
        library,
        encoder=options.pop("encoder", "fake"),
        load=load,
        listener=ears,
        **options,
    )
    return summary, ears


def counts(summary: Summary) -> tuple[int, ...]:
    """indexed, unchanged, moved, removed, unreadable"""
    return tuple(summary.counts[kind] for kind in KINDS)


def content(library: Path) -> list[tuple]:
    """All that a library says, without row numbers, in a fixed order."""
    with Catalog.open(library) as catalog:
        slugs = catalog.slugs()
        paths = {r.id: r.path for r in catalog.recordings()}
        return [
            (
                r.path, r.start, r.duration, r.audio_hash, r.performer, r.rule, slugs[r.id],
                paths.get(r.duplicate_of or -1), catalog.windows(r.id).features.tobytes(),
            )
            for r in sorted(catalog.recordings(), key=lambda r: r.path)
        ]  # fmt: skip


def age(path: Path) -> None:
    """Make a file look changed."""
    later = path.stat().st_mtime_ns + 1_000_000_000
    os.utime(path, ns=(later, later))


# -- with real workers ---------------------------------------------------------------------


def test_accidents_cost_one_recording_each_and_nothing_is_heard_twice(music, library, monkeypatch):
    # few seconds for a file of few bytes; the others, of 66 kB, have a minute
    monkeypatch.setattr(workers, "_LEAST_SECONDS", 1.0)
    monkeypatch.setattr(workers, "_BYTES_A_SECOND", 1_000)
    for name in ("crash", "defect"):
        shutil.copy(music / "aria_Ida.wav", music / f"x_{name}.wav")
    write_phrase(music / "x_hang.wav", 0.05)
    truncate(Path(shutil.copy(music / "aria_Ida.wav", music / "x_cut.wav")))
    summary, ears = run(music, library=library, jobs=2)
    assert counts(summary) == (6, 0, 0, 0, 4)
    assert summary.exit_code == SOME_UNREADABLE
    reasons = {os.path.basename(e.path): e.reason for e in ears.events if e.reason}
    assert reasons["x_crash.wav"] == "the process that analysed it crashed (SIGSEGV)"
    assert reasons["x_hang.wav"] == "was not analysed within 3 s"
    assert reasons["x_defect.wav"] == "could not be analysed: ZeroDivisionError: a defect"
    assert reasons["x_cut.wav"].startswith("is cut short")
    assert all(event.size for event in ears.events if event.kind in ("indexed", "unreadable"))
    grouped = {os.path.basename(e.path): e.piece for e in ears.events if e.kind == "grouped"}
    assert grouped["aria_Jo.wav"] == "aria"
    assert grouped["fugue_Kim.wav"] == "fugue"

    # what took too long may do better another time
    _, ears = run(music, library=library, dry_run=True)
    again = [os.path.basename(e.path) for e in ears.events if e.kind == "indexed"]
    assert again == ["x_hang.wav"]
    (music / "x_hang.wav").unlink()
    del reasons["x_hang.wav"]

    monkeypatch.setattr(workers, "_Worker", None)  # no worker is started any more
    summary, ears = run(music, library=library)
    assert counts(summary) == (0, 6, 0, 1, 3)
    assert summary.exit_code == SOME_UNREADABLE
    assert {os.path.basename(e.path): e.reason for e in ears.events if e.reason} == reasons
    assert {e.piece for e in ears.events if e.kind == "unchanged"} == {"aria", "fugue"}


def test_a_worker_that_hangs_ends_though_nobody_stops_it(tmp_path):
    """As where the main process was killed."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    worker = context.Process(target=workers._work, args=(theirs, "fake", load), daemon=True)
    worker.start()
    assert ours.recv() == "fake/1"
    (tmp_path / "hang.wav").touch()
    # half a second, with what it may take longer than its limit
    short = -round((59.5 + workers._GRACE) * workers._BYTES_A_SECOND)
    ours.send(Task(ScannedFile(os.fspath(tmp_path / "hang.wav"), 0.0, None, short, 0)))
    worker.join(PATIENCE)
    assert worker.exitcode == -signal.SIGALRM


def test_a_drive_that_goes_off_is_not_the_file_s_fault(music, monkeypatch):
    def torn(encoder, path, start=0.0, end=None):
        if unplugged:
            os.unlink(path)
        raise EsprError("is cut short")

    take = scan([music / "aria_Ida.wav"]).files[0]
    monkeypatch.setattr(FakeEncoder, "hear", torn)
    for unplugged in (False, True):
        assert analyse(load("fake"), Task(take)) == Unreadable("is cut short", retry=unplugged)


def test_the_number_of_workers_changes_nothing(music, library, tmp_path):
    other = tmp_path / "other.espr"
    run(music, library=library, jobs=1)
    run(music, library=other, jobs=3)
    assert content(library) == content(other)


def test_interrupted_it_keeps_what_is_finished_and_goes_on_later(music, library, tmp_path):
    for seed in range(4):
        write_phrase(music / f"gigue_slow{seed}.wav", 1.5, 100 + seed)
    shutil.copy(music / "aria_Ida.wav", music / "0_hang.wav")
    # the worker that hangs, for ten minutes, is not waited for: it would be a third recording
    summary, ears = run(music, library=library, jobs=2, listener=Ears(interrupt_after=2))
    assert summary.exit_code == INTERRUPTED
    assert len(ears.of("grouped")) == 2
    with Catalog.open(library) as catalog:
        assert len(catalog.recordings()) == 2
        assert sum(piece.count for piece in catalog.pieces()) == 2
    (music / "0_hang.wav").unlink()
    summary, _ = run(music, library=library)
    assert counts(summary) == (8, 2, 0, 0, 0)
    run(music, library=tmp_path / "undisturbed.espr")
    assert content(library) == content(tmp_path / "undisturbed.espr")


@pytest.mark.parametrize(
    ("encoder", "message"),
    [("absent", "no weights"), ("fatal", r"killed \(SIGKILL: out of mem")],
)
def test_an_encoder_that_cannot_be_loaded_is_one_error(music, library, encoder, message):
    with pytest.raises(EsprError, match=message):
        run(music, library=library, encoder=encoder)


def test_a_worker_that_is_never_ready_is_one_error(music, library, monkeypatch):
    monkeypatch.setattr(workers, "_START_SECONDS", 1.0)
    started, start = [], SpawnProcess.start
    monkeypatch.setattr(SpawnProcess, "start", lambda self: (started.append(self), start(self)))
    with pytest.raises(EsprError, match="was not ready within 1 s"):
        run(music, library=library, encoder="endless", jobs=1)
    assert len(started) == 1  # no second worker was waited for


# -- changes --------------------------------------------------------------------------------


def test_a_moved_file_is_recognised_and_not_heard(music, library, here):
    run(music, library=library)
    before = content(library)
    with Catalog.open(library, write=True) as catalog:
        corrections.rename(catalog, find_pieces(catalog, "aria")[0], "Alpha")
    here.clear()
    (music / "sub").mkdir()
    (music / "aria_Ida.wav").rename(music / "sub" / "aria_Lea.wav")
    summary, ears = run(music, library=library)
    assert counts(summary) == (0, 5, 1, 0, 0)
    assert ears.of("moved") == ["aria_Lea.wav"]
    assert len(here) == 1
    after = content(library)
    assert [row[3] for row in after] == [row[3] for row in before[1:]] + [before[0][3]]
    assert after[-1][4] == "Lea"
    assert after[0][6] == "alpha"


def test_a_file_moved_here_from_another_folder_is_recognised(music, library, here, tmp_path):
    run(music, library=library)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (music / "aria_Ida.wav").rename(elsewhere / "aria_Ida.wav")
    summary, _ = run(elsewhere, library=library)
    assert counts(summary) == (0, 0, 1, 0, 0)
    summary, _ = run(music, library=library)
    assert counts(summary) == (0, 5, 0, 0, 0)


def test_no_file_elsewhere_is_looked_for_that_cannot_be_the_new_one(monkeypatch, tmp_path):
    """A server that looked at its whole library for each match took minutes for a search."""
    known = {
        (path, 0.0): CatalogedFile(n, path, 0.0, None, n, 1, "", f"{n}", 1.0, "fake/1", True)
        for n, path in enumerate((f"/elsewhere/{n}.flac" for n in range(50)), 1)
    }
    found = scan([tmp_path])
    found.files.append(ScannedFile(str(tmp_path / "new.flac"), 0.0, None, 7, 1))
    asked = []
    monkeypatch.setattr("os.path.exists", lambda path: bool(asked.append(path)))
    plan = plan_index(found, known)
    assert asked == ["/elsewhere/6.flac"]
    assert [item.path for item in plan.move_candidates[7]] == asked


def test_of_two_copies_of_a_moved_file_one_is_the_move(music, library, here):
    run(music, library=library)
    shutil.copy(music / "aria_Ida.wav", music / "aria_Lea.wav")
    (music / "aria_Ida.wav").rename(music / "aria_Mia.wav")
    summary, _ = run(music, library=library)
    assert counts(summary) == (1, 5, 1, 0, 0)
    with Catalog.open(library) as catalog:
        (a,) = find_pieces(catalog, "aria")
        assert a.count == 3
        assert len(catalog.recordings(a.id)) == 4


def test_a_moved_and_retagged_file_is_recognised_once_it_is_heard(music, library, here):
    run(music, library=library)
    samples, rate = soundfile.read(music / "aria_Ida.wav", dtype="int16")
    (music / "aria_Ida.wav").unlink()
    soundfile.write(music / "aria_Ida.flac", samples, rate)
    summary, _ = run(music, library=library)
    assert counts(summary) == (0, 5, 1, 0, 0)


def test_a_copy_of_a_file_that_is_still_there_is_not_its_move(music, library, here):
    run(music, library=library)
    shutil.copy(music / "aria_Ida.wav", music / "aria_Zoe.wav")
    summary, _ = run(music, library=library)
    assert counts(summary) == (1, 6, 0, 0, 0)


def test_deleted_files_are_removed_and_other_folders_left_alone(music, library, here, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    write_phrase(other / "gigue_Ida.wav", 1.5, 50)
    run(music, other, library=library)
    (music / "fugue_Jo.wav").unlink()
    (other / "gigue_Ida.wav").unlink()
    summary, ears = run(music, library=library)
    assert counts(summary) == (0, 5, 0, 1, 0)
    assert ears.of("removed") == ["fugue_Jo.wav"]
    with Catalog.open(library) as catalog:
        assert [p.slug for p in catalog.pieces()][:2] == ["aria", "fugue"]
        assert len(catalog.recordings()) == 6


def test_an_empty_folder_may_be_a_drive_that_is_not_there(music, library, here, tmp_path):
    drive = tmp_path / "drive"
    drive.mkdir()
    write_phrase(drive / "gigue_Ida.wav", 1.5, 50)
    run(music, drive, library=library)
    (drive / "gigue_Ida.wav").unlink()
    summary, _ = run(music, drive, library=library)
    assert counts(summary) == (0, 6, 0, 0, 0)
    assert summary.away == {str(drive): 1}
    with pytest.raises(EsprError, match="no audio files") as raised:
        run(drive, library=library)
    assert raised.value.exit_code == NOTHING_MATCHED
    with Catalog.open(library) as catalog:
        assert len(catalog.recordings()) == 7


def test_another_tag_is_not_another_recording(music, library, here, monkeypatch):
    path = music / "gigue_Ida.flac"
    samples, rate = soundfile.read(music / "aria_Ida.wav")
    with soundfile.SoundFile(path, "w", rate, 1) as file:
        file.title, file.artist = "Nocturne", "Composer"
        file.write(samples)
    run(music, library=library)
    with Catalog.open(library, write=True) as catalog:
        (take,) = find_recordings(catalog, "gigue_Ida.flac")
        corrections.assign(catalog, take, find_pieces(catalog, "fugue")[0])
    with soundfile.SoundFile(path, "w", rate, 1) as file:
        file.title, file.artist = "Fantasy", "Composer"
        file.write(samples)
    monkeypatch.delattr(FakeEncoder, "hear")  # recognised by its hash, not heard
    summary, _ = run(music, library=library)
    assert counts(summary) == (1, 6, 0, 0, 0)
    with Catalog.open(library) as catalog:
        (take,) = find_recordings(catalog, "gigue_Ida.flac")
        assert take.tags.title == "Fantasy"
        assert catalog.slugs()[take.id] == "fugue"
        assert take.rule == "assigned"


def test_a_retagged_file_is_not_the_move_of_its_deleted_copy(music, library, here):
    shutil.copy(music / "aria_Ida.wav", music / "aria_Lea.wav")
    run(music, library=library)
    (music / "aria_Lea.wav").unlink()
    age(music / "aria_Ida.wav")
    assert counts(run(music, library=library)[0]) == (1, 5, 0, 1, 0)


def test_other_audio_under_the_same_name_is_heard(music, library, here):
    run(music, library=library)
    write_phrase(music / "aria_Ida.wav", 1.5, 77)
    age(music / "aria_Ida.wav")
    before = content(library)
    summary, _ = run(music, library=library)
    assert counts(summary) == (1, 5, 0, 0, 0)
    assert content(library)[0][3] != before[0][3]
    assert content(library)[1:] == before[1:]


def test_a_file_that_breaks_and_is_mended(music, library, here):
    run(music, library=library)
    whole = content(library)
    kept = (music / "aria_Ida.wav").read_bytes()
    truncate(music / "aria_Ida.wav")
    assert counts(run(music, library=library)[0]) == (0, 5, 0, 0, 1)
    with Catalog.open(library) as catalog:
        assert len(catalog.recordings()) == 5
    (music / "aria_Ida.wav").write_bytes(kept)
    age(music / "aria_Ida.wav")
    assert counts(run(music, library=library)[0]) == (1, 5, 0, 0, 0)
    assert content(library) == whole


def test_another_encoder_hears_again_and_a_newer_version_of_it(music, library, here):
    run(music, library=library)
    assert counts(run(music, library=library, encoder="other")[0]) == (6, 0, 0, 0, 0)
    assert counts(run(music, library=library, encoder="fake")[0]) == (0, 6, 0, 0, 0)
    assert counts(run(music, library=library, encoder="fake/2")[0]) == (6, 0, 0, 0, 0)
    with Catalog.open(library) as catalog:
        for encoder, count in (("fake/1", 0), ("fake/2", 6), ("other/1", 6)):
            assert len(catalog.profiles(None, encoder)[0]) == count


def test_what_could_not_be_opened_is_tried_again_and_what_was_broken_is_not(music, library, here):
    encoder = FakeEncoder("fake")
    take = next(s for s in scan([music]).files if s.path.endswith("aria_Ida.wav"))
    (music / "aria_Ida.wav").chmod(0)
    open_to_all(music)
    with without_privileges():
        outcome = analyse(encoder, Task(take))
    assert outcome == Unreadable("cannot be opened: Permission denied", retry=True)
    with Catalog.open(library, write=True) as catalog:
        indexing.store_unreadable(catalog, take, encoder.id, "cannot be opened", retry=True)
    (music / "aria_Ida.wav").chmod(0o644)
    (music / "fugue_Ida.wav").write_text("no audio")
    assert counts(run(music, library=library)[0]) == (5, 0, 0, 0, 1)
    here.clear()
    assert counts(run(music, library=library)[0]) == (0, 5, 0, 0, 1)
    assert here == []


def test_another_version_of_espr_tries_what_this_one_could_not_read(
    tmp_path, library, here, monkeypatch
):
    (tmp_path / "x.mp3").write_text("lyrics")
    for version, tried in (("1", 1), ("1", 0), ("2", 1), ("2", 0)):
        here.clear()
        monkeypatch.setattr(espr, "__version__", version)
        assert counts(run(tmp_path, library=library)[0]) == (0, 0, 0, 0, 1)
        assert len(here) == tried


def test_when_nothing_can_be_read_the_exit_code_says_so(tmp_path, library, here):
    (tmp_path / "x.mp3").write_text("lyrics")
    assert run(tmp_path, library=library)[0].exit_code == NONE_READABLE


# -- what the user says ------------------------------------------------------------------------


def test_a_manifest_is_remembered_and_follows_a_moved_file(music, library, here):
    manifest = music / "pieces.csv"
    manifest.write_text(
        "path,piece,performer\naria_Ida.wav,Sonata,Ida Haendel\nfugue_Jo.wav,Sonata,\n"
    )

    def sonata() -> list[tuple[str, str]]:
        with Catalog.open(library) as catalog:
            (piece,) = find_pieces(catalog, "sonata")
            return sorted(
                (os.path.basename(r.path), r.performer) for r in catalog.recordings(piece.id)
            )

    run(music, library=library, manifest=manifest)
    first = sonata()
    assert [name for name, _ in first] == ["aria_Ida.wav", "fugue_Jo.wav"]
    assert first[0][1] == "Ida Haendel"
    (music / "aria_Ida.wav").rename(music / "take1.wav")
    run(music, library=library)
    assert sonata()[1] == ("take1.wav", "Ida Haendel")
    manifest.write_text("path,piece,performer\nfugue_Jo.wav,Sonata,\n")
    run(music, library=library, manifest=manifest)
    assert [name for name, _ in sonata()] == ["fugue_Jo.wav"]


def test_a_dry_run_says_what_would_be_and_writes_nothing(music, library, here):
    summary, ears = run(music, library=library, dry_run=True)
    assert counts(summary) == (6, 0, 0, 0, 0)
    assert list(library.parent.iterdir()) == [music]
    run(music, library=library)
    before = library.read_bytes()
    (music / "aria_Ida.wav").rename(music / "aria_Lea.wav")
    (music / "fugue_Ida.wav").unlink()
    write_phrase(music / "gigue_Ida.wav", 1.5, 9)
    here.clear()
    summary, ears = run(music, library=library, dry_run=True)
    assert counts(summary) == (1, 4, 1, 1, 0)
    assert (ears.of("moved"), ears.of("removed")) == (["aria_Lea.wav"], ["fugue_Ida.wav"])
    assert here == []
    assert library.read_bytes() == before
    assert counts(run(music, library=library)[0]) == (1, 4, 1, 1, 0)


def test_a_second_writer_is_refused_before_it_hears(music, library, here):
    with Catalog.open(library, write=True), pytest.raises(EsprError) as raised:
        run(music, library=library)
    assert raised.value.exit_code == LIBRARY_IN_USE
    assert here == []


SHEET = """PERFORMER "Ida"
TITLE "Two pieces"
FILE "album.wav" WAVE
  TRACK 01 AUDIO
    TITLE "Prelude"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Fugue"
    INDEX 01 00:02:37
"""


def test_a_sheet_s_tracks_are_recordings(tmp_path, library, here):
    write_phrase(tmp_path / "album.flac", 6.0)
    sheet = tmp_path / "album.cue"
    sheet.write_text(SHEET)
    assert counts(run(tmp_path, library=library)[0]) == (2, 0, 0, 0, 0)
    assert counts(run(tmp_path, library=library)[0]) == (0, 2, 0, 0, 0)
    with Catalog.open(library) as catalog:
        first, second = sorted(catalog.recordings(), key=lambda r: r.start)
    assert (first.title, first.performer, first.start) == ("Prelude", "Ida", 0.0)
    assert (second.title, second.end) == ("Fugue", None)
    assert first.end == second.start == pytest.approx(2 + 37 / 75)
    assert first.duration + second.duration == pytest.approx(6.0, abs=1e-3)
    assert first.audio_hash != second.audio_hash
    # another title in the sheet: nothing is heard again
    sheet.write_text(SHEET.replace("Fugue", "Fugue in C"))
    age(sheet)
    assert counts(run(tmp_path, library=library)[0]) == (2, 0, 0, 0, 0)
    with Catalog.open(library) as catalog:
        assert {r.title for r in catalog.recordings()} == {"Prelude", "Fugue in C"}
    # no sheet any more: one recording
    sheet.unlink()
    assert counts(run(tmp_path, library=library)[0]) == (1, 0, 0, 1, 0)


# -- speed ---------------------------------------------------------------------------------------


SMALL, LARGE = 500, 4_000


@pytest.fixture(scope="module")
def libraries(tmp_path_factory):
    """Libraries of so many recordings, four of each piece, stored in one transaction."""
    folder = tmp_path_factory.mktemp("libraries")
    return {count: library_of(folder / f"{count}.espr", count) for count in (SMALL, LARGE)}


def library_of(library, count):
    rng = np.random.default_rng(0)
    with Catalog.open(library, write=True) as catalog, catalog.transaction():
        for k in range(count):
            features = rng.normal(size=(2, 8)).astype(np.float32)
            heard = Windows(np.zeros((2, 2)), features, MIDLEVEL)
            tags = Tags(
                title=f"Sonata No. {k // 4 % 32}: I. Allegro",
                composer=f"Composer{k // 128}",
                artist=f"Performer {k % 4}",
                album=f"Album {k % 4}",
            )
            path = f"/music/{k // 100}/{k:05}.flac"
            scanned = ScannedFile(path, 0.0, None, k, k)
            store_analysis(catalog, scanned, tags, Analysis(heard, 1.0 + k, str(k), {}), "fake/1")
    return library


def test_grouping_takes_time_that_grows_with_the_recordings_and_none_when_nothing_changed(
    libraries,
):
    costs = {}
    for count, library in libraries.items():
        with Catalog.open(library, write=True) as catalog:
            first = cpu_seconds(lambda: regroup(catalog), times=1)
            slugs = catalog.slugs()
            again = cpu_seconds(lambda: regroup(catalog), times=1)
            assert catalog.slugs() == slugs
            assert len(slugs) == count
            idle = cpu_seconds(lambda: indexing.bring_up_to_date(catalog))
        costs[count] = (first, again)
        if count == LARGE:  # of a few, grouping itself takes hardly more than can be measured
            assert idle < 0.1 * again
    # 8 times when they grow with the recordings, 64 with their square
    for small, large in zip(costs[SMALL], costs[LARGE], strict=True):
        assert large < 24 * small


def test_comparing_unchanged_recordings_takes_time_that_grows_with_them(libraries, tmp_path):
    def compare(count: int) -> None:
        with Catalog.open(libraries[count]) as catalog:
            known = known_recordings(catalog, "fake/1")
        sources: Sequence[ScannedFile] = [
            ScannedFile(k.path, k.start, k.end, k.size, k.mtime_ns) for k in known.values()
        ]
        found = scan([tmp_path])
        found.files += sources
        assert len(plan_index(found, known).unchanged) == count

    assert cpu_seconds(lambda: compare(LARGE)) < 24 * cpu_seconds(lambda: compare(SMALL))
