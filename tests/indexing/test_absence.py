"""A drive that is away is not a thousand deleted files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from espr.catalog.away import read_away_folders, read_devices
from espr.catalog.catalog import Catalog
from espr.errors import DONE
from espr.indexing import run as indexing
from espr.indexing.absence import away_folders, remember_devices
from espr.indexing.run import Summary, index_folders
from espr.indexing.scan import Scan
from espr.indexing.workers import analyse
from tests.fake_encoder import load
from tests.signals import write_phrase

DISK, USB, NAS = 1, 2, 3


def scanned(devices: dict[str, int], **fields: list[str]) -> Scan:
    return Scan(places=["/music"], devices=devices, **fields)


def test_an_empty_folder_a_dangling_link_and_a_folder_that_cannot_be_listed_are_away():
    scan = scanned({"/music": DISK}, empty_folders=["/music/mount"], dangling=["/music/link"])
    scan.unreadable["/music/shut"] = "cannot be listed"
    missing = [f"/music/{name}/a/x.flac" for name in ("mount", "link", "shut", "open")]
    assert away_folders(scan, [], missing, {"/music": DISK}) == {
        "/music/mount",
        "/music/link",
        "/music/shut",
    }


def test_a_folder_on_another_file_system_than_before_is_away():
    before = {"/music": DISK, "/music/usb": USB}
    missing, found = ["/music/usb/x.flac"], ["/music/y.flac"]
    for devices in ({"/music": DISK}, {"/music": DISK, "/music/usb": NAS}):
        assert away_folders(scanned(devices), found, missing, before) == {"/music/usb"}
    # something was mounted over a folder that was full
    devices = {"/music": DISK, "/music/usb": USB}
    assert away_folders(scanned(devices), found, missing, {"/music": DISK}) == {"/music/usb"}
    assert not away_folders(scanned(before), found, missing, before)
    assert not away_folders(scanned(before), found, missing, {})  # nothing is known


def test_file_systems_that_were_renumbered_are_the_same():
    before = {"/music": DISK, "/music/usb": USB}
    now = scanned({"/music": USB, "/music/usb": NAS})
    missing = ["/music/x.flac", "/music/usb/x.flac"]
    both = ["/music/y.flac", "/music/usb/y.flac"]
    assert not away_folders(now, both, missing, before)
    assert away_folders(now, both[:1], missing, before) == {"/music/usb"}


def test_what_is_away_is_remembered_as_it_was():
    before = {"/music": DISK, "/music/usb": USB, "/other": NAS}
    now = scanned({"/music": DISK})
    assert remember_devices(now, before, ["/music/usb"]) == before
    assert remember_devices(now, before, []) == {"/music": DISK, "/other": NAS}
    covered = scanned({"/music": DISK, "/music/a": USB})
    assert remember_devices(covered, {"/music": DISK}, ["/music/a"]) == {"/music": DISK}


# -- in a library --------------------------------------------------------------------------


@pytest.fixture
def library(tmp_path, monkeypatch):
    def analyse_all(tasks, encoder, load, jobs):
        return ((task, analyse(load(encoder), task)) for task in tasks)

    monkeypatch.setattr(indexing, "analyse_all", analyse_all)
    return tmp_path / "library.espr"


@pytest.fixture
def music(tmp_path):
    for number, name in enumerate(("a_Ida", "usb/a_Jo", "usb/deep/a_Kim")):
        path = tmp_path / "music" / f"{name}.wav"
        path.parent.mkdir(exist_ok=True, parents=True)
        write_phrase(path, 1.5, number)
    return tmp_path / "music"


def index(music: Path, library: Path, **options: bool) -> Summary:
    return index_folders([music], library, encoder="fake", load=load, **options)


def paths(library: Path) -> list[str]:
    with Catalog.open(library) as catalog:
        return sorted(Path(recording.path).name for recording in catalog.recordings())


def test_a_folder_that_was_full_and_is_empty_keeps_its_recordings(music, library, tmp_path):
    index(music, library)
    (music / "usb").rename(tmp_path / "usb")
    (music / "usb").mkdir()
    for _ in range(2):
        summary = index(music, library)
        assert summary.away == {str(music / "usb"): 2}
        assert summary.counts == {"unchanged": 1}
        assert summary.exit_code == DONE
        assert paths(library) == ["a_Ida.wav", "a_Jo.wav", "a_Kim.wav"]
        with Catalog.open(library) as catalog:
            assert read_away_folders(catalog) in ({str(music / "usb"): 3},)
    (music / "usb").rmdir()
    (tmp_path / "usb").rename(music / "usb")
    summary = index(music, library)
    assert (summary.away, summary.counts) == ({}, {"unchanged": 3})
    with Catalog.open(library) as catalog:
        assert read_away_folders(catalog) == {}
        assert list(read_devices(catalog)) == [str(music)]


@pytest.mark.parametrize("how", ["the folder was deleted", "its files were", "--forget-away"])
def test_what_was_deleted_is_forgotten(music, library, how):
    index(music, library)
    for path in ("usb/a_Jo.wav", "usb/deep/a_Kim.wav"):
        (music / path).unlink()
    if how == "its files were":  # a drive would have taken the cover along
        (music / "usb" / "cover.jpg").touch()
        (music / "usb" / "deep" / "cover.jpg").touch()
    elif how == "the folder was deleted":
        (music / "usb" / "deep").rmdir()
        (music / "usb").rmdir()
    summary = index(music, library, forget_away=how == "--forget-away")
    assert (summary.away, summary.counts["removed"]) == ({}, 2)
    assert paths(library) == ["a_Ida.wav"]


def test_a_link_whose_target_is_away(music, library, tmp_path):
    (music / "usb").rename(tmp_path / "usb")
    (music / "link").symlink_to(tmp_path / "usb")
    assert index(music, library).counts == {"indexed": 3}
    (tmp_path / "usb").rename(tmp_path / "elsewhere")
    assert index(music, library).away == {str(music / "link"): 2}
    (music / "link").unlink()
    assert index(music, library).counts == {"unchanged": 1, "removed": 2}


def test_files_that_lie_in_the_place_of_the_drive_prove_nothing(music, library, monkeypatch):
    def with_usb_on(device: int) -> Summary:
        real = os.stat

        def stat(path, **options):
            status = list(real(path, **options))
            status[2] = device if str(path).startswith(str(music / "usb")) else DISK
            return os.stat_result(status)

        with monkeypatch.context() as patched:
            patched.setattr("espr.indexing.folder_walk.os.stat", stat)
            return index(music, library)

    with_usb_on(USB)
    away, kept = music.parent / "away", {str(music / "usb"): 2}
    (music / "usb").rename(away)
    (music / "usb").mkdir()
    write_phrase(music / "usb" / "other.wav", 1.5, 9)
    assert with_usb_on(DISK).away == kept
    assert with_usb_on(DISK).away == kept
    (music / "usb" / "other.wav").unlink()
    (music / "usb").rmdir()
    away.rename(music / "usb")
    (music / "usb" / "a_Jo.wav").unlink()
    summary = with_usb_on(NAS)  # the drive, by another number
    assert (summary.away, summary.counts) == ({}, {"unchanged": 2, "removed": 2})
