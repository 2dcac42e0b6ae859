"""Text whose encoding nobody wrote down."""

from __future__ import annotations

import pytest

from espr.indexing.text_encoding import decode_text, guess_encoding, undo_mojibake
from tests.indexing.code_page_titles import TRIED, UNSEEN, read_wrongly, sheets

EVERY_TITLE = [title for titles in (TRIED, UNSEEN) for page in titles.values() for title in page]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_certain_with_and_without_a_mark(encoding):
    for title in EVERY_TITLE:
        text = f'TITLE "{title}"\r\n'
        assert decode_text(text.encode(encoding)) == text


@pytest.mark.parametrize("titles", [TRIED, UNSEEN])
def test_sheets_in_code_pages_are_read_as_they_were_written(titles):
    for _, raw, text in sheets(titles):
        assert decode_text(raw) == text


@pytest.mark.parametrize("titles", [TRIED, UNSEEN])
def test_single_titles_in_code_pages_are_mostly_read_as_they_were_written(titles):
    count = sum(len(of_page) for of_page in titles.values())
    assert len(read_wrongly(titles)) <= 0.06 * count


def test_french_and_german_stay_french_and_german():
    for title in TRIED["cp1252"] + UNSEEN["cp1252"]:
        assert decode_text(title.encode("cp1252")) == title


def test_a_few_broken_bytes_leave_the_rest_utf_8():
    text = "Dvořák, Fibich, Janáček: písně, dumky, tance".encode()
    assert decode_text(text + b"\xc5") == text.decode() + "\ufffd"


def test_ascii_and_nothing_are_utf_8():
    assert decode_text(b"") == ""
    assert decode_text(b"Prelude") == "Prelude"
    assert guess_encoding(b"\xc9tude") in ("cp1252", "latin-1", "cp1250")


def test_utf_8_that_was_taken_for_latin_1_is_undone():
    for title in EVERY_TITLE:
        assert undo_mojibake(title) == title
        raw = title.encode()
        assert undo_mojibake(raw.decode("latin-1")) == title
        # Windows-1252 as programs decode it: its five undefined bytes are passed on
        wrong = "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in raw)
        assert undo_mojibake(wrong) == title


def test_bytes_that_are_no_text_are_read_all_the_same():
    for raw in (bytes(range(128, 256)), b"\x01\x02\xff\x00\x00", b"\xff", b"\x81\x8d\x8f\x90\x9d"):
        assert decode_text(raw)
