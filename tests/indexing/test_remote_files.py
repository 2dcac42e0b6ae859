"""Recordings behind URLs that fsspec reads."""

from __future__ import annotations

import sys

import pytest

from espr.catalog.catalog import Catalog
from espr.errors import EsprError
from espr.indexing.remote_files import is_url, list_files, local_file
from espr.indexing.run import index_folders
from tests.analyse_here import analyse_here
from tests.fake_encoder import load
from tests.signals import write_phrase

fsspec = pytest.importorskip("fsspec", reason='needs the extra: "espr[cluster]"')


@pytest.fixture
def bucket(tmp_path):
    """A store in memory with two recordings and a text."""
    system = fsspec.filesystem("memory")
    for name in ("aria_Hess.wav", "notes.txt", "b/aria_Ney.wav"):
        write_phrase(tmp_path / "take.wav", 1.2, len(name))
        system.pipe_file(f"/music/{name}", (tmp_path / "take.wav").read_bytes())
    yield "memory://music"
    system.rm("/music", recursive=True)


@pytest.mark.parametrize("path", ["s3://bucket/a b.flac", "simplecache::s3://x", "file:///a"])
def test_what_is_a_url(path):
    assert is_url(path)


@pytest.mark.parametrize("path", ["/a://b", "a:b.flac", "C:\\music", "Sonata: Allegro", "~/x"])
def test_what_is_none(path):
    assert not is_url(path)


def test_recordings_behind_urls(bucket, tmp_path, monkeypatch):
    analyse_here(monkeypatch)
    library = tmp_path / "library.espr"
    summary = index_folders([bucket], library, encoder="fake", load=load)
    assert (summary.counts["indexed"], summary.left_out[".txt"]) == (2, 1)
    with Catalog.open(library) as catalog:
        assert [one.path for one in catalog.recordings()] == [
            "memory:///music/aria_Hess.wav",
            "memory:///music/b/aria_Ney.wav",
        ]
        assert [(piece.slug, piece.count) for piece in catalog.pieces()] == [("aria", 2)]
    assert index_folders([bucket], library, encoder="fake", load=load).counts["unchanged"] == 2
    fsspec.filesystem("memory").rm("/music/aria_Hess.wav")
    again = index_folders([bucket], library, encoder="fake", load=load)
    assert (again.counts["unchanged"], again.counts["removed"]) == (1, 1)
    # a folder beside it leaves it alone
    write_phrase(tmp_path / "fugue_Hess.wav", 1.2)
    again = index_folders([tmp_path / "fugue_Hess.wav"], library, encoder="fake", load=load)
    assert (again.counts["indexed"], again.counts["removed"]) == (1, 0)


def test_urls_of_files_that_lie_here(tmp_path):
    write_phrase(tmp_path / "a b.wav", 1.2)
    _, (file,) = list_files((tmp_path).as_uri())
    assert (file.path, file.size) == (
        f"file://{tmp_path}/a b.wav",
        (tmp_path / "a b.wav").stat().st_size,
    )
    assert file.mtime_ns == pytest.approx((tmp_path / "a b.wav").stat().st_mtime_ns, abs=1_000)
    with local_file(file.path) as copy, open(copy, "rb") as content:
        assert content.read() == (tmp_path / "a b.wav").read_bytes()


@pytest.mark.parametrize("url", ["memory://nothing", "nonsense://x", "file:///nothing/at/all"])
def test_what_cannot_be_listed(url, tmp_path):
    with pytest.raises(EsprError, match=r"cannot be read: |no folder or file") as raised:
        index_folders([url], tmp_path / "library.espr", encoder="fake", load=load)
    assert "\n" not in str(raised.value)


def test_without_fsspec_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(EsprError, match=r'pip install "espr\[cluster\]"'):
        list_files("s3://bucket")
