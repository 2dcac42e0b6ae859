"""``espr export``: sessions, tables and playlists, as the programs that open them want them."""

from __future__ import annotations

import bz2
import csv
import io
import os
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import soundfile

from espr.alignment.recording_comparison import compare
from espr.catalog.catalog import Catalog
from espr.catalog.sound import store_comparisons, store_notes
from espr.cli.output.sonic_visualiser import session
from espr.errors import NONE_READABLE, NOTHING_MATCHED, SOME_UNREADABLE, WRONG_INPUT, EsprError
from tests.played_notes import perform, score
from tests.synthetic_library import AUDIO, Builder, understand_poles, vector
from tests.typed import Espr

SHEET = """TITLE "Album"
FILE "album.wav" WAVE
  TRACK 01 AUDIO
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    INDEX 01 00:20:37
"""


@pytest.fixture
def music(tmp_path, monkeypatch):
    """Two performances of an aria with notes, and the second track of an album."""
    builder = Builder(tmp_path / "library.espr")
    for number, loudness in enumerate((-1.0, 1.0)):
        file = tmp_path / f"{number}.wav"
        soundfile.write(file, np.zeros(62 * 8000), 8000)
        name = "=1+1 <&> グールド" if number else "P0"
        builder.add("aria", name, vector(loudness=loudness), name=file.name)
    soundfile.write(tmp_path / "album.wav", np.zeros(90 * 8000), 8000)
    (tmp_path / "album.cue").write_text(SHEET)
    (tmp_path / "other.cue").write_text("no sheet")
    builder.add("gigue", "P0", vector(), name="album.wav")
    builder.close()
    with Catalog.open(builder.path, write=True) as catalog, catalog.transaction() as connection:
        first, second = catalog.recordings(1)  # by performer: 1.wav, 0.wav
        notes = [perform(score(1), tempo, seed=1) for tempo in (1.0, 1.25)]
        for recording, played in zip((first, second), notes, strict=True):
            store_notes(connection, recording.id, AUDIO, played, None)
        (comparison,) = compare(notes[0], [notes[1]])
        store_comparisons(connection, first.id, {second.id: comparison})
        connection.execute("UPDATE recordings SET start = ? WHERE piece_id = 2", [20 + 37 / 75])
    monkeypatch.setenv("ESPR_LIBRARY", str(builder.path))
    understand_poles(monkeypatch)
    return tmp_path


@pytest.fixture
def espr(music, monkeypatch, capsys):
    return Espr(monkeypatch, capsys)


def test_a_session_has_the_sound_and_its_windows(espr, music):
    assert espr("export", "0.wav", "--sonic-visualiser", "--to", music / "a.sv").code == 0
    root = ElementTree.fromstring(bz2.decompress((music / "a.sv").read_bytes()))
    sound, *curves = root.findall("data/model")
    assert sound.attrib["file"] == str(music / "0.wav")
    assert (sound.attrib["sampleRate"], sound.attrib["mainModel"]) == ("8000", "true")
    assert len(curves) == 12 + 1
    loudness = next(one for one in curves if one.attrib["name"] == "soft … loud")
    (points,) = root.findall(f"data/dataset[@id='{loudness.attrib['dataset']}']")
    assert [point.attrib["frame"] for point in points][:2] == ["60000", "100000"]  # 7.5 s, 12.5 s
    assert float(points[0].attrib["value"]) == -1.0
    tempo = root.findall(f"data/dataset[@id='{curves[-1].attrib['dataset']}']/point")
    median = np.median([float(point.attrib["value"]) for point in tempo])
    assert median == pytest.approx(100 * (1.25**0.5 - 1), abs=2.0)
    numbers = [one.attrib["id"] for one in root.find("data") if one.tag != "dataset"]
    assert len(set(numbers)) == len(numbers)
    layers = {one.attrib["id"] for one in root.findall("data/layer")}
    assert {one.attrib["id"] for one in root.findall("display/view/layer")} == layers


def test_a_session_of_a_track_counts_in_the_file(espr, music):
    assert espr("export", "gigue", "--sonic-visualiser", "--to", music / "a.sv").code == 0
    root = ElementTree.fromstring(bz2.decompress((music / "a.sv").read_bytes()))
    first = root.find("data/dataset/point")
    assert first.attrib["frame"] == str(round((20 + 37 / 75 + 7.5) * 8000))


def test_a_performer_is_named_with_the_piece(espr, music):
    """As README and the manual page have it; each word is a recording."""
    to = ("--sonic-visualiser", "--to", music / "a.sv")
    assert espr("export", "P0", "-p", "aria", *to).code == 0
    assert espr("export", "P0", "aria", *to).code == WRONG_INPUT


def test_csv_has_a_line_for_each_window(espr, music):
    _, out, _ = espr("export", "--piece", "aria", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 24
    assert {row["performer"] for row in rows} == {"P0", "'=1+1 <&> グールド"}
    assert rows[-1]["recording"].endswith("0.wav") and rows[1]["start"] == "5.0"
    _, out, _ = espr("export", "gigue", "--csv")
    row = next(csv.DictReader(io.StringIO(out)))
    assert (row["start"], row["start_in_file"]) == ("0.0", "20.493")


def test_a_playlist_names_the_recordings_of_a_piece(espr, music):
    _, out, _ = espr("export", "-p", "aria", "--m3u", "--relative-to", music)
    assert out.splitlines() == [
        "#EXTM3U",
        "#EXTINF:70,=1+1 <&> グールド - aria",
        "1.wav",
        "#EXTINF:70,P0 - aria",
        "0.wav",
    ]


def test_a_track_is_named_for_each_player(espr, music):
    _, out, _ = espr("export", "gigue", "--m3u", "--relative-to", music)
    track = out.splitlines()
    assert track[2] == f"#EXTURL:file://{music}/album.wav#20.4933333333333-90.4933333333333"
    assert track[3:] == ["#EXTVLCOPT:start-time=20.493", "album.wav"]
    _, out, _ = espr("export", "gigue", "--m3u", "--mpd", "--relative-to", music)
    assert out.splitlines()[-1] == "album.cue/track0002"
    os.remove(music / "album.cue")
    _, out, _ = espr("export", "gigue", "--m3u", "--mpd", "--relative-to", music)
    assert out.splitlines()[-1] == "album.wav"


@pytest.mark.parametrize("form", ["--csv", "--m3u", "--sonic-visualiser"])
def test_a_file_of_another_kind_is_never_replaced(espr, music, form):
    before = (music / "0.wav").read_bytes()
    code, _, err = espr("export", "0.wav", form, "--to", music / "0.wav")
    assert code == WRONG_INPUT
    kind = {"--csv": "table of windows", "--m3u": "playlist"}.get(form, "session")
    assert err == f"espr: {music / '0.wav'} exists and is no {kind}; give it another name\n"
    assert (music / "0.wav").read_bytes() == before
    for _ in range(2):  # its own kind is
        assert espr("export", "0.wav", form, "--to", music / "x").code == 0
    assert not list(music.glob(".*.part"))


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["0.wav"], WRONG_INPUT, "one of --sonic-visualiser, --csv and --m3u"),
        (["0.wav", "--csv", "--m3u"], WRONG_INPUT, "one of"),
        (["--csv"], WRONG_INPUT, "name recordings"),
        (["0.wav", "--csv", "--mpd"], WRONG_INPUT, "belong to --m3u"),
        (["-p", "aria", "--sonic-visualiser"], WRONG_INPUT, "of one recording, not of 2"),
        (["nobody", "--csv"], NOTHING_MATCHED, "nobody"),
        (["0.wav", "--m3u", "--relative-to", "/no/such"], WRONG_INPUT, "does not lie in"),
        (["0.wav", "--csv", "--to", "/no/such/x"], WRONG_INPUT, "cannot write"),
    ],
)
def test_every_error_is_one_clear_line(espr, arguments, code, said):
    left, out, err = espr("export", *arguments)
    assert (left, out) == (code, "")
    assert said in err and err.count("\n") == 1


def test_a_session_of_a_file_that_is_gone_is_one_line(espr, music):
    (music / "0.wav").unlink()
    code, _, err = espr("export", "0.wav", "--sonic-visualiser", "--to", music / "a.sv")
    assert code == WRONG_INPUT and "0.wav" in err and err.count("\n") == 1


@pytest.mark.parametrize("name", ["a\u200f\ufeff\u2028é\t#%.wav", "new\nline.wav", "\\&<>\"'.wav"])
def test_a_session_finds_a_sound_of_any_name_that_xml_can_hold(tmp_path, name):
    content = session(str(tmp_path / name), 8_000, 60.0, [])
    root = ElementTree.fromstring(bz2.decompress(content))
    assert root.find("data/model").attrib["file"] == str(tmp_path / name)


@pytest.mark.parametrize("name", ["\x1b[2J.wav", os.fsdecode(b"na\xefve.wav")])
def test_a_session_of_another_name_is_refused(tmp_path, name):
    with pytest.raises(EsprError, match="cannot hold"):  # it would open without its sound
        session(str(tmp_path / name), 8_000, 60.0, [])


def test_a_playlist_leaves_out_alone_what_it_cannot_hold(espr, tmp_path):
    builder = Builder(tmp_path / "odd.espr")
    for name in ("1.wav", "two\nlines.wav", "3.wav"):
        builder.add("aria", name[0], vector(), name=name)
    builder.close()
    code, out, err = espr("export", "-p", "aria", "--m3u", "--library", builder.path)
    assert code == SOME_UNREADABLE
    assert out.splitlines()[2::2] == [str(tmp_path / "1.wav"), str(tmp_path / "3.wav")]
    assert "left out of the playlist" in err and "two\\nlines.wav" in err and err.count("\n") == 1
    arguments = ("--m3u", tmp_path / "a.m3u", "--library", builder.path)
    code, out, err = espr("query", "soft", "-p", "aria", *arguments)
    assert code == SOME_UNREADABLE and "aria, 3 performances" in out and "two\\nlines.wav" in err
    code, _, err = espr("export", "t", "--m3u", "--library", builder.path)
    assert code == NONE_READABLE and err.count("\n") == 1
