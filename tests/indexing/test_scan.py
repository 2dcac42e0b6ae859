"""What a scan finds, and what it leaves out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from espr.errors import WRONG_INPUT, EsprError
from espr.indexing import scan as scanning
from espr.indexing.cue_sheets import CueTrack
from espr.indexing.scan import scan
from espr.works.tags import Tags
from tests.unprivileged import open_to_all, without_privileges


def touch(*paths: Path, content: bytes = b"x") -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def names(found: scanning.Scan) -> list[str]:
    return [os.path.basename(source.path) for source in found.sources]


def test_audio_files_of_all_kinds_in_subfolders_in_the_order_of_their_paths(tmp_path):
    kinds = "wav flac mp3 ogg oga opus aif aiff aifc m4a mp4 aac alac".split()
    touch(*(tmp_path / "a" / f"x.{kind}" for kind in kinds), tmp_path / "b" / "LOUD.FLAC")
    touch(tmp_path / "cover.jpg", tmp_path / "notes.txt", tmp_path / "wav", tmp_path / "x.mp3.bak")
    found = scan([tmp_path])
    assert names(found) == [*sorted(f"x.{kind}" for kind in kinds), "LOUD.FLAC"]
    assert all(os.path.isabs(source.path) for source in found.sources)
    assert {(source.start, source.end, source.size) for source in found.sources} == {(0, None, 1)}
    status = os.stat(tmp_path / "b" / "LOUD.FLAC")
    assert found.sources[-1].mtime_ns == status.st_mtime_ns


def test_hidden_files_and_links_are_left_out_unless_named(tmp_path):
    music, elsewhere = tmp_path / "music", tmp_path / "elsewhere"
    touch(music / "seen.wav", music / "._seen.wav", music / ".trash" / "x.wav", elsewhere / "y.wav")
    (music / "link.wav").symlink_to(elsewhere / "y.wav")
    (music / "linked").symlink_to(elsewhere)
    (music / "loop").symlink_to(music)
    assert names(scan([music])) == ["seen.wav"]
    assert names(scan([music / "._seen.wav"])) == ["._seen.wav"]
    assert names(scan([music / "link.wav"])) == ["link.wav"]
    assert names(scan([music / "linked"])) == ["y.wav"]


def test_places_that_overlap_are_found_once(tmp_path, monkeypatch):
    touch(tmp_path / "a" / "x.wav", tmp_path / "y.wav")
    monkeypatch.chdir(tmp_path / "a")
    assert names(scan([tmp_path, ".", tmp_path / "a" / "x.wav", tmp_path])) == ["x.wav", "y.wav"]


def test_names_that_are_not_utf8_and_emoji(tmp_path):
    for raw in (b"caf\xe9.wav", "🎹 prélude.wav".encode(), b"new\nline.wav"):
        touch(Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), raw))))
    assert b"caf\xe9.wav" in [os.fsencode(name) for name in names(scan([tmp_path]))]
    assert len(scan([os.fsencode(tmp_path).decode()]).sources) == 3


def test_what_is_not_there_is_an_error(tmp_path):
    touch(tmp_path / "x.wav")
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "dangling.wav").symlink_to(tmp_path / "gone.wav")
    assert names(scan([tmp_path])) == ["x.wav"]
    for place in ("missing", "dangling.wav", "x.wav/below", "pipe.wav"):
        with pytest.raises(EsprError) as raised:
            scan([tmp_path, tmp_path / place])
        assert raised.value.exit_code == WRONG_INPUT
        assert place in str(raised.value)


def test_a_folder_that_cannot_be_listed_is_named_and_its_files_are_not_lost(tmp_path):
    touch(tmp_path / "open" / "x.wav", tmp_path / "shut" / "y.wav")
    open_to_all(tmp_path)
    (tmp_path / "shut").chmod(0)
    with without_privileges():
        found = scan([tmp_path])
    (tmp_path / "shut").chmod(0o755)
    assert names(found) == ["x.wav"]
    assert found.unreadable == {str(tmp_path / "shut"): "cannot be listed: Permission denied"}
    assert found.covers(str(tmp_path / "open" / "gone.wav"))
    assert not found.covers(str(tmp_path / "shut" / "y.wav"))


def test_an_empty_folder_is_barren_and_speaks_of_no_file(tmp_path):
    touch(tmp_path / "music" / "x.wav", tmp_path / "drive" / "readme.txt")
    found = scan([tmp_path / "music", tmp_path / "drive"])
    assert found.barren == [str(tmp_path / "drive")]
    assert found.covers(str(tmp_path / "music" / "gone.wav"))
    assert not found.covers(str(tmp_path / "drive" / "gone.wav"))
    assert not found.covers(str(tmp_path / "musical" / "gone.wav"))


def test_without_pyav_its_files_are_left_out_and_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(scanning, "find_spec", lambda name: None)
    touch(tmp_path / "x.wav", tmp_path / "y.m4a", tmp_path / "z.AAC")
    found = scan([tmp_path, tmp_path])
    assert names(found) == ["x.wav"]
    assert found.left_out == {str(tmp_path / "y.m4a"), str(tmp_path / "z.AAC")}
    assert not found.covers(str(tmp_path / "y.m4a"))


def test_a_sheet_splits_its_album(tmp_path, monkeypatch):
    album, other, sheet = tmp_path / "album.flac", tmp_path / "other.flac", tmp_path / "album.cue"
    touch(album, other, sheet)
    os.utime(album, ns=(1, 1))
    os.utime(sheet, ns=(5, 5))
    tracks = [
        CueTrack(str(album), 0.0, 60.0, Tags(title="Prelude")),
        CueTrack(str(album), 60.0, None, Tags(title="Fugue")),
        CueTrack(str(tmp_path / ".." / "outside.flac"), 0.0, None, Tags(title="Outside")),
    ]
    monkeypatch.setattr(scanning, "read_cue", lambda path: tracks)
    found = scan([tmp_path])
    first, second, third = found.sources
    assert (first.path, first.start, first.end, first.cue) == (
        str(album), 0.0, 60.0, Tags(title="Prelude"),
    )  # fmt: skip
    assert (second.start, second.end, second.size, second.mtime_ns) == (60.0, None, 2, 5)
    assert third.path == str(other)
    assert third.whole
    assert not second.whole


def test_a_sheet_that_cannot_be_read_leaves_the_album_whole(tmp_path, monkeypatch):
    touch(tmp_path / "album.flac", tmp_path / "album.cue")

    def fail(path: str) -> list[CueTrack]:
        raise EsprError("has no FILE line")

    monkeypatch.setattr(scanning, "read_cue", fail)
    found = scan([tmp_path])
    assert names(found) == ["album.flac"]
    assert found.unreadable == {str(tmp_path / "album.cue"): "has no FILE line"}
