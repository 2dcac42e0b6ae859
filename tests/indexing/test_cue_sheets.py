"""CUE sheets as rippers write them, and as nobody should."""

import unicodedata
from pathlib import Path

import pytest

from espr.errors import EsprError
from espr.indexing.cue_sheets import read_cue

SHEET = """REM GENRE Classical
REM DATE 1955
REM COMPOSER "Johann Sebastian Bach"
PERFORMER "Hélène Grimaud"
TITLE "Goldberg"
FILE "album.wav" WAVE
  TRACK 01 AUDIO
    TITLE "Aria"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Variatio 1"
    PERFORMER "Glenn Gould"
    INDEX 00 01:52:70
    INDEX 01 01:53:15
"""


def written(folder: Path, text: str | bytes, *audio: str) -> str:
    for name in audio:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    sheet = folder / "album.cue"
    sheet.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(sheet)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"])
def test_a_one_file_album_is_split(tmp_path: Path, encoding: str) -> None:
    first, second = read_cue(written(tmp_path, SHEET.encode(encoding), "album.wav"))
    assert (first.start, first.end) == (0.0, pytest.approx(113.2))
    assert (second.start, second.end) == (pytest.approx(113.2), None)
    assert first.path == second.path == str(tmp_path / "album.wav")
    assert first.tags.title == "Aria"
    assert first.tags.composer == "Johann Sebastian Bach"
    assert first.tags.artist == "Hélène Grimaud"
    assert second.tags.artist == "Glenn Gould"
    assert (first.tags.album, first.tags.track, first.tags.date) == ("Goldberg", "1", "1955")


def test_the_file_may_have_been_converted(tmp_path: Path) -> None:
    tracks = read_cue(written(tmp_path, SHEET.replace("\n", "\r\n"), "album.flac"))
    assert tracks[0].path == str(tmp_path / "album.flac")


def test_a_file_for_each_track_is_not_split(tmp_path: Path) -> None:
    sheet = """FILE "01.flac" WAVE
TRACK 01 AUDIO
TITLE "Aria"
INDEX 01 00:00:33
FILE 02.flac WAVE
TRACK 02 AUDIO
TITLE Variatio
INDEX 01 00:00:00
"""
    tracks = read_cue(written(tmp_path, sheet, "01.flac", "02.flac"))
    assert [(track.start, track.end) for track in tracks] == [(0.0, None), (0.0, None)]
    assert [track.tags.title for track in tracks] == ["Aria", "Variatio"]


def test_a_single_track_is_the_whole_file(tmp_path: Path) -> None:
    (track,) = read_cue(written(tmp_path, SHEET.split("  TRACK 02")[0], "album.wav"))
    assert (track.start, track.end) == (0.0, None)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("album.wav", "../../etc/passwd"), "outside"),
        (("01:53:15", "01:53:99"), "no time"),
        (("INDEX 01 01:53:15", "INDEX one"), "no INDEX"),
        (("    INDEX 01 01:53:15\n", ""), "no INDEX 01"),
        (("INDEX 01 01:53:15", "INDEX 01 00:00:00"), "before it begins"),
        (('FILE "album.wav" WAVE\n', ""), "before any FILE"),
    ],
)
def test_malformed_sheets(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    assert change[0] in SHEET
    with pytest.raises(EsprError, match=told):
        read_cue(written(tmp_path, SHEET.replace(*change), "album.wav"))


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.wav").write_bytes(b"")
    inside = tmp_path / "album"
    inside.mkdir()
    (inside / "album.wav").symlink_to(tmp_path / "secret.wav")
    with pytest.raises(EsprError, match="outside"):
        read_cue(written(inside, SHEET))


def test_no_audio_no_tracks_no_sheet(tmp_path: Path) -> None:
    with pytest.raises(EsprError, match="no file"):
        read_cue(written(tmp_path, SHEET.replace("album.wav", "other.wav")))
    with pytest.raises(EsprError, match="no TRACK"):
        read_cue(written(tmp_path, b"\x81\x8d\x8f not a sheet"))
    with pytest.raises(EsprError, match="cannot read"):
        read_cue(str(tmp_path / "missing.cue"))


def test_a_value_ends_at_the_last_quote_of_its_line(tmp_path: Path) -> None:
    sheet = SHEET.replace('TITLE "Aria"', 'TITLE "Sonata "Moonlight": I. Adagio"')
    sheet = sheet.replace('"Variatio 1"', '"The \\"Little\\" Fugue" ')
    sheet = sheet.replace("album.wav", 'The "Goldbergs".wav')
    first, second = read_cue(written(tmp_path, sheet, 'The "Goldbergs".wav'))
    assert first.path == str(tmp_path / 'The "Goldbergs".wav')
    assert first.tags.title == 'Sonata "Moonlight": I. Adagio'
    assert second.tags.title == 'The "Little" Fugue'


def test_letter_case_and_unicode_form_do_not_matter(tmp_path: Path) -> None:
    sheet = SHEET.replace("album.wav", "CD 1/PRÉLUDES.Wav")
    on_disk = unicodedata.normalize("NFD", "cd 1/Préludes.flac")
    tracks = read_cue(written(tmp_path, sheet, on_disk))
    assert [track.path for track in tracks] == [str(tmp_path / on_disk)] * 2


def test_where_a_ripper_kept_the_file_does_not_matter(tmp_path: Path) -> None:
    for name in ("C:\\rips\\new\\album.wav", "/home/somebody/album.wav", "\\\\nas\\album.wav"):
        tracks = read_cue(written(tmp_path, SHEET.replace("album.wav", name), "album.wav"))
        assert {track.path for track in tracks} == {str(tmp_path / "album.wav")}


def test_two_files_are_not_one(tmp_path: Path) -> None:
    two = SHEET.replace("  TRACK 02", 'FILE "Side B.wav" WAVE\n  TRACK 02')
    with pytest.raises(EsprError, match="none of its 2 files"):
        read_cue(written(tmp_path, two.replace("album.wav", "Side A.wav"), "album.flac"))
    with pytest.raises(EsprError, match="cannot be two"):
        read_cue(written(tmp_path, two.replace("Side B.wav", "ALBUM.wav"), "album.flac"))
    (only,) = read_cue(written(tmp_path, two, "album.flac"))
    assert (only.start, only.end, only.tags.title) == (0.0, None, "Aria")


def test_a_file_that_is_named_again_further_down(tmp_path: Path) -> None:
    sheet = """FILE "1.wav" WAVE
  TRACK 01 AUDIO
    INDEX 01 00:00:00
FILE "2.wav" WAVE
  TRACK 02 AUDIO
    INDEX 01 00:00:00
FILE "1.wav" WAVE
  TRACK 03 AUDIO
    INDEX 01 00:30:00
"""
    tracks = read_cue(written(tmp_path, sheet, "1.wav", "2.wav"))
    assert [(t.tags.title, t.start, t.end) for t in tracks] == [
        ("Track 01", 0.0, 30.0),
        ("Track 02", 0.0, None),
        ("Track 03", 30.0, None),
    ]
    with pytest.raises(EsprError, match="track 1 ends before it begins"):
        read_cue(written(tmp_path, sheet.replace("00:30:00", "00:00:00"), "1.wav", "2.wav"))


def test_a_sheet_of_many_tracks_is_read_in_time_that_grows_with_it(tmp_path: Path) -> None:
    tracks = "".join(f"TRACK {n} AUDIO\nINDEX 01 {n // 60}:{n % 60:02}:00\n" for n in range(20_000))
    assert len(read_cue(written(tmp_path, f'FILE "1.wav" WAVE\n{tracks}', "1.wav"))) == 20_000


def test_a_track_that_is_listed_again_below_its_own_file_is_one_track(tmp_path: Path) -> None:
    sheet = """FILE "1.wav" WAVE
  TRACK 01 AUDIO
    TITLE "Aria"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Fugue"
    INDEX 00 03:48:68
FILE "2.wav" WAVE
  TRACK 02 AUDIO
    TITLE "Fugue"
    INDEX 01 00:00:00
"""
    tracks = read_cue(written(tmp_path, sheet, "1.wav", "2.wav"))
    assert [(t.path[-5:], t.start, t.end, t.tags.title) for t in tracks] == [
        ("1.wav", 0.0, None, "Aria"),
        ("2.wav", 0.0, None, "Fugue"),
    ]


def test_a_title_after_the_pregap_and_a_track_after_a_hundred_minutes(tmp_path: Path) -> None:
    sheet = SHEET.replace('    TITLE "Variatio 1"\n', "") + '    TITLE "Variatio 1"\n'
    _, second = read_cue(written(tmp_path, sheet.replace("01:53:15", "108:48:69"), "album.wav"))
    assert (second.tags.title, second.start) == ("Variatio 1", pytest.approx(108 * 60 + 48.92))


def test_tracks_without_titles_are_numbered_not_named_after_their_file(tmp_path: Path) -> None:
    sheet = SHEET.replace('    TITLE "Aria"\n', "").replace('    TITLE "Variatio 1"\n', "")
    titles = [track.tags.title for track in read_cue(written(tmp_path, sheet, "album.wav"))]
    assert titles == ["Track 01", "Track 02"]


def test_a_folder_reached_by_a_link(tmp_path: Path) -> None:
    inside = tmp_path / "real"
    inside.mkdir()
    sheet = written(inside, SHEET, "album.wav")
    (tmp_path / "link").symlink_to(inside)
    tracks = read_cue(sheet.replace("/real/", "/link/"))
    assert tracks[0].path == str(tmp_path / "link" / "album.wav")


def test_japanese_titles(tmp_path: Path) -> None:
    sheet = SHEET.replace("Aria", "月光 第1楽章").replace("Hélène Grimaud", "内田光子")
    first, _ = read_cue(written(tmp_path, sheet.encode("cp932"), "album.wav"))
    assert (first.tags.title, first.tags.artist) == ("月光 第1楽章", "内田光子")


def test_a_track_whose_music_begins_in_the_next_file(tmp_path: Path) -> None:
    sheet = """FILE "1.flac" WAVE
  TRACK 01 AUDIO
    TITLE "Politik"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "God"
    INDEX 00 03:46:65
FILE "2.flac" WAVE
    INDEX 01 00:00:00
FILE "3.flac" WAVE
  TRACK 03 AUDIO
    TITLE "The Scientist"
    INDEX 01 00:00:00
"""
    tracks = read_cue(written(tmp_path, sheet, "1.flac", "2.flac", "3.flac"))
    assert [(Path(t.path).name, t.start, t.end, t.tags.title) for t in tracks] == [
        ("1.flac", 0.0, None, "Politik"),
        ("2.flac", 0.0, None, "God"),
        ("3.flac", 0.0, None, "The Scientist"),
    ]


def test_one_accent_in_utf_8_is_utf_8(tmp_path: Path) -> None:
    sheet = SHEET.replace("Hélène Grimaud", "Air").replace("Aria", "Décollage")
    assert read_cue(written(tmp_path, sheet, "album.wav"))[0].tags.title == "Décollage"
