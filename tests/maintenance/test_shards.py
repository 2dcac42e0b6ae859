"""Shards of a collection, merged, are the library that one index of all of it gives."""

from __future__ import annotations

import os
import random
import resource
import zlib
from pathlib import Path

import numpy as np
import pytest

from espr.audio.encoder import Windows
from espr.catalog import corrections
from espr.catalog.catalog import Catalog
from espr.catalog.schema import SEALED
from espr.catalog.search import find_pieces
from espr.catalog.shards import MOST, Shard, missing_shards, parse_shard, read_shard
from espr.errors import INTERRUPTED, EsprError
from espr.features import AUDIO_SPACE
from espr.indexing.run import index_folders
from espr.indexing.workers import analyse
from espr.maintenance.check import check
from espr.maintenance.merge import merge
from tests.fake_encoder import FakeEncoder
from tests.signals import write_phrase
from tests.typed import Espr

COUNT = 5
MUSIC = (
    *("1/waltz_Hess", "1/waltz_Arrau", "1/track1", "1/track2", "1/Präludium_Kempff"),
    *("2/polka_Hess", "2/polka_Arrau", "2/polka_Kempff A415", "3/untitled", "3/track3"),
    *("3/track4", "4/gigue_Hess", "4/gigue_Arrau", "5/alone", "1/a copy"),
)


class Ears(FakeEncoder):
    """Hears notes, and profiles that there is a query model for."""

    def __init__(self, name: str = "noting") -> None:
        super().__init__("noting")
        self.name, self.id, self.space = "signal", "signal/2", AUDIO_SPACE

    def hear(self, path, start=0.0, end=None):
        heard = super().hear(path, start, end)
        rng = np.random.default_rng(int(heard.audio_hash[:8], 16))
        rows = rng.normal(size=(2, len(AUDIO_SPACE))).astype(np.float32)
        object.__setattr__(heard, "windows", Windows(heard.windows.times, rows, AUDIO_SPACE))
        return heard


@pytest.fixture
def music(tmp_path, monkeypatch):
    """Pieces by name and by sound, a copy, another tuning, a file that is torn."""
    # where a folder lies decides which files a share gets, of this one each gets some
    folder = next(one for n in range(10_000) if each_share_has_some(one := tmp_path / f"music{n}"))
    for name in MUSIC:
        file = folder / f"{name}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        write_phrase(file, 1.5, zlib.crc32(name.replace("a copy", "track1").encode()))
    (folder / "torn.wav").write_bytes(b"RIFF")

    def in_any_order(tasks, encoder, load, jobs):
        for task in random.Random(len(tasks)).sample(tasks, len(tasks)):
            yield task, analyse(load(encoder), task)

    monkeypatch.setattr("espr.indexing.run.analyse_all", in_any_order)
    return folder


def each_share_has_some(folder: Path) -> bool:
    files = [str(folder / f"{name}.wav") for name in MUSIC]
    return all(any(map(Shard(n, COUNT).holds, files)) for n in range(1, COUNT + 1))


def index(music: Path, library: Path, shard: Shard | None = None):
    return index_folders([music], library, encoder="signal", load=Ears, shard=shard)


def parts(music: Path, count: int = COUNT) -> list[Path]:
    """The shards of a collection, each a library."""
    made = [music.parent / f"part{number}of{count}.espr" for number in range(1, count + 1)]
    for number, library in enumerate(made, 1):
        index(music, library, Shard(number, count))
    return made


def tables(library: Path) -> dict[str, list[tuple]]:
    """All that a library says, ids included; alignments have none that means anything."""
    with Catalog.open(library) as catalog:
        rows = {
            table: sorted(catalog.rows(f"SELECT {', '.join(columns)} FROM {table}"), key=repr)
            for table, columns in SEALED.items()
            if table != "meta"
        }
    return rows | {"alignments": sorted(row[1:] for row in rows["alignments"])}


def answers(library: Path, espr: Espr) -> list[str]:
    questions = (
        ("query", "soft, legato", "--json"),
        ("query", "soft, legato", "--relative", "--json"),
        ("query", "slower than Hess", "--piece", "waltz", "--json"),
        ("query", "--like", "Arrau", "--piece", "polka", "--csv"),
        ("show", "gigue_Hess", "--json"),
        ("pieces", "--json"),
        ("pieces", "show", "waltz", "--json"),
        ("pieces", "doubts", "--json"),
    )
    given = [espr(*question, "--library", library) for question in questions]
    assert [answer.err for answer in given] == [""] * len(questions)
    return [answer.out for answer in given]


def test_merged_shards_answer_as_one_index(music, tmp_path, monkeypatch, capsys):
    together, merged = tmp_path / "together.espr", tmp_path / "merged.espr"
    index(music, together)
    shards = parts(music)
    outcomes = merge(shards, merged)
    assert sum(outcome.added for outcome in outcomes) == len(MUSIC) + 1
    assert min(outcome.added for outcome in outcomes) > 0
    assert tables(merged) == tables(together)
    assert tables(together)["alignments"]
    espr = Espr(monkeypatch, capsys)
    assert answers(merged, espr) == answers(together, espr)
    assert check(merged).problems == []
    assert index(music, merged).counts["unchanged"] == len(MUSIC)
    # parts may overlap, and come again
    overlapping = tmp_path / "overlapping.espr"
    merge([*reversed(shards), *parts(music, 2)], overlapping)
    merge(shards, overlapping)
    assert tables(overlapping) == tables(together)


def test_two_indexes_of_one_collection_are_one(music, tmp_path):
    one, other = tmp_path / "one.espr", tmp_path / "other.espr"
    index(music, one)
    index(music, other)
    assert tables(one) == tables(other)


def test_a_shard_that_failed_is_named_and_made_alone(music, tmp_path, monkeypatch, capsys):
    shards = parts(music)
    shards[1].unlink()
    target = tmp_path / "merged.espr"
    espr = Espr(monkeypatch, capsys)
    typed = espr("merge", shards[0], *shards[2:], "--library", target)
    assert (typed.code, typed.out) == (2, "")
    first, command = typed.err.splitlines()
    assert "2/5; nothing was changed" in first
    assert command == f"espr index {music} --shard 2/5 --library part2.espr"
    assert not target.exists()

    def interrupted(tasks, encoder, load, jobs):
        for task in tasks:
            yield task, analyse(load(encoder), task)
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("espr.indexing.run.analyse_all", interrupted)
        assert index(music, shards[1], Shard(2, COUNT)).exit_code == INTERRUPTED
    with pytest.raises(EsprError, match=r"part2of5\.espr \(2/5\)") as raised:
        merge(shards, target)
    assert raised.value.advice == (f"espr index {music} --shard 2/5 --library {shards[1]}",)
    index(music, shards[1], Shard(2, COUNT))
    assert len(merge(shards, target)) == COUNT
    together = tmp_path / "together.espr"
    index(music, together)
    assert {row[1:5] for row in tables(target)["recordings"]} == {
        row[1:5] for row in tables(together)["recordings"]
    }


def test_a_machine_that_saw_fewer_files_is_named(music, tmp_path, monkeypatch, capsys):
    shards = parts(music, 2)
    (music / "5" / "alone.wav").unlink()
    index(music, shards[0], Shard(1, 2))
    typed = Espr(monkeypatch, capsys)("merge", *shards, "--library", tmp_path / "merged.espr")
    assert typed.err.splitlines()[-1] == (
        "note: shard 1/2 saw 15 recordings on disk, another shard 16"
    )


def test_a_library_stays_the_share_that_it_is(music, tmp_path):
    library, whole = tmp_path / "part.espr", tmp_path / "whole.espr"
    index(music, library, Shard(1, 2))
    with pytest.raises(EsprError, match="is shard 1/2; add --shard 1/2, or give another"):
        index(music, library, Shard(2, 2))
    with pytest.raises(EsprError, match="is shard 1/2; add --shard 1/2"):
        index(music, library)
    index(music, whole)
    with pytest.raises(EsprError, match="is no shard; leave --shard out"):
        index(music, whole, Shard(1, 2))
    with pytest.raises(EsprError, match="is shard 1/2; merge into another --library"):
        merge([whole], library)


def test_shards_of_different_encoders_do_not_go_together(music, tmp_path):
    shards = parts(music, 2)
    with Catalog.open(shards[0], write=True) as catalog, catalog.transaction() as connection:
        connection.execute("UPDATE meta SET value = 'signal/1' WHERE key = 'encoder'")
    with pytest.raises(EsprError, match=r"part1of2\.espr: signal/1, .*part2of2\.espr: signal/2"):
        merge(shards, tmp_path / "merged.espr")


def test_more_shards_than_files(tmp_path, music):
    folder = tmp_path / "8"
    folder.mkdir()
    write_phrase(folder / "waltz_Hess.wav", 1.5)
    shards = parts(folder, 4)
    assert sum(one.added for one in merge(shards, tmp_path / "merged.espr")) == 1


def test_more_shards_than_files_may_be_open(tmp_path, music):
    folder = tmp_path / "8"
    folder.mkdir()
    write_phrase(folder / "waltz_Hess.wav", 1.5)
    shards = parts(folder, 12)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = len(os.listdir("/dev/fd"))
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files + 20, before[1]))
        assert sum(one.added for one in merge(shards, tmp_path / "merged.espr")) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_what_was_corrected_in_a_shard_stays(tmp_path, music):
    folder = tmp_path / "7"
    folder.mkdir()
    for number, pianist in enumerate("Arrau Cortot Fischer Gould Hess Kempff".split()):
        write_phrase(folder / f"nocturne_{pianist}.wav", 1.5, number)
    shards = parts(folder, 2)
    for shard in shards:
        with Catalog.open(shard, write=True) as catalog:
            (piece,) = find_pieces(catalog, "nocturne")
            corrections.rename(catalog, piece, "Night")
    merge(shards, tmp_path / "merged.espr")
    with Catalog.open(tmp_path / "merged.espr") as catalog:
        assert [(one.slug, one.title, one.count) for one in catalog.pieces()] == [
            ("night", "Night", 6)
        ]


def test_the_shard_of_a_file_follows_from_its_path():
    names = [f"/music/{number:04}.flac" for number in range(2_000)]
    shares = [[name for name in names if Shard(k, 16).holds(name)] for k in range(1, 17)]
    assert sorted(name for share in shares for name in share) == names
    assert 90 < min(map(len, shares)) <= max(map(len, shares)) < 160
    assert [k for k in range(1, 17) if Shard(k, 16).holds("/music/é.flac")] == [
        k for k in range(1, 17) if Shard(k, 16).holds("/music/e\u0301.flac")
    ]
    assert any(Shard(k, 3).holds(os.fsdecode(b"/music/\xff.wav")) for k in (1, 2, 3))


@pytest.mark.parametrize(
    "text", ["3", "0/4", "5/4", "1/0", "a/b", "", "-1/4", "1/1000000", "1/2/3"]
)
def test_what_is_no_shard(text, tmp_path, monkeypatch, capsys):
    typed = Espr(monkeypatch, capsys)("index", tmp_path, "--shard", text)
    assert typed.code == 2
    assert "is no shard; give its number and how many there are, as 3/16" in typed.err


def test_shards_as_typed():
    assert parse_shard(" 3 / 16 ") == Shard(3, 16)
    assert parse_shard(f"1/{MOST}").count == MOST


def test_the_mark_of_a_shard(music, tmp_path):
    library = tmp_path / "part.espr"
    index(music, library, Shard(1, 2))
    with Catalog.open(library) as catalog:
        mark = read_shard(catalog)
    assert (mark.shard, mark.files, mark.finished) == (Shard(1, 2), len(MUSIC) + 1, True)
    assert missing_shards([mark]) == [Shard(2, 2)]
    assert mark.places == (str(music),)
