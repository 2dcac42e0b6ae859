"""Best windows as playlists and as clips, for programs whose rules are in their own reports."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from espr.catalog.catalog import Recording
from espr.cli.output.clip_files import clip_name, write_clips
from espr.errors import NONE_READABLE, EsprError
from espr.pages.playlists import playlist
from espr.retrieval.passages import Passage, passages_of, whole_recordings
from espr.works.tags import Tags
from tests.synthetic_library import Builder, understand_poles, vector
from tests.typed import Espr


def recording(path, start=0.0, end=None, duration=60.0, performer="Gould", title="Aria"):
    return Recording(
        1, str(path), start, end, duration, "", "", performer, title, "", None, Tags()
    )  # fmt: skip


def lines(passages, relative_to=None):
    made = playlist(passages, relative_to)
    assert made.left_out == []
    return made.content.decode(errors="surrogateescape").splitlines()


def test_vlc_starts_and_stops_at_the_window():
    (passage,) = passages_of([(recording("/m/a.flac"), 35.25, 50.25)])
    assert lines([passage]) == [
        "#EXTM3U",
        "#EXTINF:15,Gould - Aria",
        "#EXTVLCOPT:start-time=35.250",
        "#EXTVLCOPT:stop-time=50.250",
        "/m/a.flac",
    ]


def test_a_window_of_a_track_is_counted_in_the_file():
    track = recording("/m/älbum 1.flac", 100.0 + 25 / 75, 190.0, 90.0 - 25 / 75)
    (passage,) = passages_of([(track, 10.0, 25.0)])
    found = lines([passage])
    assert found[2] == "#EXTURL:file:///m/%C3%A4lbum%201.flac#100.333333333333-190"  # Lyrion's own
    assert found[3:5] == ["#EXTVLCOPT:start-time=110.333", "#EXTVLCOPT:stop-time=125.333"]


def test_a_whole_file_has_neither_start_nor_stop_and_the_last_track_no_stop():
    first, last = whole_recordings(
        [recording("/m/a.flac"), recording("/m/b.flac", 200.0, None, 50.0)]
    )
    assert lines([first]) == ["#EXTM3U", "#EXTINF:60,Gould - Aria", "/m/a.flac"]
    assert lines([last])[2:] == [
        "#EXTURL:file:///m/b.flac#200-250",
        "#EXTVLCOPT:start-time=200.000",
        "/m/b.flac",
    ]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/m/sub/a b%20c.flac", "sub/a b%20c.flac"),
        ("/m/#1 Hits/a.flac", "./#1 Hits/a.flac"),  # else a comment
        ("/m/<live>.flac", "./<live>.flac"),  # Lyrion takes it for HTML
        ("/m/ blank.flac", "./ blank.flac"),  # stripped by Music Assistant
        ("/m/\ufeffmark.flac", "./\ufeffmark.flac"),  # stripped by Lyrion
        ("/m/http:/host/a.flac", "./http:/host/a.flac"),  # FFmpeg takes it for an address
        ("/m/concat:a.flac|b.flac", "./concat:a.flac|b.flac"),
        ("/m/a\\b \u202egnol\u202c 100%.flac", "a\\b \u202egnol\u202c 100%.flac"),
        (os.fsdecode(b"/m/na\xefve.flac"), os.fsdecode(b"na\xefve.flac")),
    ],
)
def test_paths_relative_to_the_music_folder(path, line):
    assert lines(whole_recordings([recording(path)]), Path("/m"))[-1] == line


def test_what_lies_elsewhere_is_refused():
    with pytest.raises(EsprError, match="does not lie in"):  # MPD resolves no ".."
        playlist(whole_recordings([recording("/n/a.flac")]), Path("/m"))


@pytest.mark.parametrize("name", ["a\nb.flac", "a\rb.flac", "a\u2028b.flac", "a.flac "])
def test_a_name_that_no_playlist_can_hold_is_left_out_alone(name):
    odd = recording(f"/m/{name}")
    made = playlist(whole_recordings([recording("/m/1.flac"), odd, recording("/m/2.flac")]))
    assert made.content.decode().splitlines()[2::2] == ["/m/1.flac", "/m/2.flac"]
    (why,) = made.left_out
    assert repr(odd.path) in why and "line break" in why
    with pytest.raises(EsprError, match="would be empty") as refused:
        playlist(whole_recordings([odd]))
    assert refused.value.exit_code == NONE_READABLE


def test_a_recording_without_tags_is_called_by_its_file():
    (passage,) = whole_recordings([recording("/m/take 3.flac", performer="", title="")])
    assert lines([passage])[1] == "#EXTINF:60,take 3"


def test_titles_cannot_break_out_of_their_line():
    passage = Passage(recording("/m/a.flac", title="x\n/etc/passwd\u2028"), "x", 0.0, 60.0)
    assert len(lines([passage])) == 3


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Glenn Gould", "01 Glenn Gould.mp3"),
        ("AC/DC: <live>?", "01 AC DC live.mp3"),
        ('"Hélène" | Grimaud\\x', "01 Hélène Grimaud x.mp3"),
        ("dots...", "01 dots.mp3"),
        ("", "01.mp3"),
        ("NUL", "01 NUL.mp3"),  # not the device, with a number before it
        ("..", "01.mp3"),
    ],
)
def test_clip_names_are_safe_everywhere(name, expected):
    assert clip_name(1, name, "mp3") == expected


def test_a_long_name_is_cut_between_letters():
    name = clip_name(3, "グレン・グールド" * 40, "mp3")
    assert len(os.fsencode(name)) <= 160 and name.endswith(".mp3")
    assert "\ufffd" not in name


@pytest.fixture
def music(tmp_path):
    """Four files of 20 s."""
    times = np.arange(20 * 22_050) / 22_050
    for number in range(4):
        tone = 0.3 * np.sin(2 * np.pi * 220 * (number + 1) * times)
        soundfile.write(tmp_path / f"{number}.flac", tone, 22_050)
    return tmp_path


def test_clips_have_the_length_of_their_window(music):
    passages = passages_of((recording(music / f"{n}.flac"), 2.0, 7.0) for n in range(4))
    assert write_clips(music / "new" / "clips", passages) == []
    files = sorted((music / "new" / "clips").iterdir())
    assert [file.stem[:2] for file in files] == ["01", "02", "03", "04"]
    assert soundfile.info(files[0]).duration == pytest.approx(5.0, abs=0.1)
    assert len(list((music / "new").iterdir())) == 1  # no draft is left


def test_what_cannot_be_read_is_left_out_and_named(music):
    (music / "1.flac").write_bytes(b"no music")
    (music / "2.flac").unlink()
    passages = passages_of((recording(music / f"{n}.flac"), 2.0, 7.0) for n in range(4))
    unreadable = write_clips(music / "clips", passages)
    assert [reason.split()[0][-6:] for reason in unreadable] == ["1.flac", "2.flac"]
    assert sorted(file.name[:2] for file in (music / "clips").iterdir()) == ["01", "04"]
    with pytest.raises(EsprError, match="no clip") as caught:
        write_clips(music / "none", passages[1:3])
    assert caught.value.exit_code == NONE_READABLE and not (music / "none").exists()


def test_no_file_is_ever_replaced(music):
    passages = passages_of([(recording(music / "0.flac"), 0.0, 5.0)])
    before = (music / "0.flac").read_bytes()
    with pytest.raises(EsprError, match="not empty"):
        write_clips(music, passages)
    assert (music / "0.flac").read_bytes() == before
    (music / "empty").mkdir()
    write_clips(music / "empty", passages)
    assert len(list((music / "empty").iterdir())) == 1


def test_the_root_is_no_folder_for_clips():
    with pytest.raises(EsprError, match="is not empty"):
        write_clips(Path("/"), [])


def test_a_query_writes_clips(music, monkeypatch, capsys):
    builder = Builder(music / "library.espr")
    for number, loudness in enumerate((-1.0, 1.0)):
        builder.add("aria", f"P{number}", vector(loudness=loudness), name=f"{number}.flac")
    builder.close()
    monkeypatch.setenv("ESPR_LIBRARY", str(builder.path))
    understand_poles(monkeypatch)
    espr = Espr(monkeypatch, capsys)
    assert espr("query", "loud", "-p", "aria", "--clips", music / "clips").code == 0
    assert [one.name for one in sorted((music / "clips").iterdir())] == ["01 P1.mp3", "02 P0.mp3"]
    (music / "0.flac").unlink()
    code, _, err = espr("query", "loud", "-p", "aria", "--clips", music / "more")
    assert code == 3 and "left out of the clips" in err and "0.flac" in err
