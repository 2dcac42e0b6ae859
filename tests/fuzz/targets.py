"""What is fuzzed: readers of everything that comes from elsewhere.

A target gets one damaged input, written to a file where it reads files, and must return or
raise ``EsprError``. Anything else is a finding.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np

from espr.embeddings.encoder import TextEncoder
from espr.errors import EsprError
from tests.fuzz import seeds


@dataclass(frozen=True, slots=True)
class Target:
    """One reader.

    Attributes
    ----------
    make_seeds : callable
        Suffix and bytes of whole inputs.
    read : callable
        PieceProfiles the path of the input.
    """

    make_seeds: Callable[[], list[tuple[str, bytes]]]
    read: Callable[[Path], object]

    def try_one(self, path: Path, data: bytes) -> bool:
        """Write and read an input; whether it was taken for a right one."""
        path.write_bytes(data)
        try:
            self.read(path)
        except EsprError as error:
            assert str(error).strip(), "an error without a word"
            return False
        return True


def _hear(path: Path) -> None:
    """A worker's whole way with a file: tags, decoder, features."""
    from espr.catalog.models import ScannedFile
    from espr.encoders import load_audio_encoder
    from espr.indexing.workers import Analysed, Task, Unreadable, analyse

    outcome = analyse(load_audio_encoder(), Task(ScannedFile(str(path), 0.0, None, 1, 1)))
    if isinstance(outcome, Unreadable):
        # those two are what a worker says of a defect
        assert not outcome.reason.startswith("could not be analysed"), outcome.reason
        assert "memory" not in outcome.reason, outcome.reason
        raise EsprError(outcome.reason)
    assert isinstance(outcome, Analysed)
    hearing = outcome.analysis
    assert np.isfinite(hearing.windows.features).all(), "features that are not finite"
    assert np.isfinite(hearing.windows.times).all(), "times that are not finite"
    assert 0 < hearing.duration < float("inf")


def _read_tags(path: Path) -> None:
    """Tags, the piece that they name, what the catalog stores of them."""
    from espr.indexing.tags import LONGEST, read_tags
    from espr.works.grouping import Facts, group
    from espr.works.tags import Tags

    tags = read_tags(str(path))
    assert Tags.from_json(tags.to_json()) == tags
    for field in fields(tags):
        value = getattr(tags, field.name)
        assert len(value) <= LONGEST
        value.encode()
    _check_groups(group([Facts(0, str(path), tags), Facts(1, f"{path}_b", tags)]))


def _group_titles(path: Path) -> None:
    """A tag a line, as grouping understands them."""
    from espr.indexing.tags import LONGEST
    from espr.works.grouping import Facts, group
    from espr.works.tags import TAG_NAMES, Tags

    lines = path.read_bytes().decode("utf-8", "replace").split("\n")
    values = dict(zip(TAG_NAMES, (line[:LONGEST] for line in lines), strict=False))
    _check_groups(group([Facts(0, "/music/a/b.flac", Tags(**values))]))
    name = lines[0].replace("/", "_").replace("\0", "_")[:250] or "x"
    _check_groups(group([Facts(0, f"/music/{name}.flac", Tags())]))


def _check_groups(assignments: list) -> None:
    from espr.catalog.schema import storable

    for assignment in assignments:
        assert assignment.key
        storable(assignment.key).encode()


def _load_vectors(path: Path) -> None:
    from espr.embeddings.encoder import load_text_encoder

    os.environ["ESPR_CACHE"] = str(path.parent / "cache")
    encoder = load_text_encoder(path)
    rows = encoder.embed_terms(encoder.parse(encoder.vocabulary.words[0]))
    assert np.isfinite(rows).all()


def _read_cue(path: Path) -> None:
    from espr.indexing.cue_sheets import read_cue
    from espr.indexing.scan import scan

    folder = path.parent.resolve()
    (folder / "album.flac").touch()
    (folder.parent / "secret.wav").touch()
    found = scan([folder])
    assert all(Path(source.path).is_relative_to(folder) for source in found.files)
    for track in read_cue(str(path)):
        assert Path(track.path).resolve().is_relative_to(folder)
        assert track.start >= 0 and (track.end is None or track.end > track.start)


def _read_manifest(path: Path) -> None:
    from espr.works.grouping import Facts, group
    from espr.works.manifest import read_manifest
    from espr.works.tags import Tags

    entries = read_manifest(path)
    for place, entry in entries.items():
        assert os.path.isabs(place) and entry.piece
    _check_groups(group([Facts(n, place, Tags()) for n, place in enumerate(entries)], entries))


def _read_tables(path: Path) -> None:
    """Every other table: answers, descriptions, described recordings, queries."""
    from espr.cli.query import _read_requests
    from espr.datasets import con_espressione
    from espr.datasets.described_recordings import read_described
    from espr.training.teaching import read_descriptions

    (path.parent / "a.flac").touch()
    answers = path.parent / con_espressione.TABLE
    answers.write_bytes(path.read_bytes())
    failed = 0
    for read in (
        lambda: con_espressione.read_con_espressione(path.parent),
        lambda: read_descriptions(path),
        lambda: read_described(path),
        lambda: list(_read_requests(path, None)),
    ):
        try:
            read()
        except EsprError:
            failed += 1
    if failed == 4:
        raise EsprError("none of the tables")


def _read_query_model(path: Path) -> None:
    from espr.retrieval.query_model import read_query_model

    model = read_query_model(path)
    profile = model.profile(np.ones(model.dimension))
    assert profile.shape == (len(model.space),)
    assert np.isfinite(profile).all()
    assert np.isfinite(model.centred(np.ones((2, len(model.space))))).all()
    model.to_json()


def _parse_query(path: Path) -> None:
    """A query as it is typed; the terms must have finite weights."""
    from espr.cli.output.terminal_safe import clean, csv_safe

    text = path.read_bytes().decode("utf-8", "surrogateescape")
    assert not {"Cc", "Cf", "Cs", "Zl", "Zp"} & {unicodedata.category(c) for c in clean(text)}
    assert csv_safe(text)[:1] not in tuple("=+-@")
    encoder = _shipped_words()
    terms = encoder.parse(text)
    assert np.isfinite(encoder.embed_terms(terms)).all()


@cache
def _shipped_words() -> TextEncoder:
    from espr.embeddings.encoder import load_text_encoder

    return load_text_encoder()


def _read_checkpoint(path: Path) -> None:
    """Weights of a published model: a pickle that must build tensors and nothing else."""
    from espr.published.checkpoint import read_checkpoint

    assert read_checkpoint(path, "a network")


def _texts(*texts: str | bytes, suffix: str = ".txt") -> Callable[[], list[tuple[str, bytes]]]:
    return lambda: [(suffix, text.encode() if isinstance(text, str) else text) for text in texts]


TITLES = (
    "\n".join((seeds.TAGS["title"], "Gould", "Sonatas", "", seeds.TAGS["composer"])),
    "Bach: Das Wohltemperierte Klavier: Buch 1, BWV 846-869: Prelude No. 1 in C Major [Live]",
    "Sonata in B flat minor, Op. 35: III. Marche funèbre (Remastered 1998) - Chopin\nRubinstein",
    "K. 331/300i - III. Rondo alla Turca. Allegretto\n\n\n\nMozart\nwork\nmovement\n3/4",
)
QUERIES = (
    "shy, delicate",
    "not very fast, molto cantabile but without pedal",
    "a little bit sad; rather than loud and mechanical",
)
TARGETS = {
    "audio": Target(seeds.audio, _hear),
    "tags": Target(seeds.tagged, _read_tags),
    "titles": Target(_texts(*TITLES), _group_titles),
    "vectors": Target(seeds.vectors, _load_vectors),
    "cue": Target(_texts(seeds.PLAIN_CUE, seeds.CUE, suffix=".cue"), _read_cue),
    "manifest": Target(_texts(seeds.MANIFEST, suffix=".csv"), _read_manifest),
    "tables": Target(
        _texts(seeds.ANSWERS, seeds.DESCRIPTIONS, seeds.DESCRIBED, seeds.QUERIES, suffix=".csv"),
        _read_tables,
    ),
    "query-model": Target(lambda: [(".json", seeds.query_model())], _read_query_model),
    "query": Target(_texts(*QUERIES), _parse_query),
    "checkpoint": Target(seeds.checkpoints, _read_checkpoint),
}
