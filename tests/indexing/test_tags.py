"""Tags from files that the test writes byte by byte, as taggers spell them."""

import struct
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
