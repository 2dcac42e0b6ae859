"""Sentence-transformers folders, on a tiny random BERT saved in the real format."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel, BertConfig, BertModel, BertTokenizerFast

from espr.embeddings.encoder import load_text_encoder
from espr.embeddings.sentence_encoder import SentenceEncoder, load_sentence_encoder
from espr.errors import WRONG_INPUT, EsprError
from espr.query_language.parser import Term
from espr.retrieval.recording_profile import describing_words
from tests.typed import PATIENCE
from tests.unprivileged import open_to_all, without_privileges

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
PIECES = [*SPECIAL, *LETTERS, *(f"##{letter}" for letter in LETTERS), "soft", "loud", "##ly", "shy"]
HIDDEN = 32
DESCRIBING = describing_words()


def write_json(path: Path, content: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))


def describe(folder: Path, *kinds: str, pooling: dict[str, object] | None = None) -> None:
    """Write modules.json, and the pooling as ``1_Pooling/config.json``."""
    parts = {"Transformer": "", "Pooling": "1_Pooling"}
    modules = [
        {
            "idx": at,
            "name": str(at),
            "path": parts.get(kind, f"{at}_{kind}"),
            "type": f"sentence_transformers.models.{kind}",
        }
        for at, kind in enumerate(kinds)
    ]
    write_json(folder / "modules.json", modules)
    settings = pooling or {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}
    write_json(folder / "1_Pooling" / "config.json", settings)


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    folder.mkdir()
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(PIECES))
    tokenizer = BertTokenizerFast.from_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(PIECES),
        hidden_size=HIDDEN,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=160,
        initializer_range=0.5,
    )
    BertModel(config).save_pretrained(str(folder), safe_serialization=True)
    return folder


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "tiny"))


@pytest.fixture(scope="session")
def encoder(saved: Path) -> SentenceEncoder:
    return load_sentence_encoder(saved)


def tokens_of(folder: Path, pieces: list[str]) -> np.ndarray:
    """The model's last layer, shape=(pieces + 2, hidden), its pieces given by hand."""
    model = AutoModel.from_pretrained(folder).eval()
    numbers = [PIECES.index(piece) for piece in ("[CLS]", *pieces, "[SEP]")]
    with torch.inference_mode():
        return model(input_ids=torch.tensor([numbers])).last_hidden_state[0].numpy()


def refusal(path: Path) -> str:
    with pytest.raises(EsprError) as raised:
        load_text_encoder(path)
    assert raised.value.exit_code == WRONG_INPUT
    assert "\n" not in str(raised.value)
    return str(raised.value)


# Embeddings


def test_shape_and_name(saved: Path, encoder: SentenceEncoder) -> None:
    assert isinstance(load_text_encoder(str(saved)), SentenceEncoder)
    assert (encoder.name, encoder.dimension) == ("tiny", HIDDEN)
    embedding = encoder.embed("soft, shy")
    assert (embedding.shape, embedding.dtype) == ((HIDDEN,), np.float32)


@pytest.mark.parametrize("form", ["none", "old", "new"])
def test_mean_pooling(folder: Path, form: str) -> None:
    if form != "none":
        pooling = {"pooling_mode": "mean"} if form == "new" else None
        describe(folder, "Transformer", "Pooling", pooling=pooling)
    expected = tokens_of(folder, ["soft", "##ly"]).mean(axis=0)
    encoder = load_sentence_encoder(folder)
    np.testing.assert_allclose(encoder.embeddings(["softly"])[0], expected, atol=1e-5)
    beside = encoder.embeddings(["softly", "a very long text beside it"])  # it is padded
    np.testing.assert_allclose(beside[0], expected, atol=1e-5)


def test_cls_pooling_and_length_1(folder: Path) -> None:
    pooling = {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    describe(folder, "Transformer", "Pooling", pooling=pooling)
    first = tokens_of(folder, ["shy"])[0]
    encoder = load_sentence_encoder(folder)
    np.testing.assert_allclose(encoder.embeddings(["shy"])[0], first, atol=1e-5)
    describe(folder, "Transformer", "Pooling", "Normalize", pooling=pooling)
    expected = first / np.linalg.norm(first)
    encoder = load_sentence_encoder(folder)
    np.testing.assert_allclose(encoder.embeddings(["shy"])[0], expected, atol=1e-5)


def test_a_prompt_stands_before_every_text(folder: Path) -> None:
    settings = {"prompts": {"query": "soft "}, "default_prompt_name": "query"}
    write_json(folder / "config_sentence_transformers.json", settings)
    expected = tokens_of(folder, ["soft", "shy"]).mean(axis=0)
    given = load_sentence_encoder(folder).embeddings(["shy"])[0]
    np.testing.assert_allclose(given, expected, atol=1e-5)


def test_long_texts_are_cut(folder: Path) -> None:
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": 4})
    encoder = load_sentence_encoder(folder)
    short, long = encoder.embeddings(["soft shy"])[0], encoder.embeddings(["soft shy loud"])[0]
    np.testing.assert_allclose(long, short, atol=1e-5)
    (folder / "sentence_bert_config.json").unlink()
    assert load_sentence_encoder(folder).embed("soft " * 300).any()


def test_weights_of_half_precision_are_calculated_in_full(folder: Path) -> None:
    weights = folder / "model.safetensors"
    halved = {name: rows.to(torch.bfloat16) for name, rows in load_file(weights).items()}
    save_file(halved, weights, {"format": "pt"})
    assert load_sentence_encoder(folder).embed("soft").dtype == np.float32


def test_shards(folder: Path, saved: Path, encoder: SentenceEncoder) -> None:
    (folder / "model.safetensors").unlink()
    AutoModel.from_pretrained(saved).save_pretrained(str(folder), max_shard_size="30KB")
    assert len(list(folder.glob("model-*.safetensors"))) > 1
    given = load_sentence_encoder(folder)
    np.testing.assert_allclose(given.embed("soft"), encoder.embed("soft"), atol=1e-6)
    assert given.id != encoder.id


# Terms


def test_centred_on_the_describing_words(encoder: SentenceEncoder) -> None:
    one_by_one = np.array([encoder.embeddings([word])[0] for word in DESCRIBING])
    np.testing.assert_allclose(encoder.mean, one_by_one.mean(axis=0), atol=1e-5)
    rows = encoder.embed_terms([Term(word, (word,), 1.0, known=True) for word in DESCRIBING])
    np.testing.assert_allclose(rows.mean(axis=0), 0, atol=1e-5)
    expected = encoder.embeddings(["soft"])[0] - encoder.mean
    np.testing.assert_allclose(encoder.embed("soft"), expected, atol=1e-5)


def test_rows_add_up(encoder: SentenceEncoder) -> None:
    text = "very soft, not loud, clear phrasing"
    terms = encoder.parse(text)
    assert [term.text for term in terms] == ["soft", "loud", "clear phrasing"]
    rows = encoder.embed_terms(terms)
    np.testing.assert_allclose(rows.sum(axis=0), encoder.embed(text), atol=1e-5)
    summed = encoder.embed("soft") + encoder.embed("shy")
    np.testing.assert_allclose(encoder.embed("soft, shy"), summed, atol=1e-5)


def test_not_is_the_opposite_and_very_is_more(encoder: SentenceEncoder) -> None:
    np.testing.assert_array_equal(encoder.embed("not soft"), -encoder.embed("soft"))
    (term,) = encoder.parse("very soft")
    expected = np.float32(term.weight) * encoder.embed("soft")
    assert term.weight > 1
    np.testing.assert_allclose(encoder.embed("very soft"), expected, atol=1e-5)
    excluded = encoder.embed_terms(encoder.parse("shy", exclude=["soft"]))
    np.testing.assert_array_equal(excluded[1], -encoder.embed("soft"))


def test_a_text_is_embedded_once(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = load_sentence_encoder(saved)
    embedding = encoder.embed("soft")
    monkeypatch.setattr(encoder, "_model", None)
    np.testing.assert_array_equal(encoder.embed("soft"), embedding)


def test_what_is_no_word(encoder: SentenceEncoder) -> None:
    terms = encoder.parse("soft, 1900")
    assert [term.known for term in terms] == [True, False]
    assert not encoder.embed_terms(terms)[1].any()
    with pytest.raises(EsprError, match="no word of the query is known: '1900'"):
        encoder.embed("1900")


# Ids


def test_the_id_is_the_content(folder: Path, encoder: SentenceEncoder) -> None:
    content = (folder / "config.json").read_bytes() + (folder / "model.safetensors").read_bytes()
    assert encoder.id == f"tiny/{hashlib.sha256(content).hexdigest()[:12]}"
    (folder / "config.json").write_bytes((folder / "config.json").read_bytes() + b"\n")
    assert load_sentence_encoder(folder).id != encoder.id


def test_the_folder_one_stands_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert load_text_encoder(".").name == "tiny"


# What is refused


class _Evil:
    def __init__(self, canary: Path) -> None:
        self._canary = canary

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self._canary,)


@pytest.mark.parametrize(
    ("gone", "message"),
    [
        (["config.json"], "without config.json it is no sentence-transformers folder"),
        (["model.safetensors"], "has no weights: model.safetensors belongs beside config.json"),
        (["tokenizer.json", "vocab.txt"], "has no tokenizer"),
    ],
)
def test_what_is_missing(folder: Path, gone: list[str], message: str) -> None:
    for name in gone:
        (folder / name).unlink(missing_ok=True)
    assert message in refusal(folder)


@pytest.mark.parametrize("place", ["pytorch_model.bin", "model.safetensors", "beside"])
def test_a_pickle_is_never_executed(folder: Path, tmp_path: Path, place: str) -> None:
    canary = tmp_path / "executed"
    content = pickle.dumps(_Evil(canary))
    if place == "beside":
        (folder / "pytorch_model.bin").write_bytes(content)
        load_sentence_encoder(folder).embed("soft")
    else:
        (folder / "model.safetensors").unlink()
        (folder / place).write_bytes(content)
        told = "convert it to model.safetensors" if place.endswith("bin") else "cannot load"
        assert told in refusal(folder)
    assert not canary.exists()
    pickle.loads(content)
    assert canary.exists()  # the pickle is one that works


def test_code_in_the_folder_is_not_run(folder: Path, tmp_path: Path) -> None:
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'executed')!r}, 'w')\n")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "evil", "auto_map": {"AutoModel": "evil.M", "AutoConfig": "evil.C"}}
    write_json(folder / "config.json", config)
    assert "cannot load" in refusal(folder)
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe"])
def test_damaged_files(folder: Path, name: str, content: bytes) -> None:
    (folder / "vocab.txt").unlink(missing_ok=True)
    (folder / name).write_bytes(content)
    assert str(folder) in refusal(folder)


@pytest.mark.parametrize(
    ("kinds", "pooling", "message"),
    [
        (["Transformer", "Pooling", "Dense"], None, "made of Transformer, Pooling, Dense"),
        (["Transformer"], None, "made of Transformer;"),
        (["Transformer", "Pooling"], {"pooling_mode_max_tokens": True}, "pools by max_tokens"),
        (["Transformer", "Pooling"], {"dimension": 32}, "pools by nothing"),
    ],
)
def test_parts_that_cannot_be_followed(
    folder: Path, kinds: list[str], pooling: dict[str, object] | None, message: str
) -> None:
    describe(folder, *kinds, pooling=pooling)
    assert message in refusal(folder)


def test_modules_outside_the_folder(folder: Path) -> None:
    describe(folder, "Transformer", "Pooling")
    modules = json.loads((folder / "modules.json").read_text())
    modules[0]["path"] = "../elsewhere"
    write_json(folder / "modules.json", modules)
    assert "outside the folder" in refusal(folder)


def test_weights_that_are_not_all_there(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    name = next(name for name in weights if "layer.1" in name)
    del weights[name]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    assert f"lack 1 parts, first {name}" in refusal(folder)


def test_weights_that_are_no_numbers(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    weights = {name: torch.full_like(rows, float("nan")) for name, rows in weights.items()}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(EsprError, match="no numbers"):
        load_sentence_encoder(folder).embed("soft")


def test_a_folder_that_may_not_be_read(folder: Path, tmp_path: Path) -> None:
    folder.chmod(0)
    open_to_all(tmp_path)
    try:
        with without_privileges():
            assert f"cannot read {folder}: Permission denied" in refusal(folder)
    finally:
        folder.chmod(0o755)


def test_without_the_extra(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    assert 'pip install "espr[sentences]"' in refusal(saved)


# What it takes


def test_nothing_is_fetched(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", connect)
    assert load_sentence_encoder(saved).embed("soft").any()


def test_word_vectors_import_neither_transformers_nor_torch(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("soft 1 2\nloud 3 5\n")
    program = (
        "import sys, espr\n"
        "espr.load_text_encoder().embed('soft')\n"
        "espr.load_text_encoder(sys.argv[1]).embed('soft')\n"
        "print(sorted({'torch', 'transformers', 'tokenizers'} & set(sys.modules)))"
    )
    arguments = [sys.executable, "-c", program, str(tmp_path / "words.txt")]
    run = subprocess.run(arguments, capture_output=True, text=True, timeout=PATIENCE)
    assert (run.stdout.strip(), run.stderr) == ("[]", "")


def test_evaluated_as_any_text_encoder(run_evaluate, saved: Path) -> None:
    arguments = ("--text", str(saved), "--text", "glove", "--space", "midlevel", "--json")
    document = json.loads(run_evaluate(*arguments))
    assert {system["text"] for system in document["systems"]} == {str(saved), "glove"}
    assert all(0 < system["mrr"] <= 1 for system in document["systems"])
