"""Stores of profiles: they answer as the library does, and are brought up to date."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

import faiss
import numpy as np
import pytest

from espr.catalog.catalog import Catalog
from espr.errors import NOTHING_MATCHED, EsprError
from espr.features import MIDLEVEL_PLUS
from espr.retrieval.published_library import PublishedLibrary
from espr.retrieval.publishing import publish
from espr.retrieval.query_model import QueryModel
from espr.retrieval.store import Filter, Row, StoreInfo, store_info
from espr.retrieval.stores import open_store
from tests.synthetic_library import MANNERS, build, identity_model, pole_words, vector
from tests.typed import Espr

INFO = StoreInfo("a library", "signal/2", "midlevel+", "constants")


@pytest.fixture(params=["vectors.faiss", "vectors.db"])
def place(request, tmp_path):
    """Where a store may lie; Milvus's is one of milvus-lite."""
    if request.param.endswith(".db"):
        pytest.importorskip("milvus_lite", reason='needs the extra: pip install "espr[milvus]"')
    return str(tmp_path / request.param)


def row(identity: int, piece: str, features: np.ndarray, duration: float = 60.0) -> Row:
    profile = np.asarray(features, np.float32)
    vectors = (profile / np.linalg.norm(profile), -profile / np.linalg.norm(profile))
    return Row(identity, piece, f"Ä {identity}", duration, "{}", profile, *vectors)


def close(library, published, *arguments, **options):
    """Assert that both answer alike; return the answer."""
    ours = library.query(*arguments, **options)
    theirs = published.query(*arguments, **options)
    assert [(one.source.id, one.rank) for one in theirs] == [
        (one.source.id, one.rank) for one in ours
    ]
    for one, other in zip(ours, theirs, strict=True):
        assert other.score == pytest.approx(one.score, abs=1e-6)
        assert other.contributions == pytest.approx(one.contributions, abs=1e-6)
        assert (other.performer, other.recording) == (one.performer, one.recording)
        assert (other.piece.slug, other.piece.count) == (one.piece.slug, one.piece.count)
        assert other.best_window is None
    return theirs


def test_rows_come_and_go(place):
    rng = np.random.default_rng(0)
    store = open_store(place, INFO)
    rows = [
        row(k, f"piece-{k % 4}", rng.normal(size=len(MIDLEVEL_PLUS)), 60.0 + k)
        for k in range(1, 41)
    ]
    store.add(rows[:30])
    store.add(rows[20:])
    assert len(store) == 40
    assert store.versions() == {one.id: one.version for one in rows}
    scores = np.array([one.vector for one in rows]) @ rows[7].vector
    nearest = [rows[k].id for k in np.argsort(-scores)]
    assert [one.id for one in store.search(rows[7].vector, Filter(), 40)] == nearest
    of_piece = [k for k in nearest if k % 4 == 1]
    assert [one.id for one in store.search(rows[7].vector, Filter("piece-1"), 40)] == of_piece
    slugs = list(dict.fromkeys(f"piece-{k % 4}" for k in nearest))
    assert store.search_pieces(rows[7].vector, Filter(), 3, relative=False) == slugs[:3]
    slugs = list(dict.fromkeys(f"piece-{k % 4}" for k in reversed(nearest)))
    assert store.search_pieces(rows[7].vector, Filter(), 9, relative=True) == slugs
    long = Filter("", 95.0, 98.0)
    assert {one.id for one in store.search(rows[7].vector, long, 9)} == {35, 36, 37, 38}
    assert store.slugs("piece-", 2) == ["piece-0", "piece-1"]
    for no_slug in ('pie" or id > 0 or piece == "', "Бах", "piece 1", "PIECE", "%"):
        assert store.slugs(no_slug, 9) == []
    store.remove([1, 2, 3, 99])
    store.flush()
    store.close()
    store = open_store(place)
    assert store.info == INFO
    assert sorted(one.id for part in store.rows() for one in part) == list(range(4, 41))
    (found,) = store.search(rows[7].vector, Filter(), 1)
    assert (found.id, found.piece, found.performer, found.duration) == (8, "piece-0", "Ä 8", 68.0)
    assert np.array_equal(found.profile, rows[7].profile)
    store.close()


@pytest.fixture
def library(tmp_path):
    builder = build(tmp_path / "library.espr")
    builder.add("prelude", "Ney", MANNERS["Hess"], name="été_\udcff.flac", copy_of=None)
    builder.compare(1, 2, 1.25)
    builder.compare(2, 3, 0.7)
    for number in range(8):
        builder.add(f"etude-{number}", "Fou Ts'ong", vector(articulation=number - 3.5, attack=1))
    builder.close()
    with builder.library() as opened:
        yield opened


def test_a_store_answers_as_the_library_does(library, place):
    model = identity_model()
    outcome = publish(library.catalog, model, place)
    assert (outcome.written, outcome.removed, outcome.unchanged) == (17, 0, 0)
    with PublishedLibrary(open_store(place), pole_words(), model) as published:
        close(library, published, "legato, soft")
        close(library, published, "legato, soft", relative=True)
        close(library, published, "loud", top=2)
        close(library, published, "very staccato")
        close(library, published, "slightly staccato", relative=True)
        close(library, published, "not loud", weights={"attack": 2.0})
        close(library, published, "staccato", exclude=["loud"])
        answer = close(library, published, "legato", piece="prelude")
        fast = [published.query("fast, soft", piece) for piece in (None, "toccata")]
        for notes, ours in zip(
            (one.notes for one in fast),
            (library.query("fast, soft", piece).notes for piece in (None, "toccata")),
            strict=True,
        ):
            said = [note for note in notes if "the density of notes stands for it" in note]
            assert len(said) == 1 and said[0] in ours
        fastest = close(library, published, "fast", piece="prelude")
        assert fastest[0].tempo == library.query("fast", "prelude")[0].tempo != 1.0
        close(library, published, "a little staccato", piece="toc", top=2)
        assert json.loads(json.dumps(answer.document()))["results"][0]["best_window"] is None
        for wrong, code in ((("legato", "waltz"), NOTHING_MATCHED), (("legato", "etude"), 2)):
            with pytest.raises(EsprError) as raised:
                published.query(*wrong)
            assert raised.value.exit_code == code
        with pytest.raises(EsprError, match="compare with Gould needs the library"):
            published.query("legato like Gould")
        with pytest.raises(EsprError, match="as long as asked"):
            published.query("legato under 5 seconds")


def test_what_is_published_again(library, place, tmp_path):
    model = identity_model()
    publish(library.catalog, model, place)
    again = publish(library.catalog, model, place)
    assert (again.written, again.removed, again.unchanged) == (0, 0, 17)
    with Catalog.open(library.path, write=True) as catalog:
        (first,) = [one for one in catalog.recordings() if one.path.endswith("prelude_Gould.flac")]
        with catalog.transaction() as connection:
            connection.execute("DELETE FROM recordings WHERE id = ?", [first.id])
            connection.execute("UPDATE pieces SET title = 'Étude' WHERE slug = 'etude-3'")
    after = publish(library.catalog, model, place)
    # the others of its piece have another mean, hence other deviations
    assert (after.written, after.removed, after.unchanged) == (5, 1, 11)
    with PublishedLibrary(open_store(place), pole_words(), model) as published:
        assert {one.performer for one in published.query("legato", "prelude")} == {
            *("Arrau", "Hess", "Lipatti", "Ney")
        }
        (only,) = published.query("staccato", "etude-3")
        assert (only.piece.title, only.performer) == ("Étude", "Fou Ts'ong")


def test_an_interruption_is_made_up_for(library, place, monkeypatch):
    monkeypatch.setattr("espr.retrieval.publishing.BATCH", 5)
    store = type(open_store(place, store_info(library.catalog.meta()["id"], identity_model())))
    add, left = store.add, [2]

    def torn(self, rows):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        add(self, rows)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(store, "add", torn)
        publish(library.catalog, identity_model(), place)
    outcome = publish(library.catalog, identity_model(), place)
    assert outcome.written + outcome.unchanged == 17
    with PublishedLibrary(open_store(place), pole_words(), identity_model()) as published:
        close(library, published, "legato")


def test_another_encoder_or_library_is_refused(library, place, tmp_path):
    model = identity_model()
    publish(library.catalog, model, place)
    for change in ({"audio": "signal/3"}, {"within_std": np.full(len(model.space), 2.0)}):
        other = QueryModel(**{name: getattr(model, name) for name in _FIELDS} | change)
        info = store_info(library.catalog.meta()["id"], other)
        with pytest.raises(EsprError, match="nothing was changed"):
            open_store(place, info)
    builder = build(tmp_path / "another.espr")
    builder.close()
    with builder.library() as another, pytest.raises(EsprError, match="of another library"):
        publish(another.catalog, model, place)


_FIELDS = (
    *("text", "audio", "space", "centring", "matrix", "reference_mean", "reference_std"),
    *("within_std", "kappa"),
)


@pytest.mark.parametrize(
    "place",
    ["nowhere", "http://localhost/x", "milvus://", "milvus://host", "milvus://h:port/c", "a.faiss"],
)
def test_what_is_no_store(place, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    pytest.importorskip("pymilvus")
    typed = Espr(monkeypatch, capsys)("query", "legato", "--store", place)
    assert (typed.code, typed.out) == (2, "")
    assert typed.err.count("\n") == 1


def test_a_file_that_is_not_of_milvus_is_kept(library, tmp_path):
    pytest.importorskip("milvus_lite", reason='needs the extra: pip install "espr[milvus]"')
    place = tmp_path / "album.db"
    place.write_bytes(b"fLaC")
    environment = {**os.environ, "ESPR_LIBRARY": str(library.path)}
    typed = subprocess.run(  # for logging prints what no test's handler takes
        [sys.executable, "-m", "espr", "publish", "--to", place],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (typed.returncode, typed.stderr.count("\n")) == (2, 1), typed.stderr
    assert typed.stderr.startswith(f"espr: {place}: Milvus refused: ")
    assert place.read_bytes() == b"fLaC"


@pytest.mark.parametrize("kind", ["Flat", "HNSW16", "IVF4,Flat", "IDMap2,Flat"])
def test_an_index_that_another_program_wrote_is_kept(library, tmp_path, kind):
    vectors = np.random.default_rng(0).normal(size=(200, 13)).astype(np.float32)
    index = faiss.index_factory(13, kind)
    index.train(vectors)
    if kind.startswith("IDMap2"):
        index.add_with_ids(vectors, np.arange(200))
    else:
        index.add(vectors)
    place = tmp_path / "others.faiss"
    faiss.write_index(index, str(place))
    before = place.read_bytes()
    with pytest.raises(EsprError, match="nothing that espr publish wrote"):
        open_store(str(place))
    with pytest.raises(EsprError, match="nothing that espr publish wrote"):
        publish(library.catalog, identity_model(), str(place))
    assert place.read_bytes() == before


def test_a_torn_file_is_refused(library, tmp_path):
    place = tmp_path / "vectors.faiss"
    publish(library.catalog, identity_model(), str(place))
    content = bytearray(place.read_bytes())
    content[-5] ^= 1
    place.write_bytes(content)
    with pytest.raises(EsprError, match="is damaged"):
        open_store(str(place))
    place.write_bytes(b"RIFF")
    with pytest.raises(EsprError, match="nothing that espr publish wrote"):
        open_store(str(place))


def change_header(content: bytes, **fields: object) -> bytes:
    head, _, rest = content.partition(b"\n")
    return json.dumps(json.loads(head) | fields).encode() + b"\n" + rest


def change_body(content: bytes, change) -> bytes:
    """With the digest of what it is then, as who makes such a file on purpose would."""
    _, _, body = content.partition(b"\n")
    said, _, vectors = body.partition(b"\n")
    body = b"\n".join(change(json.loads(said), vectors))
    content = content.partition(b"\n")[0] + b"\n" + body
    return change_header(content, sha256=hashlib.sha256(body).hexdigest())


def nan(said, vectors):
    return json.dumps(said).encode(), np.full(len(vectors) // 4, np.nan, "<f4").tobytes()


def odd(said, vectors):
    return json.dumps([[[], *row[1:]] for row in said]).encode(), vectors


@pytest.mark.parametrize(
    "change",
    [
        lambda content: change_header(content, profile=-3),
        lambda content: change_header(content, profile="13"),
        lambda content: change_header(content, space=1),
        lambda content: change_header(content, info=[]),
        lambda content: b"[" * 100_000 + b"\n" + content,
        lambda content: change_body(content, nan),
        lambda content: change_body(content, odd),
        lambda content: change_body(content, lambda said, vectors: (b"[[1]]", vectors)),
    ],
)
def test_a_file_that_is_made_up_is_refused(library, tmp_path, change):
    place = tmp_path / "vectors.faiss"
    publish(library.catalog, identity_model(), str(place))
    place.write_bytes(change(place.read_bytes()))
    with pytest.raises(EsprError, match="nothing that espr publish wrote"):
        open_store(str(place))


def test_a_recording_that_is_described_otherwise_is_an_error():
    for about in ("{}", "[", "[1]", '{"path": 1}'):
        with pytest.raises(EsprError, match="not described as espr publish does"):
            _ = Row(1, "x", "y", 60.0, about, *[np.zeros(0)] * 3).shown


def test_without_milvus_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pymilvus", None)
    with pytest.raises(EsprError, match=r'pip install "espr\[milvus\]"'):
        open_store(str(tmp_path / "vectors.db"), INFO)
    assert not os.path.exists(tmp_path / "vectors.db")


def test_as_it_is_typed(library, place, monkeypatch, capsys):
    espr = Espr(monkeypatch, capsys)
    typed = espr("publish", "--to", place, "--library", library.path)
    assert (typed.code, typed.err) == (0, "")
    assert typed.out == f"{place}: written 17, removed 0, unchanged 0\n"
    for question in (("soft, legato",), ("soft, legato", "--piece", "toccata")):
        ours = json.loads(espr("query", *question, "--json", "--library", library.path).out)
        theirs = json.loads(espr("query", *question, "--json", "--store", place).out)
        for document in (ours, theirs):
            for one in document["results"]:
                for known_by_the_library_alone in ("best_window", "behind_first", "tempo"):
                    one.pop(known_by_the_library_alone, None)
        assert theirs["results"] == ours["results"]
    table = espr("query", "soft, legato", "--store", place)
    assert (table.code, table.err) == (0, "")
    assert "The best of" in table.out and "best at" not in table.out
    assert espr("query", "soft", "--store", place, "--csv").out.count("\n") > 1
    both = espr("query", "soft", "--store", place, "--library", library.path)
    assert both.err == "espr: --store answers without the library; leave --library out\n"
