"""``espr models``: what is listed, what may be added, and files that are not to be trusted."""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from espr.audio.encoder import AUDIO_ENCODERS, DEFAULT_AUDIO
from espr.embeddings.encoder import DEFAULT_TEXT
from espr.encoders import load_audio_encoder
from espr.errors import NOTHING_MATCHED, WRONG_INPUT
from espr.published import checkpoint
from espr.published.registry import PUBLISHED
from tests.published_checkpoint import published_state, write_published
from tests.typed import Espr
from tests.unprivileged import open_to_all, without_privileges


@pytest.fixture
def data(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("ESPR_DATA", str(folder))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "own"))
    monkeypatch.setenv("COLUMNS", "100")
    return folder


@pytest.fixture
def espr(data, monkeypatch, capsys):
    return Espr(monkeypatch, capsys)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return write_published(tmp_path_factory.mktemp("published") / "CPResnet_BackProp_2bf74_2.pt")


def listed(espr) -> dict[str, dict]:
    code, out, err = espr("models", "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert document["schema"] == "espr.models/1"
    return {model["name"]: model for model in document["models"]}


def left_in(data: Path) -> list[str]:
    """What lies in the data folder, drafts too."""
    return sorted(str(path.relative_to(data)) for path in data.rglob("*"))


def test_what_is_included_and_what_can_be_added_is_listed(espr):
    found = listed(espr)
    assert {name for name, model in found.items() if model["default"]} == {
        DEFAULT_AUDIO,
        DEFAULT_TEXT,
    }
    assert found["signal"]["dimension"] == 12
    assert found["glove"]["state"] == "included"
    assert found["glove"]["dimension"] == 100
    assert found["glove"]["bytes"] > 7_000_000
    assert "PDDL" in found["glove"]["licence"]
    for name in PUBLISHED:
        assert found[name]["state"] == "available"
        assert all(found[name][key] for key in ("published", "file", "licence", "citation"))
    code, out, err = espr("models")
    assert (code, err) == (0, "")
    assert re.search(rf"^{DEFAULT_AUDIO} \(default\) +audio", out, re.M)
    assert "espr models add cp-resnet PATH   (PATH: CPResnet_BackProp_2bf74_2.pt)" in out
    assert PUBLISHED["cp-resnet"].published in out


def test_everything_that_hears_is_listed(espr):
    assert set(AUDIO_ENCODERS) <= set(listed(espr))


def test_a_published_model_is_recognised_converted_kept_and_removed(espr, data, published):
    code, out, err = espr("models", "add", str(published))
    assert (code, err) == (0, "")
    assert out.startswith("added cp-resnet (8.9 MB) in ")
    assert "cite: Chowdhury & Widmer" in out
    assert "espr index FOLDER --encoder cp-resnet" in out
    assert left_in(data) == [
        "models",
        "models/cp-resnet",
        "models/cp-resnet/model.json",
        "models/cp-resnet/weights.safetensors",
    ]
    kept = load_file(data / "models/cp-resnet/weights.safetensors")
    state = published_state()
    assert set(kept) == {
        name for name in state if "discriminator" not in name and "num_batches" not in name
    }
    assert all(torch.equal(kept[name], state[name]) for name in kept)
    model = listed(espr)["cp-resnet"]
    assert (model["state"], model["default"]) == ("added", False)
    assert model["bytes"] > 8_900_000
    _, out, _ = espr("models")
    assert re.search(r"^cp-resnet +audio", out, re.M)
    assert espr("models", "remove", "cp-resnet") == (0, "removed cp-resnet\n", "")
    assert left_in(data) == ["models"]
    assert listed(espr)["cp-resnet"]["state"] == "available"


def test_a_model_that_is_added_again_is_replaced_and_equal_weights_are_one_encoder(
    espr, data, published, tmp_path
):
    espr("models", "add", "cp-resnet", str(published))
    first = load_audio_encoder("cp-resnet").id
    nested = {"module." + name: value for name, value in published_state().items()}
    torch.save({"state_dict": nested, "epoch": 3}, tmp_path / "nested.pt")
    assert espr("models", "add", "cp-resnet", str(tmp_path / "nested.pt")).code == 0
    assert load_audio_encoder("cp-resnet").id == first
    other = write_published(tmp_path / "other.pt", seed=1)
    assert espr("models", "add", "cp-resnet", str(other)).code == 0
    assert load_audio_encoder("cp-resnet").id != first
    record = json.loads((data / "models/cp-resnet/model.json").read_text())
    assert record["source"] == str(other)
    assert len(left_in(data)) == 4


def test_the_form_that_torch_wrote_before_1_6_and_shortcuts_without_names(espr, tmp_path):
    state = {
        name.replace("shortcut.conv.", "shortcut.0.").replace("shortcut.bn.", "shortcut.1."): value
        for name, value in published_state().items()
    }
    torch.save(state, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    assert espr("models", "add", str(tmp_path / "old.pt")).code == 0


class Program:
    """A pickle of this makes the file that it names."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


@pytest.mark.parametrize("form", ["zip", "legacy", "pickle"])
@pytest.mark.parametrize("named", [True, False])
def test_a_program_in_a_checkpoint_is_refused_and_not_run(espr, data, tmp_path, form, named):
    content = {**published_state(), "extra": Program(tmp_path / "ran")}
    file = tmp_path / "evil.pt"
    if form == "pickle":
        file.write_bytes(pickle.dumps(content["extra"], protocol=2))
    else:
        torch.save(content, file, _use_new_zipfile_serialization=form == "zip")
    code, out, err = espr("models", "add", *(["cp-resnet"] if named else []), str(file))
    assert (code, out, err.count("\n")) == (WRONG_INPUT, "", 1)
    assert "wants to run posix.mkdir" in err
    assert "nothing of it was run" in err
    assert "CPResnet_BackProp_2bf74_2.pt" in err
    assert not (tmp_path / "ran").exists()
    assert left_in(data) == []


def cut(path: Path, published: Path) -> None:
    path.write_bytes(published.read_bytes()[:4_000_000])


def empty(path: Path, published: Path) -> None:
    path.touch()


def text(path: Path, published: Path) -> None:
    path.write_text("not a checkpoint\n")


def noise(path: Path, published: Path) -> None:
    path.write_bytes(bytes(range(256)) * 100)


def folder(path: Path, published: Path) -> None:
    path.mkdir()


def flipped(path: Path, published: Path) -> None:
    content = bytearray(published.read_bytes())
    content[4_000_000] ^= 1  # a weight
    path.write_bytes(content)


def single(path: Path, published: Path) -> None:
    torch.save(torch.zeros(3), path)


def packed(path: Path, published: Path) -> None:
    with zipfile.ZipFile(published) as source, zipfile.ZipFile(path, "w", 8) as target:
        for entry in source.infolist():
            target.writestr(entry.filename, source.read(entry))


def without_a_tensor(path: Path, published: Path) -> None:
    state = published_state()
    del state["stage2.block1.bn2.running_var"]
    torch.save(state, path)


def of_another_shape(path: Path, published: Path) -> None:
    torch.save({**published_state(), "feed_forward.0.weight": torch.zeros(8, 512, 1, 1)}, path)


def not_finite(path: Path, published: Path) -> None:
    torch.save({**published_state(), "in_c.0.weight": torch.full((128, 1, 5, 5), torch.nan)}, path)


def of_whole_numbers(path: Path, published: Path) -> None:
    torch.save({**published_state(), "in_c.1.bias": torch.zeros(128, dtype=torch.int64)}, path)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (cut, "is no PyTorch checkpoint, or it is cut short"),
        (empty, "has 0 bytes and cannot be it"),
        (text, "is no PyTorch checkpoint"),
        (noise, "is no PyTorch checkpoint"),
        (folder, "is not a file"),
        (flipped, "is damaged (in "),
        (single, "holds no named tensors"),
        (packed, "is an archive of something else"),
        (without_a_tensor, "has no tensor 'stage2.block1.bn2.running_var'"),
        (of_another_shape, "has the shape (8, 512, 1, 1), not (7, 512, 1, 1)"),
        (not_finite, "'in_c.0.weight' does not hold finite numbers only"),
        (of_whole_numbers, "'in_c.1.bias' does not hold finite numbers only"),
    ],
)
def test_a_file_that_is_not_it_is_one_line_that_says_what_was_expected(
    espr, data, published, tmp_path, make, message
):
    path = tmp_path / "model.pt"
    make(path, published)
    code, out, err = espr("models", "add", "cp-resnet", str(path))
    assert (code, out, err.count("\n")) == (WRONG_INPUT, "", 1)
    assert message in err
    assert re.search(r"xpected CPResnet_BackProp_2bf74_2.pt, the published CP-ResNet", err)
    assert left_in(data) == []
    assert espr("models", "add", str(path)).code == WRONG_INPUT  # and without its name


def test_a_checkpoint_that_is_too_large_is_not_read(espr, published, monkeypatch):
    monkeypatch.setattr(checkpoint, "LARGEST", 1_000_000)
    code, _, err = espr("models", "add", "cp-resnet", str(published))
    assert code == WRONG_INPUT
    assert re.search(r"has [\d,]+ bytes and cannot be it", err)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["add"], "give the file or folder as it was published"),
        (["add", "cp-resnet"], "give the file, too: espr models add cp-resnet PATH"),
        (["add", "nowhere.pt"], "cannot read nowhere.pt: there is no such file"),
        (["add", "word2vec", "nowhere.pt"], "no model 'word2vec' to add; there is cp-resnet"),
        (["add", "signal", "nowhere.pt"], "no model 'signal' to add"),
    ],
)
def test_what_is_wrong_with_a_command_is_said(espr, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, out, err = espr("models", *arguments)
    assert (code, out, err.count("\n")) == (WRONG_INPUT, "", 1)
    assert message in err


@pytest.mark.parametrize("name", ["cp-resnet", "signal", "../../x"])
def test_what_was_not_added_cannot_be_removed(espr, name):
    code, _, err = espr("models", "remove", name)
    assert code == NOTHING_MATCHED
    assert f"{name!r} was not added" in err


def test_a_damaged_record_is_told_and_mended_by_adding_again(espr, data, published):
    espr("models", "add", str(published))
    record = data / "models/cp-resnet/model.json"
    for content in ("", "{}", '{"schema": "espr.model/1", "sha256": []}', "[]"):
        record.write_text(content)
        model = listed(espr)["cp-resnet"]
        assert model["state"] == "damaged"
        assert "add the model again" in model["problem"]
        assert "cp-resnet is damaged" in espr("models").out
    assert espr("models", "add", str(published)).code == 0
    assert listed(espr)["cp-resnet"]["state"] == "added"


def test_a_folder_that_cannot_be_written_and_a_write_that_fails(
    espr, data, published, monkeypatch, tmp_path
):
    open_to_all(tmp_path)
    open_to_all(published.parent)
    data.chmod(0o555)
    with without_privileges():
        code, _, err = espr("models", "add", str(published))
    assert (code, "cannot write the model" in err) == (WRONG_INPUT, True)
    data.chmod(0o755)
    espr("models", "add", str(published))
    before = load_audio_encoder("cp-resnet").id

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, _, err = espr("models", "add", str(published))
    assert (code, "No space left on device" in err) == (WRONG_INPUT, True)
    assert load_audio_encoder("cp-resnet").id == before
    assert len(left_in(data)) == 4


def test_the_first_data_folder_that_has_a_model_gives_it(espr, data, published, tmp_path):
    espr("models", "add", str(published))
    own = tmp_path / "own" / "espr" / "models"
    own.mkdir(parents=True)
    shutil.move(data / "models" / "cp-resnet", own / "cp-resnet")
    assert listed(espr)["cp-resnet"]["state"] == "added"
    assert espr("models", "remove", "cp-resnet").code == 0
    assert not (own / "cp-resnet").exists()
