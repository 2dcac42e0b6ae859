"""What a scan finds, and what it leaves out."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest
import soundfile

from espr.errors import WRONG_INPUT, EsprError
from espr.indexing import scan as scanning
from espr.indexing.scan import scan
from tests.unprivileged import open_to_all, without_privileges


def touch(*paths: Path, content: bytes = b"x") -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def names(found: scanning.Scan) -> list[str]:
    return [os.path.basename(file.path) for file in found.files]


def test_audio_files_of_all_kinds_in_subfolders_in_the_order_of_their_paths(tmp_path):
    kinds = "wav flac mp3 ogg oga opus aif aiff aifc m4a mp4 aac alac wma ape wv mka dsf".split()
    touch(*(tmp_path / "a" / f"x.{kind}" for kind in kinds), tmp_path / "b" / "LOUD.FLAC")
    touch(tmp_path / "cover.jpg", tmp_path / "notes.txt", tmp_path / "wav", tmp_path / "x.mp3.bak")
    found = scan([tmp_path])
    assert names(found) == [*sorted(f"x.{kind}" for kind in kinds), "LOUD.FLAC"]
    assert all(os.path.isabs(file.path) for file in found.files)
    assert {(file.start, file.end, file.size) for file in found.files} == {(0, None, 1)}
    status = os.stat(tmp_path / "b" / "LOUD.FLAC")
    assert found.files[-1].mtime_ns == status.st_mtime_ns


def test_hidden_files_and_waste_bins_are_left_out_unless_named(tmp_path):
    music = tmp_path / "music"
    bins = ("#recycle", "$RECYCLE.BIN", ".Trash-1000", "lost+found", "@eaDir", "#Recycle")
    touch(music / "seen.wav", music / "._seen.wav", *(music / name / "x.wav" for name in bins))
    touch(music / "cover.JPG", music / "back.jpg", music / "rip.log", music / "README")
    found = scan([music])
    assert names(found) == ["seen.wav"]
    assert found.left_out == {
        ".jpg": 2,
        ".log": 1,
        "no suffix": 1,
        **{f"{name}/": 1 for name in bins if not name.startswith(".")},
    }
    assert names(scan([music / "._seen.wav"])) == ["._seen.wav"]
    assert names(scan([music / "#recycle"])) == ["x.wav"]


def test_links_are_followed_and_nothing_is_found_twice(tmp_path):
    music, elsewhere = tmp_path / "music", tmp_path / "elsewhere"
    touch(music / "a.wav", music / "below" / "b.wav", elsewhere / "c.wav", elsewhere / "d.wav")
    (music / "0 file.wav").symlink_to(elsewhere / "c.wav")
    touch(tmp_path / "e.wav")
    (music / "0 other.wav").symlink_to(tmp_path / "e.wav")
    (music / "0 again.wav").symlink_to(music / "a.wav")
    (music / "0 linked").symlink_to(elsewhere)
    (elsewhere / "back").symlink_to(music)
    (music / "below" / "up").symlink_to("..")
    (music / "below" / "top").symlink_to(tmp_path)
    (music / "below" / "self").symlink_to("self")
    found = scan([music])
    relative = [os.path.relpath(file.path, music) for file in found.files]
    assert relative == ["0 linked/c.wav", "0 linked/d.wav", "0 other.wav", "a.wav", "below/b.wav"]
    assert list(found.notes) == [str(music / "below" / "top")]
    assert names(scan([music / "0 file.wav"])) == ["0 file.wav"]


def test_a_file_without_a_suffix_is_known_by_its_content(tmp_path):
    soundfile.write(tmp_path / "track", np.zeros(800), 8000, format="FLAC")
    touch(tmp_path / "notes")
    assert names(scan([tmp_path])) == ["track"]


def test_a_folder_is_found_in_either_unicode_form(tmp_path):
    touch(tmp_path / unicodedata.normalize("NFD", "Prélude") / "é.wav")
    for form in ("NFC", "NFD"):
        name = unicodedata.normalize(form, "Prélude")
        assert len(scan([tmp_path / name]).files) == 1
        assert len(scan([tmp_path / name / unicodedata.normalize("NFC", "é.wav")]).files) == 1


def test_places_that_overlap_are_found_once(tmp_path, monkeypatch):
    touch(tmp_path / "a" / "x.wav", tmp_path / "y.wav")
    monkeypatch.chdir(tmp_path / "a")
    assert names(scan([tmp_path, ".", tmp_path / "a" / "x.wav", tmp_path])) == ["x.wav", "y.wav"]


def test_names_that_are_not_utf8_and_emoji(tmp_path):
    for raw in (b"caf\xe9.wav", "🎹 prélude.wav".encode(), b"new\nline.wav"):
        touch(Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), raw))))
    assert b"caf\xe9.wav" in [os.fsencode(name) for name in names(scan([tmp_path]))]
    assert len(scan([os.fsencode(tmp_path).decode()]).files) == 3


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


def test_a_folder_that_cannot_be_listed_is_named(tmp_path):
    touch(tmp_path / "open" / "x.wav", tmp_path / "shut" / "y.wav")
    open_to_all(tmp_path)
    (tmp_path / "shut").chmod(0)
    with without_privileges():
        found = scan([tmp_path])
    (tmp_path / "shut").chmod(0o755)
    assert names(found) == ["x.wav"]
    assert found.unreadable == {str(tmp_path / "shut"): "cannot be listed: Permission denied"}
    assert found.covers(str(tmp_path / "open" / "gone.wav"))
    assert not found.covers(str(tmp_path.with_name("other") / "y.wav"))


def test_folders_that_are_empty_and_links_to_nothing(tmp_path):
    touch(tmp_path / "music" / "x.wav", tmp_path / "music" / "art" / "cover.jpg")
    touch(tmp_path / "drive" / "readme.txt", tmp_path / "music" / "mount" / ".hidden")
    (tmp_path / "music" / "empty" / "below").mkdir(parents=True)
    (tmp_path / "music" / "gone").symlink_to(tmp_path / "nowhere")
    found = scan([tmp_path / "music", tmp_path / "drive"])
    assert sorted(found.empty_folders) == [
        str(tmp_path / "drive"),
        str(tmp_path / "music" / "empty"),
        str(tmp_path / "music" / "mount"),
    ]
    assert found.dangling == [str(tmp_path / "music" / "gone")]
    assert set(found.devices) == {str(tmp_path / "music"), str(tmp_path / "drive")}


SHEET = """FILE "{}" WAVE
  TRACK 01 AUDIO
    TITLE "Prelude"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Fugue"
    INDEX 01 01:00:00
"""


def test_a_sheet_splits_its_album(tmp_path):
    album, other, sheet = tmp_path / "album.flac", tmp_path / "other.flac", tmp_path / "album.cue"
    touch(album, other)
    sheet.write_text(SHEET.format("ALBUM.wav"))
    os.utime(album, ns=(1, 1))
    os.utime(sheet, ns=(5, 5))
    first, second, third = scan([tmp_path]).files
    assert (first.path, first.start, first.end) == (str(album), 0.0, 60.0)
    assert (second.start, second.end, second.mtime_ns) == (60.0, None, 5)
    assert second.size == 1 + len(SHEET.format("ALBUM.wav"))
    assert [file.cue.title for file in (first, second)] == ["Prelude", "Fugue"]
    assert third.path == str(other)
    assert third.whole
    assert not second.whole


def test_naming_the_sheet_or_the_album_is_like_naming_the_folder(tmp_path):
    touch(tmp_path / "Album.flac")
    (tmp_path / "list.cue").write_text(SHEET.format("album.flac"))
    tracks = scan([tmp_path]).files
    assert len(tracks) == 2
    for name in ("list.cue", "Album.flac"):
        found = scan([tmp_path / name])
        assert found.files == tracks
        assert found.covers(str(tmp_path / "Album.flac"))
    touch(tmp_path / "other.flac")
    assert scan([tmp_path / "other.flac"]).files[0].whole


def test_a_sheet_that_cannot_be_used_leaves_the_album_whole_and_is_noted(tmp_path):
    touch(tmp_path / "album.flac", tmp_path / "b" / "01.flac")
    for name, content in {
        "album.cue": "no sheet",
        "left over.cue": SHEET.format("long gone.wav"),
        "sides.cue": SHEET.format("A.wav") + SHEET.format("B.wav"),
    }.items():
        (tmp_path / name).write_text(content)
    found = scan([tmp_path])
    assert names(found) == ["album.flac", "01.flac"]
    assert all(file.whole for file in found.files)
    assert not found.unreadable
    assert {os.path.basename(path): reason for path, reason in found.notes.items()} == {
        "album.cue": "no TRACK in this CUE sheet",
        "left over.cue": "no file 'long gone.wav' beside the sheet",
        "sides.cue": "none of its 2 files beside the sheet",
    }
    with pytest.raises(EsprError, match="no TRACK"):
        scan([tmp_path / "album.cue"])
