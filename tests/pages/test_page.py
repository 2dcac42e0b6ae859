"""``espr query --html``: what the page holds, and how it is written."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import stat
from html import unescape
from pathlib import Path
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

import numpy as np
import pytest
import soundfile

from espr import whole_files
from espr.audio.clips import clip_kind
from espr.cli.output.files import write_file
from espr.errors import WRONG_INPUT, EsprError
from espr.pages import PageAudio
from espr.pages.page import PAGE
from espr.pages.ranking_page import ranking_page
from espr.pages.sounds import sounds_of
from espr.retrieval.published_library import PublishedLibrary
from espr.retrieval.publishing import publish
from espr.retrieval.stores import open_store
from tests.sounding_library import EMOJI, HOSTILE, RATE, best_at_20_s, write_sound
from tests.synthetic_library import identity_model, pole_words, vector

needs_mp3 = pytest.mark.skipif(clip_kind() != "mp3", reason="libsndfile is older than 1.1")


def sources(text):
    return [unescape(source) for source in re.findall(r'<audio [^>]*src="([^"]*)"', text)]


def decoded(source):
    return soundfile.read(io.BytesIO(base64.b64decode(source.partition(",")[2])))


@pytest.fixture
def page(espr, tmp_path):
    """Write a page of a query; its text."""

    def write(*arguments):
        code, _, err = espr("query", *arguments, "--html", tmp_path / "page.html")
        assert code == 0, err
        return (tmp_path / "page.html").read_text("utf-8")

    return write


def test_the_page_says_what_the_terminal_says(page, espr):
    text = page("legato, soft", "--piece", "prelude")
    assert "“legato, soft”" in text and "asks for legato, soft" in unescape(text)
    assert text.index("Arrau") < text.index("Lipatti") < text.index("Gould")
    assert "more legato, as asked" in text
    assert "best at 0:00–0:15" in text
    assert espr("query", "legato, soft", "--piece", "prelude").out.count("as asked") <= text.count(
        "as asked"
    )


def test_the_whole_library_comes_piece_by_piece(page):
    text = page("dense")
    assert "The best of the whole library · 8 recordings" in text
    assert text.index("toccata, 4 performances") < text.index("prelude, 4 performances")


@needs_mp3
def test_clips_are_the_best_windows(page, hostile):
    clips = sources(page("soft", "--piece", "odd"))
    assert len(clips) == 3 and all(clip.startswith("data:audio/mpeg;base64,") for clip in clips)
    samples, rate = decoded(clips[0])
    assert len(samples) / rate == pytest.approx(15, abs=0.1)
    middle = samples[5 * rate : 6 * rate]
    # 200 + 5 t Hz, twice that as it rises: at 25.5 s of the recording
    assert np.abs(np.fft.rfft(middle)).argmax() == pytest.approx(200 + 2 * 5 * 25.5, abs=8)


@needs_mp3
def test_whole_recordings_go_into_the_page_and_mp3_as_it_is(page, builder, tmp_path):
    samples = 0.1 * np.random.default_rng(0).normal(size=70 * RATE)
    mp3 = tmp_path / "prelude_Hess.flac"  # a suffix is a guess
    with open(mp3, "wb") as file:
        soundfile.write(file, samples, RATE, format="MP3")
    found = sources(page("loud", "--piece", "prelude", "--html-audio", "whole"))
    assert base64.b64decode(found[0].partition(",")[2]) == mp3.read_bytes()
    assert len(decoded(found[1])[0]) / RATE == pytest.approx(70, abs=0.2)


def test_a_track_of_an_album_is_cut_where_it_lies_in_the_file(page, builder, tmp_path):
    """The CUE sheet's second track begins at 40 s; its best window at 20 s of the track."""
    for start, performer in ((0.0, "First"), (40.0, "Second")):
        builder.add(
            *("album", performer, vector(loudness=-start)),
            best_at_20_s(),
            name="album.wav",
            span=(start, start + 40.0),
        )
    write_sound(tmp_path / "album.wav", 90)
    text = page("soft", "--piece", "album", "--top", "1")
    assert "Second" in text and "album.wav at 0:40" in text
    samples, rate = decoded(sources(text)[0])
    middle = samples[5 * rate : 6 * rate]
    assert np.abs(np.fft.rfft(middle)).argmax() == pytest.approx(200 + 2 * 5 * 65.5, abs=8)
    text = page("soft", "--piece", "album", "--top", "1", "--html-audio", "link")
    assert 'data-offset="-40.0"' in text and 'data-best="20.0"' in text


def test_links_lead_to_the_files_beside_the_page_and_elsewhere(page, hostile, tmp_path, espr):
    assert sources(page("soft", "--piece", "odd", "--html-audio", "link"))[0] == (
        "./odd%202%20%26%20%27%3Cb%3E.wav"
    )
    (tmp_path / "pages").mkdir()
    elsewhere = tmp_path / "pages" / "page.html"
    espr("query", "soft", "--piece", "odd", "--html-audio", "link", "--html", elsewhere)
    found = sources(elsewhere.read_text("utf-8"))
    assert found[0].startswith("file:///") and found[0].endswith("%27%3Cb%3E.wav")


def test_files_of_any_name_are_linked_and_shown_on_one_line(page, builder, tmp_path):
    names = ["#1.wav", " blank.wav", "\ufeffmark.wav", "100%25?#.wav", "\u202egpj.wav", "=1+1.wav"]
    names += ["http:evil.wav", "two\nlines.wav", "a\\b'\"&amp;.wav", os.fsdecode(b"na\xefve.wav")]
    for number, name in enumerate(names):
        builder.add("names", f"P{number}", vector(loudness=float(number)), name=name)
    text = page("soft", "--piece", "names", "--html-audio", "link")
    base = (tmp_path / "page.html").as_uri()
    linked = [unquote_to_bytes(urlsplit(urljoin(base, one)).path) for one in sources(text)]
    assert sorted(linked) == sorted(os.fsencode(tmp_path / name) for name in names)
    assert "two lines.wav" in text and "na\\xefve.wav" in text and "\u202e" not in text


def test_names_are_text_whatever_they_hold(page, hostile):
    text = page("soft", "--piece", "odd")
    assert HOSTILE not in text and "&lt;script&gt;alert(1)" in text
    assert EMOJI.replace("\u200f", "") in text  # joined, and without marks of direction
    assert text.count("<script>") == 1
    # of a tag that a name could have opened or closed
    assert not re.search(r"<[a-z]+ [^>]*onload=", text)


def test_a_page_runs_and_loads_nothing_but_its_own(page):
    text = page("soft", "--piece", "prelude")
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1])
    for tag in ("style", "script"):
        own = re.search(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy
    assert not re.search(r"(src|href)=\"(https?:)?//", text)


def test_a_recording_that_vanished_has_no_player_and_the_page_says_so(page, builder, tmp_path):
    (tmp_path / "prelude_Hess.flac").unlink()
    (tmp_path / "prelude_Gould.flac").write_bytes(b"RIFF\0\0\0\0WAVE")
    text = page("loud", "--piece", "prelude")
    assert len(sources(text)) == 2
    assert "The recording is not there any more." in text
    assert "The recording cannot be played: it " in text


def test_a_published_store_has_profiles_and_no_sound(builder, tmp_path):
    store = str(tmp_path / "vectors.faiss")
    with builder.library() as library:
        publish(library.catalog, identity_model(), store)
    with PublishedLibrary(open_store(store), pole_words(), identity_model()) as published:
        ranking = published.query("soft", piece="prelude")
    sounds = sounds_of(ranking.results, PageAudio.CLIPS, tmp_path, lambda: None)
    text = ranking_page(ranking, sounds, PageAudio.CLIPS)
    assert sources(text) == [] and text.count("only profiles were published") == 4
    assert "softer, as asked" in text


def test_the_command_says_where_the_page_is_and_what_it_lacks(espr, builder, tmp_path):
    (tmp_path / "prelude_Hess.flac").unlink()
    done = espr("query", "loud", "--piece", "prelude", "--html", tmp_path / "p.html", "--json")
    assert done.code == 0 and done.out.startswith('{"schema"')
    assert "p.html: " in done.err
    assert done.err.endswith(" MB, 1 performance without sound; open it in a browser\n")


def test_a_page_replaces_a_page_but_never_a_recording(espr, builder, tmp_path):
    take = tmp_path / "prelude_Hess.flac"
    before = take.read_bytes()
    code, _, err = espr("query", "loud", "--piece", "prelude", "--html", take)
    assert code == WRONG_INPUT and "is no page" in err
    assert take.read_bytes() == before
    target = tmp_path / "p.html"
    target.write_text("<!DOCTYPE html><p>the last one")
    target.chmod(0o640)
    assert espr("query", "loud", "--piece", "prelude", "--html", target).code == 0
    assert "the last one" not in target.read_text("utf-8")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


@pytest.mark.parametrize("target", ["no/folder/p.html", "."])
def test_a_page_that_cannot_be_written_is_wrong_input_before_clips_are_cut(espr, tmp_path, target):
    code, _, err = espr("query", "loud", "--piece", "prelude", "--html", tmp_path / target)
    assert code == WRONG_INPUT
    assert "cannot write the page" in err and err.count("\n") == 1


@pytest.mark.parametrize("command", [("query", "soft"), ("compare", "0.wav", "1.wav")])
def test_what_a_page_plays_asks_for_a_page(espr, command):
    code, out, err = espr(*command, "--html-audio", "link")
    assert (code, out) == (WRONG_INPUT, "")
    assert "give --html FILE, too" in err and err.count("\n") == 1


def test_a_page_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "p.html"
    write_file(target, b"<!doctype html>old", "page", PAGE)

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_file(target, b"<!doctype html>new", "page", PAGE)
    assert target.read_text() == "<!doctype html>old"
    assert [path.name for path in tmp_path.iterdir()] == ["p.html"]


def test_a_link_to_a_page_is_followed_and_a_new_page_has_plain_permissions(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link.html").symlink_to(tmp_path / "real" / "p.html")
    write_file(tmp_path / "link.html", b"<!doctype html>", "page", PAGE)
    assert (tmp_path / "link.html").is_symlink()
    written = tmp_path / "real" / "p.html"
    (tmp_path / "plain").touch()
    assert written.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_page_may_go_into_a_pipe(tmp_path):
    read, write = os.pipe()
    write_file(Path(f"/dev/fd/{write}"), b"<!doctype", "page", PAGE)
    os.close(write)
    with os.fdopen(read) as file:
        assert file.read() == "<!doctype"


def test_a_full_disk_is_one_line(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(whole_files, "open", full, raising=False)
    with pytest.raises(EsprError, match="No space left on device"):
        write_file(tmp_path / "p.html", b"<!doctype html>", "page", PAGE)


def test_a_file_is_replaced_as_it_lies_there(tmp_path):
    """Its permissions stay, a link leads to it still, and nothing else lies beside it."""
    target, link = tmp_path / "p.html", tmp_path / "link.html"
    target.write_bytes(b"<!doctype html>old")
    target.chmod(0o640)
    link.symlink_to(target)
    whole_files.replace_file(link, b"<!doctype html>new")
    assert link.is_symlink() and target.read_bytes().endswith(b"new")
    assert target.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(tmp_path)) == ["link.html", "p.html"]
