"""The pages of a served library: what they show, and what they change."""

from __future__ import annotations

import io
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from urllib.parse import quote, urlencode

import numpy as np
import pytest

from espr.alignment.time_map import TimeMap
from espr.catalog.catalog import Catalog
from espr.serve import media, pages
from espr.serve.media import EncodedRecordings
from tests.sounding_library import HOSTILE, build_sounding
from tests.synthetic_library import vector
from tests.typed import PATIENCE


def test_the_shelf_has_all_pieces_and_finds_some(served):
    page = served.ask("/").text
    assert "11 recordings" in page and "3 pieces" in page
    assert 'href="/pieces/toccata"' in page
    found = served.ask("/?find=tocc").text
    assert 'href="/pieces/toccata"' in found and 'href="/pieces/prelude"' not in found
    assert "No piece fits." in served.ask("/?find=zzz").text


def test_a_long_shelf_comes_in_pages(served):
    for number in range(70):
        served.builder.add(f"étude {number:02}", "Hess", vector())
    first = served.ask("/").text
    assert first.count("/covers/") == 60 and "from=60" in first and "Earlier pieces" not in first
    assert served.ask("/?from=60").text.count("/covers/") == 13
    assert served.ask("/?from=nonsense").status == 200


def test_a_piece_shows_its_performances_and_ranks_them(served):
    page = served.ask("/pieces/prelude").text
    assert page.count('src="/media/') == 4 and ", as asked" not in page
    ranked = served.ask("/pieces/prelude?" + urlencode({"words": "legato, soft"})).text
    assert ranked.index("Arrau") < ranked.index("Lipatti") < ranked.index("Gould")
    assert "more legato, as asked" in ranked


def test_sliders_move_the_query(served):
    def order(**fields):
        page = served.ask("/pieces/prelude?" + urlencode(fields)).text
        return [name for _, name in sorted((page.index(f"<bdi>{n}</bdi>"), n) for n in NAMES)]

    NAMES = ("Arrau", "Gould", "Hess", "Lipatti")  # noqa: N806
    assert order(words="legato")[0] == "Arrau"
    assert order(**{"move.loudness": "1"})[0] == "Hess"  # sliders alone
    assert order(words="legato", **{"move.loudness": "1"})[0] == "Hess"
    assert order(words="legato", **{"move.loudness": "-1"})[0] == "Arrau"
    page = served.ask("/pieces/prelude?words=legato&move.loudness=0.5").text
    assert "moved: loudness +0.5" in page
    assert served.ask("/pieces/prelude?words=legato&move.loudness=x").status == 400
    assert served.ask("/pieces/prelude?words=legato&move.speed=1").status == 400
    assert served.ask("/pieces/prelude?words=legato&move.loudness=nan").status == 400


def test_words_that_cannot_be_read_are_said_and_the_performances_stay(served):
    page = served.ask("/pieces/prelude?words=stacatto+stacccc")
    assert page.status == 400
    assert "staccato" in page.text and page.text.count('src="/media/') == 4
    assert served.ask("/pieces/nowhere").status == 404


def test_the_whole_library_is_searched_and_more_like_one_is_found(served):
    page = served.ask("/search?words=dense").text
    assert page.index("toccata, 4 performances") < page.index("prelude, 4 performances")
    assert re.search(r'href="/search\?like=\d+-[0-9a-f]{8}"', page)
    assert served.ask(f"/search?like={served.key(1)}").status == 200
    assert served.ask("/search?like=12345-").status == 404


def test_a_reading_is_shown_while_one_types(served):
    found = json.loads(served.ask("/reading?" + urlencode({"words": "legato, not lou"})).body)
    assert any("lou" in line for line in found["lines"])
    assert "legato, not loud" in found["completions"]
    found = json.loads(served.ask("/reading?words=very+soft&piece=prelude").body)
    assert found["lines"][0] == "asks for soft"
    assert json.loads(served.ask("/reading?words=").body) == {"lines": [], "completions": []}


def test_the_same_bar_of_another_performance_is_found(served, monkeypatch):
    """That the maps are right is tested with :mod:`espr.retrieval.same_bars`."""
    anchors = np.arange(0.0, 61.0, 5.0)[:, None] * [1.0, 0.5]
    monkeypatch.setattr(pages, "time_map", lambda catalog, one, other: TimeMap((anchors,)))
    pair = f"/same-bar?one={served.key(1)}&other={served.key(2)}"
    assert json.loads(served.ask(f"{pair}&at=20").body) == {"at": 10.0}
    assert json.loads(served.ask(f"{pair}&at=80").body) == {"at": None}
    monkeypatch.undo()
    assert json.loads(served.ask(f"{pair}&at=20").body) == {"at": None}
    assert served.ask(f"/same-bar?one={served.key(1)}&other=999-&at=20").status == 404
    for at in ("", "x", "nan"):
        assert served.ask(f"{pair}&at={at}").status == 400


def test_a_ranking_is_a_playlist(served):
    page = served.ask("/pieces/prelude?words=legato").text
    address = unescape(re.search(r'href="(/playlist.m3u8[^"]*)"', page)[1])
    answer = served.ask(address)
    lines = answer.text.splitlines()
    assert lines[0] == "#EXTM3U" and lines[1].endswith("Arrau - prelude")
    assert "prelude.m3u8" in answer.headers["content-disposition"]
    assert served.ask("/playlist.m3u8?words=dense").text.startswith("#EXTM3U")
    assert served.ask("/playlist.m3u8").status == 400


def test_what_was_chosen_is_a_page_and_a_playlist(served):
    keys = [served.key(number) for number in (6, 1, 2)]
    page = served.ask(f"/playlist?takes={','.join(keys)}").text
    names = [page.index(f"<bdi>{name}</bdi>") for name in ("Gould", "Arrau")]
    assert names[0] < names[1] and page.count('src="/media/') == 3  # 6 is Gould's, of the toccata
    assert "3 performances, 3:30" in page and 'href="/pieces/toccata"' in page
    lines = served.ask(f"/playlist.m3u8?takes={','.join(keys)}").text.splitlines()
    assert [line.rpartition("/")[2] for line in lines[2::2]] == [
        "toccata_Gould.flac", "prelude_Arrau.flac", "prelude_Gould.flac"
    ]  # fmt: skip
    assert "Nothing yet" in served.ask("/playlist").text


def test_of_a_playlist_what_is_not_in_the_library_any_more_is_said(served):
    keys = f"{served.key(1)},1-00000000,999-aaaaaaaa,{served.key(1)}"
    page = served.ask(f"/playlist?takes={keys}").text
    assert page.count('src="/media/') == 1
    assert "2 performances are not in the library any more" in page
    assert served.ask("/playlist.m3u8?takes=999-aaaaaaaa").text == "#EXTM3U\n"


def test_an_old_page_never_plays_another_recording(served):
    """A number is given again when its recording is gone, and in another library."""
    key = served.key(1)
    served.builder.close()
    with (
        Catalog.open(served.builder.path, write=True) as catalog,
        catalog.transaction() as connection,
    ):
        connection.execute("UPDATE recordings SET audio_hash = 'ffff' WHERE id = 1")
    assert served.ask(f"/media/{key}").status == 404
    assert served.ask(f"/search?like={key}").status == 404
    form = urlencode({"recording": key, "piece": "toccata"})
    assert served.ask("/pieces/prelude/assign", "POST", form).status == 404
    assert served.ask(f"/media/{served.key(1)}").status == 200


def test_the_performances_of_a_piece_are_on_a_map(served):
    page = served.ask("/pieces/prelude").text
    assert page.count('data-play="') == 4 and ">staccato</text>" in page
    served.builder.add("two", "Hess", vector())
    served.builder.add("two", "Gould", vector(loudness=1.0))
    assert 'data-play="' not in served.ask("/pieces/two").text  # too few


def test_names_are_text(served):
    page = served.ask("/pieces/odd?words=soft").text
    assert HOSTILE not in page and "&lt;script&gt;alert(1)" in page


def test_corrections_are_made_and_taken_back(served):
    served.builder.close()
    answer = served.ask("/pieces/prelude/rename", "POST", urlencode({"title": "Well-Tempered"}))
    assert answer.status == 303 and answer.headers["location"] == "/pieces/well-tempered"
    assert "Well-Tempered" in served.ask("/").text
    assert served.ask("/pieces/prelude").status == 200  # its old name still finds it
    undone = served.ask("/undo", "POST")
    assert "prelude renamed to Well-Tempered" in undone.text
    assert "Well-Tempered" not in served.ask("/").text
    assert served.ask("/undo", "POST").status == 404


def test_a_recording_is_assigned_and_a_piece_merged(served):
    served.builder.close()
    form = urlencode({"recording": served.key(1), "piece": "Gigue", "new": 1})
    answer = served.ask("/pieces/prelude/assign", "POST", form)
    assert answer.headers["location"] == "/pieces/gigue"
    assert "Arrau" in served.ask("/pieces/gigue").text
    form = urlencode({"recording": "", "piece": "toccata"})
    assert served.ask("/pieces/prelude/assign", "POST", form).status == 400
    answer = served.ask("/pieces/gigue/merge", "POST", urlencode({"into": "toccata"}))
    assert answer.headers["location"] == "/pieces/toccata"
    assert served.ask("/pieces/toccata").text.count('src="/media/') == 5
    assert served.ask("/pieces/toccata/merge", "POST", urlencode({"into": "nowhere"})).status == 404


def test_a_correction_is_of_the_piece_that_the_page_showed(served):
    """Of a page that is old meanwhile, no piece whose name begins alike is corrected."""
    served.builder.add("sonata-in-b", "Hess", vector())
    served.builder.close()
    assert served.ask("/pieces/sonata").status == 200  # to look at, its beginning will do
    assert served.ask("/pieces/sonata/rename", "POST", "title=x").status == 404
    served.ask("/pieces/sonata-in-b/rename", "POST", "title=Liszt")
    answer = served.ask("/pieces/sonata-in-b/rename", "POST", "title=Liszt+again")
    assert answer.headers["location"] == "/pieces/liszt-again"


@pytest.mark.parametrize("number", ["0", "-1", "٣", "9" * 19, "9" * 5000, "x"])
def test_numbers_that_are_none(served, number):
    number = quote(number)
    assert served.ask(f"/media/{number}").status == 404
    assert served.ask(f"/?from={number}").status == 200
    assert served.ask(f"/search?like={number}").status in (400, 404)
    assert served.ask(f"/search?like=-{number}").status in (400, 404)
    assert served.ask(f"/same-bar?one={number}&other=1&at=1").status in (400, 404)
    assert served.ask(f"/media/{number}-").status == 404
    assert served.ask(f"/playlist?takes={number},{number}-,,-").status == 200
    served.builder.close()
    form = urlencode({"piece": "toccata"}) + f"&recording={number}"
    assert served.ask("/pieces/prelude/assign", "POST", form).status == 404


def test_at_the_end_nothing_is_encoded_any_more(tmp_path):
    recording = build_sounding(tmp_path).library().catalog.recordings()[0]
    encoded = EncodedRecordings()
    assert encoded.response(recording).status_code == 200
    encoded = EncodedRecordings()
    encoded.stop()
    assert encoded.response(recording).status_code == 404


def test_what_is_encoded_does_not_wait_for_what_is_being_encoded(tmp_path, monkeypatch):
    one, other, *_ = build_sounding(tmp_path).library().catalog.recordings()
    encoded = EncodedRecordings()
    assert encoded.response(one).status_code == 200
    begun, go_on = threading.Event(), threading.Event()

    def wait(*_, **options) -> bytes:
        begun.set()
        assert go_on.wait(PATIENCE)
        raise OSError("no space left")

    monkeypatch.setattr(media, "encode_clip", wait)
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(encoded.response, other)
        assert begun.wait(PATIENCE)
        assert encoded.response(one).status_code == 200
        assert not slow.done()
        go_on.set()
        assert slow.result().status_code == 404  # a full disk is no fault of the server


def test_indexing_may_go_on_meanwhile(served):
    """A writer keeps corrections out, says so, and what it stores is there at once."""
    answer = served.ask("/pieces/prelude/rename", "POST", "title=x")
    assert answer.status == 409 and "is being written by" in answer.text
    served.builder.add("sarabande", "Hess", vector())
    assert "sarabande" in served.ask("/").text
    assert served.ask("/pieces/prelude?words=soft").status == 200


@pytest.fixture
def covered(served, tmp_path):
    """A FLAC file with a picture in its tags."""
    import soundfile

    path = tmp_path / "covered.flac"
    soundfile.write(path, [0.1] * 8_000, 8_000)
    picture = b"\x89PNG\r\n\x1a\n" + b"pixels"
    block = b"".join(
        [
            (3).to_bytes(4, "big"),
            *(len(text).to_bytes(4, "big") + text for text in (b"image/png", b"")),
            bytes(16),
            len(picture).to_bytes(4, "big") + picture,
        ]
    )
    content = path.read_bytes()
    at = 4 + 4 + int.from_bytes(content[5:8], "big")  # behind STREAMINFO, which comes first
    head = bytes([content[4] & 0x7F]) + content[5:at]
    path.write_bytes(
        b"fLaC" + head + bytes([6]) + len(block).to_bytes(3, "big") + block + content[at:]
    )
    soundfile.info(io.BytesIO(path.read_bytes()))
    served.builder.add("covered", "Hess", vector(), name="covered.flac")
    path.stat()
    return picture


def test_a_cover_is_that_of_the_tags_and_never_another_kind_of_file(served, covered):
    answer = served.ask("/covers/covered")
    assert answer.body == covered and answer.headers["content-type"] == "image/png"
    assert served.ask("/covers/prelude").headers["content-type"] == "image/gif"  # nothing to see
