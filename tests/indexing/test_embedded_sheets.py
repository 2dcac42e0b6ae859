"""Albums in one file that carry their sheet inside."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from espr.catalog.models import ScannedFile
from espr.catalog.recordings import CatalogedFile
from espr.errors import EsprError
from espr.indexing.embedded_sheets import read_embedded, split_albums
from espr.indexing.scan import scan
from tests.indexing.test_tags import flac

SHEET = """PERFORMER "Solomon"
FILE "CDImage.wav" WAVE
  TRACK 01 AUDIO
    TITLE "Sonata "Moonlight": I. Adagio"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Sonata "Moonlight": II. Allegretto"
    INDEX 00 00:30:00
    INDEX 01 00:40:30
"""


def block(*tracks: tuple[int, int, tuple[int, ...]]) -> bytes:
    """A FLAC CUESHEET block: number, sample, and samples of its indices from 1 on."""
    content = bytes(128) + struct.pack(">Q", 0) + bytes(259) + bytes([len(tracks)])
    for number, offset, indices in tracks:
        content += struct.pack(">QB12sB13xB", offset, number, b"", 0, len(indices))
        content += b"".join(struct.pack(">QB3x", i, k) for k, i in enumerate(indices, 1))
    return bytes([5]) + struct.pack(">I", len(content))[1:] + content


def with_block(path: Path, *tracks: tuple[int, int, tuple[int, ...]]) -> str:
    """Put a CUESHEET block behind STREAMINFO."""
    raw = path.read_bytes()
    path.write_bytes(raw[:42] + block(*tracks) + raw[42:])
    return str(path)


def test_a_tag_that_is_a_sheet(tmp_path: Path) -> None:
    path = flac(tmp_path / "album.flac", f"CUESHEET={SHEET}", "COMPOSER=Beethoven")
    first, second = read_embedded(path)
    assert (first.path, first.start, first.end) == (path, 0.0, pytest.approx(40.4))
    assert (second.start, second.end) == (pytest.approx(40.4), None)
    assert second.tags.title == 'Sonata "Moonlight": II. Allegretto'
    assert second.tags.artist == "Solomon"


def test_a_block_of_sample_numbers(tmp_path: Path) -> None:
    titles = ("CUE_TRACK01_TITLE=Aria", "CUE_TRACK02_PERFORMER=Glenn Gould")
    flac(tmp_path / "album.flac", *titles)
    tracks = ((1, 0, (0,)), (2, 80_000, (4_000,)), (170, 160_000, ()))
    path = with_block(tmp_path / "album.flac", *tracks)
    first, second = read_embedded(path)
    assert (first.start, first.end, first.tags.title) == (0.0, 10.5, "Aria")
    assert (second.start, second.end, second.tags.title) == (10.5, None, "Track 02")
    assert second.tags.artist == "Glenn Gould"


def test_no_sheet_and_sheets_of_several_files(tmp_path: Path) -> None:
    assert read_embedded(flac(tmp_path / "a.flac", "TITLE=Aria")) == []
    two = SHEET.replace("  TRACK 02", 'FILE "B.wav" WAVE\n  TRACK 02')
    with pytest.raises(EsprError, match="2 files"):
        read_embedded(flac(tmp_path / "b.flac", f"CUESHEET={two}"))
    notes: dict[str, str] = {}
    files = split_albums(scan([tmp_path]).files, {}, notes)
    assert [file.whole for file in files] == [True, True]
    assert notes == {
        str(tmp_path / "b.flac"): "the sheet inside speaks of 2 files; it is read whole"
    }


def known(file: ScannedFile, number: int, *, analysed: bool = True) -> CatalogedFile:
    return CatalogedFile(
        number, file.path, file.start, file.end, file.size, file.mtime_ns, "", "a", 1.0, "fake/1",
        analysed,
    )  # fmt: skip


def test_an_unchanged_album_is_not_opened_again(tmp_path: Path, monkeypatch) -> None:
    flac(tmp_path / "album.flac", f"CUESHEET={SHEET}")
    soundfile.write(tmp_path / "plain.flac", np.zeros(8000), 8000)
    found = scan([tmp_path]).files
    split = split_albums(found, {}, {})
    assert [file.start for file in split] == [0.0, pytest.approx(40.4), 0.0]
    rows = {(f.path, f.start): known(f, k) for k, f in enumerate(split)}
    stale = {place: known(split[k], k, analysed=False) for k, place in enumerate(rows)}
    assert split_albums(found, stale, {}) == split
    monkeypatch.setattr("builtins.open", None)
    unopened = split_albums(found, rows, {})
    assert [(f.path, f.start, f.end) for f in unopened] == [(f.path, f.start, f.end) for f in split]
