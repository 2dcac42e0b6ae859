"""Tags from files that the test writes byte by byte, as taggers spell them."""

import os
import shutil
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from espr.indexing.tags import LONGEST, read_tags
from espr.works.tags import Tags

WORK_ID = "0c1b5d0e-58b6-3ee9-8c9b-6fd11e2f3a10"


def id3(*frames: tuple[str, str | tuple[str, str]], version: int = 4) -> bytes:
    """An ID3v2 tag in UTF-8 (2.4) or UTF-16 (2.3); a pair is a TXXX description and its value."""
    marker, encoding, end = (3, "utf-8", b"\0") if version == 4 else (1, "utf-16", b"\0\0")
    body = b""
    for name, value in frames:
        parts = (value,) if isinstance(value, str) else value
        content = bytes([marker]) + end.join(part.encode(encoding) for part in parts)
        size = len(content)
        packed = bytes((size >> shift) & 127 for shift in (21, 14, 7, 0))
        body += (
            name.encode()
            + (packed if version == 4 else struct.pack(">I", size))
            + b"\0\0"
            + content
        )
    size = len(body)
    return b"ID3" + bytes([version, 0, 0]) + bytes((size >> s) & 127 for s in (21, 14, 7, 0)) + body


def flac(path: Path, *comments: str) -> str:
    """A FLAC of a second with a vorbis comment block put after its STREAMINFO."""
    soundfile.write(path, np.zeros(8000), 8000, format="FLAC")
    raw = path.read_bytes()
    encoded = [comment.encode() for comment in comments]
    block = struct.pack("<I", 4) + b"test" + struct.pack("<I", len(encoded))
    block += b"".join(struct.pack("<I", len(comment)) + comment for comment in encoded)
    end = 4 + 4 + 34
    streaminfo = bytes([raw[4] & 127]) + raw[5:end]
    header = b"\x04" + struct.pack(">I", len(block))[1:]
    rest = raw[end:]
    # the encoder's own comment block would be read as well: keep the frames only
    place = end
    last = bool(raw[4] & 128)
    while not last:
        last = bool(raw[place] & 128)
        place += 4 + int.from_bytes(raw[place + 1 : place + 4], "big")
    rest = raw[place:]
    path.write_bytes(b"fLaC" + streaminfo + bytes([header[0] | 128]) + header[1:] + block + rest)
    return str(path)


def atom(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def m4a(path: Path, work_id: str, **texts: str) -> str:
    """The least MP4 that holds an ilst: `texts` by atom name, the work id as a freeform atom."""

    def data(text: str) -> bytes:
        return atom(b"data", struct.pack(">II", 1, 0) + text.encode())

    items = b"".join(atom(b"\xa9" + name.encode(), data(text)) for name, text in texts.items())
    items += atom(
        b"----",
        atom(b"mean", b"\0\0\0\0com.apple.iTunes")
        + atom(b"name", b"\0\0\0\0MusicBrainz Work Id")
        + data(work_id),
    )
    meta = atom(b"meta", b"\0\0\0\0" + atom(b"ilst", items))
    path.write_bytes(atom(b"ftyp", b"M4A \0\0\0\0") + atom(b"moov", atom(b"udta", meta)))
    return str(path)


def test_work_id_of_a_flac(tmp_path: Path) -> None:
    path = flac(
        tmp_path / "a.flac",
        "TITLE=III. Presto agitato",
        "ARTIST=Wilhelm Kempff",
        "ALBUMARTIST=Kempff",
        "COMPOSER=Ludwig van Beethoven",
        f"MUSICBRAINZ_WORKID={WORK_ID}",
        "WORK=Piano Sonata no. 14",
        "MOVEMENTNAME=Presto agitato",
        "MOVEMENT=3",
        "PERFORMER=Wilhelm Kempff (piano)",
        "CONDUCTOR=Nobody",
        "TRACKNUMBER=3",
        "DISCNUMBER=2",
        "DATE=1965",
    )
    assert read_tags(path) == Tags(
        title="III. Presto agitato",
        artist="Wilhelm Kempff",
        album_artist="Kempff",
        composer="Ludwig van Beethoven",
        work="Piano Sonata no. 14",
        movement="Presto agitato",
        movement_number="3",
        work_id=WORK_ID,
        performer="Wilhelm Kempff (piano)",
        conductor="Nobody",
        track="3",
        disc="2",
        date="1965",
    )


def test_a_movement_in_a_vorbis_comment_may_be_its_name(tmp_path: Path) -> None:
    tags = read_tags(flac(tmp_path / "a.flac", "MOVEMENT=Presto", "MOVEMENTNUMBER=3"))
    assert (tags.movement, tags.movement_number) == ("Presto", "3")


@pytest.mark.parametrize("version", [3, 4])
def test_work_id_of_an_mp3(tmp_path: Path, version: int) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(
        id3(
            ("TIT2", "III. Presto agitato"),
            ("TPE1", "Wilhelm Kempff"),
            ("TCOM", "Ludwig van Beethoven"),
            ("TXXX", ("MusicBrainz Work Id", WORK_ID)),
            ("TXXX", ("PERFORMER", "Kempff")),
            ("TIT1", "Piano Sonata no. 14"),
            ("MVNM", "Presto agitato"),
            ("MVIN", "3/3"),
            version=version,
        )
    )
    tags = read_tags(str(path))
    assert tags.work_id == WORK_ID
    assert (tags.work, tags.movement, tags.movement_number) == (
        "Piano Sonata no. 14",
        "Presto agitato",
        "3",
    )
    assert (tags.title, tags.performer) == ("III. Presto agitato", "Kempff")


def test_itunes_keeps_the_work_in_tit1_and_the_grouping_in_grp1(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(id3(("GRP1", "Favourites"), ("TIT1", "Sonata no. 14")))
    assert read_tags(str(path)).work == "Sonata no. 14"
    path.write_bytes(id3(("TXXX", ("WORK", "Sonata no. 8"))))
    assert read_tags(str(path)).work == "Sonata no. 8"


def test_work_id_of_an_m4a(tmp_path: Path) -> None:
    path = m4a(tmp_path / "a.m4a", WORK_ID, nam="Presto", wrk="Sonata no. 14", mvn="Presto")
    tags = read_tags(path)
    assert (tags.work_id, tags.work, tags.movement) == (WORK_ID, "Sonata no. 14", "Presto")


def test_several_values_are_joined(tmp_path: Path) -> None:
    tags = read_tags(flac(tmp_path / "a.flac", "ARTIST=Martha Argerich", "ARTIST=Nelson Freire"))
    assert tags.artist == "Martha Argerich; Nelson Freire"


def test_an_embedded_image_is_not_read(tmp_path: Path) -> None:
    image = b"\0image/png\0\x03\0" + b"x" * 3_000_000
    size = bytes((len(image) >> shift) & 127 for shift in (21, 14, 7, 0))
    title = id3(("TIT2", "Aria"))[10:]
    body = b"APIC" + size + b"\0\0" + image + title
    header = b"ID3\x04\0\0" + bytes((len(body) >> s) & 127 for s in (21, 14, 7, 0))
    path = tmp_path / "a.mp3"
    path.write_bytes(header + body)
    assert read_tags(str(path)) == Tags(title="Aria")


def test_long_values_are_cut_and_surrogates_can_be_stored(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(id3(("TIT2", "x" * 50_000)))
    assert len(read_tags(str(path)).title) == LONGEST
    frame = b"\x01\xff\xfe" + b"A\0" + b"\x00\xd8"
    body = b"TIT2" + struct.pack(">I", len(frame)) + b"\0\0" + frame
    path.write_bytes(b"ID3\x03\0\0" + bytes([0, 0, 0, len(body)]) + body)
    tags = read_tags(str(path))
    tags.title.encode()
    assert Tags.from_json(tags.to_json()) == tags


def test_damaged_and_missing_files_give_empty_tags(tmp_path: Path) -> None:
    whole = id3(("TIT2", "Aria"), ("TXXX", ("MusicBrainz Work Id", WORK_ID)), ("TPE1", "Gould"))
    path = tmp_path / "a.mp3"
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert isinstance(read_tags(str(path)), Tags)
    for name in ("a.flac", "a.m4a", "a.ogg", "a.wav", "a.aiff"):
        (tmp_path / name).write_bytes(b"\xff\xfb" + bytes(range(256)))
        assert read_tags(str(tmp_path / name)) == Tags()
    assert read_tags(str(tmp_path / "missing.mp3")) == Tags()
    assert read_tags(str(tmp_path)) == Tags()


def test_json_holds_what_is_there() -> None:
    tags = Tags(title="Träumerei", track="7")
    assert tags.to_json() == '{"title": "Träumerei", "track": "7"}'
    assert Tags.from_json('{"title": "Träumerei", "track": 7, "mood": "x"}') == tags
    assert Tags.from_json("") == Tags()


def id3_of(*frames: bytes, version: int = 3, flags: int = 0) -> bytes:
    """An ID3v2 tag of frames as they are."""
    body = b"".join(frames)
    if flags & 0x80:
        body = body.replace(b"\xff\x00", b"\xff\x00\x00").replace(b"\xff\xfe", b"\xff\x00\xfe")
    size = bytes((len(body) >> shift) & 127 for shift in (21, 14, 7, 0))
    return b"ID3" + bytes([version, 0, flags]) + size + body


def frame(name: str, content: bytes) -> bytes:
    """A frame of ID3v2.3."""
    return name.encode() + struct.pack(">I", len(content)) + b"\0\0" + content


def ape(*items: tuple[str, bytes]) -> bytes:
    """An APEv2 tag with its footer alone."""
    body = b"".join(
        struct.pack("<II", len(value), 0) + name.encode() + b"\0" + value for name, value in items
    )
    footer = struct.pack("<8sIIII8x", b"APETAGEX", 2000, len(body) + 32, len(items), 0)
    return body + footer


def info(*items: tuple[bytes, bytes]) -> bytes:
    """A RIFF file that holds nothing but texts."""
    body = b"INFO" + b"".join(
        kind + struct.pack("<I", len(text)) + text + b"\0" * (len(text) & 1) for kind, text in items
    )
    chunk = b"LIST" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WAVE" + chunk


MPEG = b"\xff\xfb\x90\x64" + b"\0" * 413


def tags_of(tmp_path: Path, content: bytes, name: str = "a.mp3") -> Tags:
    path = tmp_path / name
    path.write_bytes(content)
    return read_tags(str(path))


def test_an_unsynchronised_tag_in_utf_16(tmp_path: Path) -> None:
    texts = {"TIT2": "Ballade ÿ", "TPE1": "Hélène Grimaud", "TCOM": "Frédéric Chopin"}
    frames = [frame(name, b"\x01" + text.encode("utf-16")) for name, text in texts.items()]
    tags = tags_of(tmp_path, id3_of(*frames, flags=0x80) + MPEG)
    assert (tags.title, tags.artist, tags.composer) == tuple(texts.values())


def test_a_blank_tag_in_front_hides_nothing(tmp_path: Path) -> None:
    real = id3(("TIT2", "Aria"), ("TPE1", "Gould"))
    for between in (b"", b"\0" * 100):
        tags = tags_of(tmp_path, id3_of(version=4) + between + real + MPEG)
        assert (tags.title, tags.artist) == ("Aria", "Gould")


def test_the_comments_of_a_flac_win_over_a_tag_in_front(tmp_path: Path) -> None:
    plain = Path(flac(tmp_path / "plain.flac", "TITLE=Aria", "COMPOSER=Bach")).read_bytes()
    front = id3(("TIT2", "01 - aria.wav"), ("TPE1", "Gould"))
    for name in ("a.flac", "a.mp3", "a"):
        tags = tags_of(tmp_path, front + plain, name)
        assert (tags.title, tags.composer, tags.artist) == ("Aria", "Bach", "Gould")


def test_names_do_not_matter(tmp_path: Path) -> None:
    path = m4a(tmp_path / "a.m4a", WORK_ID, nam="Presto")
    assert tags_of(tmp_path, Path(path).read_bytes(), "b.mp3").title == "Presto"
    assert tags_of(tmp_path, id3(("TIT2", "Aria")) + MPEG, "b.flac").title == "Aria"


@pytest.mark.parametrize("name", ["TMCL", "IPLS"])
def test_credits_name_the_players_and_the_conductor(tmp_path: Path, name: str) -> None:
    pairs = "producer\0Karl Faust\0piano\0Krystian Zimerman\0conductor\0Carlo Maria Giulini"
    tags = tags_of(tmp_path, id3_of(frame(name, b"\0" + pairs.encode())) + MPEG)
    assert (tags.performer, tags.conductor) == ("Krystian Zimerman", "Carlo Maria Giulini")


def test_only_an_ape_tag_also_before_a_tag_of_version_1(tmp_path: Path) -> None:
    items = (("Title", b"Aria"), ("Performer", "Dvořák\0Suk".encode()), ("Year", b"1955"))
    old = b"TAG" + b"Aria that is c".ljust(30, b"\0") + b"Gould".ljust(30, b"\0") + bytes(65)
    for end in (b"", old):
        tags = tags_of(tmp_path, MPEG + ape(*items) + end)
        assert (tags.title, tags.performer, tags.date) == ("Aria", "Dvořák; Suk", "1955")
    assert tags.artist == "Gould"
    assert tags_of(tmp_path, b"wvpk" + bytes(40) + ape(*items), "a.wv").title == "Aria"


def test_texts_of_a_wav_in_latin_1_utf_8_and_a_code_page(tmp_path: Path) -> None:
    for encoding in ("latin-1", "utf-8"):
        content = info(
            (b"INAM", "Prélude in E minor".encode(encoding)),
            (b"IART", "Hélène Grimaud\0".encode(encoding)),
        )
        tags = tags_of(tmp_path, content, "a.wav")
        assert (tags.title, tags.artist) == ("Prélude in E minor", "Hélène Grimaud")
    content = info((b"INAM", "Лунная соната".encode("cp1251")))
    assert tags_of(tmp_path, content, "a.wav").title == "Лунная соната"


def test_texts_that_are_not_in_the_encoding_they_declare(tmp_path: Path) -> None:
    for declared, encoding in ((0, "utf-8"), (0, "cp1251"), (3, "cp1251")):
        frames = [
            frame(name, bytes([declared]) + text.encode(encoding))
            for name, text in (("TIT2", "Прелюдия"), ("TPE1", "Святослав Рихтер"))
        ]
        tags = tags_of(tmp_path, id3_of(*frames) + MPEG)
        assert (tags.title, tags.artist) == ("Прелюдия", "Святослав Рихтер")
    twice = "Dvořák".encode().decode("latin-1")
    assert tags_of(tmp_path, id3(("TCOM", twice)) + MPEG).composer == "Dvořák"


def test_sizes_of_frames_that_itunes_wrote_as_plain_numbers(tmp_path: Path) -> None:
    long, short = b"\x03" + b"x" * 200, b"\x03Gould"
    frames = [frame("TIT2", long), frame("TPE1", short)]
    tags = tags_of(tmp_path, id3_of(*frames, version=4) + MPEG)
    assert (tags.title, tags.artist) == ("x" * 200, "Gould")


def test_a_tag_inside_an_aiff_and_behind_the_sound_of_a_dsf(tmp_path: Path) -> None:
    tag = id3(("TIT2", "Aria"))
    chunks = b"NAME\0\0\0\x04Fuga" + b"ID3 " + struct.pack(">I", len(tag)) + tag
    form = b"FORM" + struct.pack(">I", len(chunks) + 4) + b"AIFF"
    assert tags_of(tmp_path, form + chunks, "a.aiff").title == "Aria"
    assert tags_of(tmp_path, form + chunks[:12], "a.aiff").title == "Fuga"
    dsf = b"DSD " + struct.pack("<QQQ", 28, 40 + len(tag), 40) + bytes(12)
    assert tags_of(tmp_path, dsf + tag, "a.dsf").title == "Aria"


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed")
@pytest.mark.parametrize(
    "suffix", "wma mka caf m4a opus ogg oga aiff wav flac mp3 w64 wv tta spx au".split()
)
def test_tags_that_ffmpeg_writes(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    texts = {"title": "Träumerei", "artist": "Hélène Grimaud"}
    silence = ["-f", "lavfi", "-i", "anullsrc=r=32000:cl=mono", "-t", "0.2"]
    metadata = [word for name, text in texts.items() for word in ("-metadata", f"{name}={text}")]
    command = ["ffmpeg", "-loglevel", "error", *silence, *metadata, os.fspath(path)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip(f"this ffmpeg writes no .{suffix}")
    tags = read_tags(str(path))
    # Wave64 has no place for tags, FFmpeg's AIFF none for an artist.
    assert tags.title == ("" if suffix == "w64" else "Träumerei")
    assert tags.artist == ("" if suffix in ("w64", "aiff") else "Hélène Grimaud")


def test_a_frame_that_holds_nothing_but_its_length(tmp_path: Path) -> None:
    length_first = b"TIT2" + b"\0\0\0\x04" + b"\0\x01" + b"\0\0\0\x09"
    rest = id3(("TPE1", "Gould"))[10:]
    assert tags_of(tmp_path, id3_of(length_first, rest, version=4) + MPEG).artist == "Gould"


def test_a_tag_that_says_unsynchronised_and_is_not(tmp_path: Path) -> None:
    texts = {"TIT2": "Road Racin'", "TPE1": "Dvořák"}
    frames = [frame(name, b"\x01" + text.encode("utf-16")) for name, text in texts.items()]
    tag = bytearray(id3_of(*frames))
    tag[5] = 0x80
    tags = tags_of(tmp_path, bytes(tag) + MPEG)
    assert (tags.title, tags.artist) == tuple(texts.values())
