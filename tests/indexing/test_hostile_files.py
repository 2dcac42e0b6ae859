"""Files that lie: about their length, their rate, their names, where they are, what they say."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from espr.audio import decode as decoding
from espr.cli import app
from espr.encoders import load_audio_encoder
from espr.errors import EsprError
from espr.indexing.tags import read_tags
from espr.works.tags import Tags
from tests.analyse_here import analyse_here
from tests.signals import RATE, phrase, write, write_phrase
from tests.typed import PATIENCE, REPOSITORY, Espr

MEGABYTES = 600  # of a worker, whatever it hears
BIDI = "\u202e\u2066\u200f"
# the encoder that loads fastest: what is tested here is the same of all
ANALYSE = ("index", "--encoder", "signal")
STEERING = f"\x1b[2J\x1b]0;title\x07{BIDI}\u2028\u2029\n\r\t\x9b31m"
FORMULAS = ('=HYPERLINK("http://x")', "+1", "-1+1|cmd", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1")
LONG = "Prélude " * 8192  # 64 KiB


@pytest.fixture
def espr(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("ESPR_LIBRARY", str(tmp_path / "library.espr"))
    monkeypatch.setenv("COLUMNS", "100")
    analyse_here(monkeypatch)
    return Espr(monkeypatch, capsys)


def tagged(path: Path, seed: int = 0, **tags: str) -> Path:
    """A phrase as FLAC with tags, whatever they hold."""
    samples = np.rint(32_000 * phrase(1.5, seed=seed)).astype(np.int16)[None]
    with av.open(str(path), "w") as file:
        file.metadata.update(tags)
        stream = file.add_stream("flac", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        for packet in (*stream.encode(frame), *stream.encode(None)):
            file.mux(packet)
    return path


def hear_alone(path: Path, encoder: str = "signal", timeout: float = PATIENCE) -> tuple[str, int]:
    """What one process makes of a file, and its largest memory in MB.

    Not of getrusage: that begins with what the process had that started this one.
    """
    script = (
        "import re, sys\n"
        "from espr.encoders import load_audio_encoder\n"
        "from espr.errors import EsprError\n"
        "try: print('heard', load_audio_encoder(sys.argv[2]).hear(sys.argv[1]).duration)\n"
        "except EsprError as error: print(error)\n"
        "status = open('/proc/self/status').read()\n"
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', status)[1]) >> 10)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, path, encoder],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=timeout,
    )
    told, megabytes = done.stdout.splitlines()
    return told, int(megabytes)


# -- lengths, rates, channels -----------------------------------------------------------------


def test_a_flac_that_claims_ten_hours(tmp_path):
    path = write_phrase(tmp_path / "claim.flac")
    data = bytearray(path.read_bytes())
    # STREAMINFO: 36 bits of samples behind 20 bits of rate, 3 of channels, 5 of depth
    claim = 10 * 3600 * RATE
    data[21] = data[21] & 0xF0 | claim >> 32
    data[22:26] = (claim & 0xFFFFFFFF).to_bytes(4, "big")
    path.write_bytes(data)
    told, megabytes = hear_alone(path)
    assert "cut short" in told
    assert megabytes < 200


def test_a_megabyte_that_unfolds(tmp_path):
    """FLAC stores silence in a few bytes a second; much of it is heard in little memory."""
    quiet = np.zeros(8_000 * 600, np.int16)
    quiet[::80_000] = 8_000
    # twelve hours by either encoder: make soak
    for encoder, minutes, most in (("signal", 30, 250), ("midlevel", 10, 550)):
        path = tmp_path / f"{encoder}.flac"
        with soundfile.SoundFile(path, "w", 8_000, 1) as file:
            for _ in range(minutes // 10):
                file.write(quiet)
        assert path.stat().st_size < 5 << 20
        told, megabytes = hear_alone(path, encoder)
        assert told == f"heard {60 * minutes}.0"
        assert megabytes < most


@pytest.mark.parametrize("frame", [b"APIC", b"TIT2"])
def test_a_tag_of_a_quarter_of_a_gigabyte(tmp_path, frame):
    def sevens(number: int) -> bytes:
        return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))

    length = 255 << 20
    audio = write_phrase(tmp_path / "a.mp3").read_bytes()
    path = tmp_path / "take.mp3"
    with path.open("wb") as file:
        file.write(b"ID3\4\0\0" + sevens(length) + frame + sevens(length - 10) + b"\0\0\3")
        file.seek(10 + length)
        file.write(audio)
    told, megabytes = hear_alone(path)
    assert told.startswith("has 255 MB of tags")
    assert megabytes < 200
    assert read_tags(str(path)) == Tags()


@pytest.mark.parametrize("rate", [1, 3_999, 10_000_000, 0x7FFFFFFF])
def test_a_sample_rate_that_no_recording_has(tmp_path, rate):
    path = write_phrase(tmp_path / "rate.wav")
    data = bytearray(path.read_bytes())
    data[24:28] = rate.to_bytes(4, "little")
    path.write_bytes(data)
    told, megabytes = hear_alone(path)
    assert re.search(r"sample rate of \d+ Hz", told) or "cannot be decoded" in told
    assert megabytes < 200


@pytest.mark.parametrize("channels", [255, 1024])
def test_many_channels(tmp_path, channels):
    sound = np.repeat(phrase(2.0, 8_000)[:, None].astype(np.float32), channels, axis=1)
    path = tmp_path / "many.wav"
    soundfile.write(path, sound, 8_000, "PCM_U8")
    told, megabytes = hear_alone(path)
    assert told == "heard 2.0"
    assert megabytes < 200


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{other}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile {other}\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n",
    ],
)
@pytest.mark.parametrize("name", ["take.m4a", "take.mp4", "take.aac"])
def test_a_playlist_by_the_name_of_a_recording_opens_no_other_file(tmp_path, name, text):
    other = write_phrase(tmp_path / "secret.flac")
    path = tmp_path / name
    path.write_text(text.format(other=other.name))
    with pytest.raises(EsprError, match="cannot be decoded"):
        decoding.decode(path)


# -- files that change or go in circles --------------------------------------------------------


def test_a_long_file_that_is_replaced_while_it_is_heard(tmp_path, monkeypatch):
    """Long recordings are decoded twice; what differs the second time is no recording."""
    monkeypatch.setattr(decoding, "_KEPT_SECONDS", 1)
    path = write_phrase(tmp_path / "take.wav", 6.0)
    for other in (phrase(6.0, seed=1), phrase(3.0), phrase(12.0)):
        whole = decoding.decode(path)
        write(tmp_path / "other.wav", other)
        os.replace(tmp_path / "other.wav", path)
        with pytest.raises(EsprError, match="changed while it was read"):
            list(whole.chunks(60 * RATE, 512))
    assert load_audio_encoder("signal").hear(path).duration == pytest.approx(12.0)


def test_a_file_that_is_replaced_between_two_runs_is_heard_again(espr, tmp_path):
    music = tmp_path / "music"
    music.mkdir()
    path = write_phrase(music / "a.wav", 2.0)
    assert espr(*ANALYSE, music, "--quiet").code == 0
    write(path, phrase(2.0, seed=5))  # the same size
    done = espr("index", music)
    assert done.out.startswith("indexed 1 ")


def test_links_that_go_in_circles(espr, tmp_path):
    music = tmp_path / "music"
    (music / "below").mkdir(parents=True)
    write_phrase(music / "a.wav")
    (music / "below" / "up").symlink_to(music)
    (music / "self.wav").symlink_to("self.wav")
    (music / "self").symlink_to("self")
    assert espr(*ANALYSE, music).out.startswith("indexed 1 ")
    for name in ("self.wav", "self"):
        done = espr("index", music / name)
        assert done.code == 2
        assert len(done.err.splitlines()) == 1


# -- paths in sheets and tables -----------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../secret.flac", "/etc/passwd", "below/../../secret.flac", "a\0b", "C:secret.flac"]
)
def test_a_cue_sheet_reaches_nothing_outside_its_folder(espr, tmp_path, name):
    write_phrase(tmp_path / "secret.flac")
    music = tmp_path / "music"
    music.mkdir()
    write_phrase(music / "album.flac")
    (music / "album.cue").write_text(
        f'FILE "{name}" WAVE\n  TRACK 01 AUDIO\n    TITLE "x"\n    INDEX 01 00:00:00\n'
    )
    done = espr(*ANALYSE, music, "--json")
    events = [json.loads(line) for line in done.out.splitlines()]
    paths = {event["path"] for event in events if "path" in event}
    assert paths == {str(music / "album.flac")}
    assert "secret" not in espr("pieces").out


def test_a_manifest_only_names_what_is_indexed(espr, tmp_path):
    write_phrase(tmp_path / "secret.flac")
    music = tmp_path / "music"
    music.mkdir()
    write_phrase(music / "a.flac")
    (music / "pieces.csv").write_text(
        "path,piece,performer\n../secret.flac,Secret,X\n/etc/passwd,Secret,Y\n"
        f"a.flac,A{STEERING.splitlines()[0]},{BIDI}Gould\n"
    )
    assert espr(*ANALYSE, music, "--pieces", music / "pieces.csv", "--quiet").code == 0
    done = espr("pieces")
    assert "Secret" not in done.out
    assert_plain(done.out)


# -- what tags and names say --------------------------------------------------------------------


def assert_plain(text: str) -> None:
    """Nothing that steers a terminal or turns the direction of writing; lines of sane length."""
    for letter in text.replace("\n", ""):
        assert unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Zl", "Zp"), ascii(letter)
    assert max(map(len, text.splitlines()), default=0) < 2_500


@pytest.fixture(scope="module")
def hostile_music(tmp_path_factory):
    """Two takes of a piece whose tags and names steer, and go on for 64 KiB; a library of them."""
    folder = tmp_path_factory.mktemp("hostile")
    music, library = folder / f"mu\x1b[2J{BIDI}sic", folder / "library.espr"
    music.mkdir()
    for seed, performer in enumerate((f"{STEERING}Gould", LONG)):
        tagged(
            music / f"take{seed}\n\x1b]0;x\x07{BIDI}.flac",
            seed,
            title=f"{STEERING}Prelude in C, BWV 846",
            composer="Bach",
            artist=performer,
            album=LONG,
        )
    with pytest.MonkeyPatch.context() as patch:
        analyse_here(patch)
        patch.setattr(sys, "argv", ["espr", *ANALYSE, str(music), "--library", str(library)])
        with pytest.raises(SystemExit) as left:
            app.main()
    assert not left.value.code
    return music, library


@pytest.fixture
def hostile_library(espr, hostile_music, monkeypatch):
    """The folder of music whose library commands read; none of them changes it."""
    music, library = hostile_music
    monkeypatch.setenv("ESPR_LIBRARY", str(library))
    return music


@pytest.mark.parametrize(
    "command",
    [
        ("index",),
        ("pieces",),
        ("pieces", "show", "bach"),
        ("query", "calm", "--piece", "bach", "--verbose", "--explain"),
        ("query", "calm"),
        ("query", "calm", "--like", "take0"),
        ("show", "take0"),
        ("query", f"calm {STEERING} {LONG}"),
        ("query", f"{STEERING}qqq"),
        ("query", "calm", "--piece", f"{STEERING}none"),
        ("index", f"/none{STEERING}"),
    ],
    ids=lambda command: " ".join(command[:2])[:20].encode("ascii", "replace").decode(),
)
def test_what_is_printed_steers_nothing(espr, hostile_library, command):
    if command == ("index",):
        command = ("index", hostile_library)
    done = espr(*command)
    assert done.code in (0, 1, 2)
    assert done.out or done.err
    assert_plain(done.out)
    assert_plain(done.err)


@pytest.mark.parametrize(
    "command", [("pieces",), ("query", "calm"), ("show", "take0"), ("words", f"calm {STEERING}")]
)
def test_json_steers_nothing_and_says_everything(espr, hostile_library, command):
    done = espr(*command, "--json")
    assert done.code == 0
    for letter in done.out.removesuffix("\n"):
        assert unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Zl", "Zp"), ascii(letter)
    assert BIDI in json.dumps(json.loads(done.out), ensure_ascii=False)


def test_no_cell_is_a_formula(espr, tmp_path):
    music = tmp_path / "music"
    music.mkdir()
    for seed, formula in enumerate(FORMULAS):
        tagged(music / f"=1+{seed}.flac", seed, title="BWV 846", composer="Bach", artist=formula)
    assert espr(*ANALYSE, music, "--quiet").code == 0
    for formula in FORMULAS:
        done = espr("query", f"calm {formula}", "--piece", "bach", "--csv")
        rows = list(csv.reader(io.StringIO(done.out)))
        assert len(rows) == 1 + len(FORMULAS)
        header = rows[0]
        for row in rows[1:]:
            for name, cell in zip(header, row, strict=True):
                if name in ("query", "piece", "performer", "recording"):
                    assert not cell.lstrip()[:1] or cell.lstrip()[0] not in "=+-@\t\r＝"


def test_a_typed_formula_is_quoted():
    from espr.cli.output.terminal_safe import csv_safe

    for formula in FORMULAS:
        assert csv_safe(formula).startswith("'")
    assert csv_safe("Gould = good") == "Gould = good"


# -- memory -------------------------------------------------------------------------------------


@pytest.mark.skipif(not os.environ.get("ESPR_SOAK"), reason="five minutes: make soak")
@pytest.mark.parametrize("encoder", ["signal", "midlevel"])
def test_memory_of_twelve_hours(tmp_path, encoder):
    path = tmp_path / "long.flac"
    hour = np.rint(20_000 * np.tile(phrase(60.0, 8_000), 60)).astype(np.int16)
    with soundfile.SoundFile(path, "w", 8_000, 1) as file:
        for _ in range(12):
            file.write(hour)
    told, megabytes = hear_alone(path, encoder, timeout=1_800)
    print(f"\n12 hours, {encoder}: {megabytes} MB")
    assert told == "heard 43200.0"
    assert megabytes < MEGABYTES
