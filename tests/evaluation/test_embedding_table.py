"""Tables of embeddings by name: what is read, and what is refused."""

from __future__ import annotations

import io
import pickle
import unicodedata
import zipfile
from pathlib import Path

import numpy as np
import pytest

from espr.embeddings.encoder import load_text_encoder
from espr.errors import WRONG_INPUT, EsprError
from espr.evaluation.embedding_table import read_embedding_table

NAMES = ["bach_Gould.mp3", "bach_Hélène.mp3", "shy, delicate"]
ROWS = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)


def saved(folder: Path, **arrays: object) -> Path:
    path = folder / "table.npz"
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_a_table(tmp_path: Path, save, kind) -> None:
    path = tmp_path / "table.npz"
    save(path, names=np.array(NAMES), vectors=ROWS.astype(kind))
    table = read_embedding_table(path)
    assert (table.names, len(table), table.dimension) == (tuple(NAMES), 3, 4)
    assert table.vectors.dtype == np.float32
    np.testing.assert_allclose(table.vectors, ROWS, atol=2e-3)
    np.testing.assert_array_equal(table.vector("shy, delicate"), table.vectors[2])
    assert "bach_Gould.mp3" in table
    assert "gould" not in table
    assert 3 not in table


def test_names_in_bytes_and_in_decomposed_letters(tmp_path: Path) -> None:
    names = [unicodedata.normalize("NFD", name).encode() for name in NAMES]
    table = read_embedding_table(saved(tmp_path, names=np.array(names), vectors=ROWS))
    assert table.names == tuple(NAMES)
    for form in ("NFC", "NFD"):
        np.testing.assert_array_equal(table.vector(unicodedata.normalize(form, NAMES[1])), ROWS[1])


def test_a_name_that_is_not_there(tmp_path: Path) -> None:
    path = saved(tmp_path, names=np.array(NAMES), vectors=ROWS)
    with pytest.raises(EsprError, match=f"{path} has no embedding of 'bach_Schiff.mp3'"):
        read_embedding_table(path).vector("bach_Schiff.mp3")


def refusal(path: Path) -> str:
    with pytest.raises(EsprError) as raised:
        read_embedding_table(path)
    told = str(raised.value)
    assert str(path) in told
    assert len(told.splitlines()) == 1
    assert raised.value.exit_code == WRONG_INPUT
    return told


class Bomb:
    """What would write a file if it were unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self):
        return (Path.touch, (self.target,))


@pytest.mark.parametrize("array", ["names", "vectors"])
def test_objects_are_never_unpickled(tmp_path: Path, array: str) -> None:
    target = tmp_path / "executed"
    arrays = {"names": np.array(NAMES), "vectors": ROWS}
    arrays[array] = np.array([Bomb(target)] * 3, dtype=object)
    assert "holds Python objects" in refusal(saved(tmp_path, **arrays))
    assert not target.exists()


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    target = tmp_path / "executed"
    path = tmp_path / "table.npz"
    path.write_bytes(pickle.dumps(Bomb(target)))
    assert "is not an .npz file" in refusal(path)
    assert not target.exists()


def changed(at: int, value: float) -> np.ndarray:
    rows = ROWS.copy()
    rows[1, at:] = value
    return rows


TEXT = np.array(NAMES)
BAD = {
    "no names": ({"vectors": ROWS}, "has no array 'names'"),
    "no vectors": ({"names": TEXT}, "has no array 'vectors'"),
    "fewer names": ({"names": TEXT[:2], "vectors": ROWS}, "do not belong together"),
    "fewer vectors": ({"names": TEXT, "vectors": ROWS[:2]}, "do not belong together"),
    "flat vectors": ({"names": TEXT, "vectors": ROWS[:, 0]}, "do not belong together"),
    "one name": ({"names": np.array("a"), "vectors": ROWS}, "do not belong together"),
    "nothing": ({"names": TEXT[:0], "vectors": ROWS[:0]}, "is empty"),
    "no dimension": ({"names": TEXT, "vectors": ROWS[:, :0]}, "is empty"),
    "numbers as names": ({"names": np.arange(3), "vectors": ROWS}, "names are int64, not text"),
    "text as vectors": ({"names": TEXT, "vectors": TEXT[:, None]}, "not real numbers"),
    "complex": ({"names": TEXT, "vectors": ROWS * 1j}, "vectors are complex64, not real"),
    "twice": ({"names": TEXT[[0, 1, 0]], "vectors": ROWS}, "'bach_Gould.mp3' stands twice, as n"),
    "empty name": ({"names": np.array(["a", "", "b"]), "vectors": ROWS}, "name 2 is empty"),
    "not UTF-8": ({"names": np.array([b"\xe9", b"a", b"b"]), "vectors": ROWS}, "not UTF-8"),
    "NaN": ({"names": TEXT, "vectors": changed(2, np.nan)}, "of 'bach_Hélène.mp3' has NaN"),
    "infinite": ({"names": TEXT, "vectors": changed(2, np.inf)}, "has NaN or infinite"),
    "beyond float32": (
        {"names": TEXT, "vectors": ROWS.astype(float) * 1e300},
        "has NaN or infinite",
    ),
    "zero": ({"names": TEXT, "vectors": changed(0, 0)}, "of 'bach_Hélène.mp3' is zero"),
}


@pytest.mark.parametrize("case", BAD)
def test_refused(tmp_path: Path, case: str) -> None:
    arrays, message = BAD[case]
    assert message in refusal(saved(tmp_path, **arrays))


def test_truncated_anywhere(tmp_path: Path) -> None:
    path = saved(tmp_path, names=TEXT, vectors=ROWS)
    content = path.read_bytes()
    for length in range(0, len(content), 37):
        path.write_bytes(content[:length])
        refusal(path)


def test_damaged_anywhere(tmp_path: Path) -> None:
    """One byte inverted: an error of one line, or the same table."""
    path = saved(tmp_path, names=TEXT, vectors=ROWS)
    content = path.read_bytes()
    for at in range(0, len(content), 7):
        path.write_bytes(content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :])
        try:
            table = read_embedding_table(path)
        except EsprError as error:
            assert len(str(error).splitlines()) == 1
        else:
            np.testing.assert_array_equal(table.vectors, ROWS)


def test_a_header_that_promises_too_much(tmp_path: Path) -> None:
    path = tmp_path / "table.npz"
    header = io.BytesIO()
    shape = (10**9, 10**6)
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f4", "fortran_order": False, "shape": shape}
    )
    with zipfile.ZipFile(path, "w") as archive:
        names = io.BytesIO()
        np.save(names, TEXT)
        archive.writestr("names.npy", names.getvalue())
        archive.writestr("vectors.npy", header.getvalue() + b"\0" * 64)
    assert "is damaged" in refusal(path)


def test_members_that_are_no_arrays(tmp_path: Path) -> None:
    path = tmp_path / "table.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("names", "a\nb\n")
        archive.writestr("vectors", "1 2\n")
    assert "are no arrays" in refusal(path)


def test_other_files(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)
    assert "no table of embeddings at" in refusal(tmp_path / "missing.npz")
    path = tmp_path / "words.npz"
    path.write_text("a 1 2\n")
    assert "is not an .npz file" in refusal(path)
    path = tmp_path / "array.npz"
    with path.open("wb") as file:
        np.save(file, ROWS)
    assert "is not an .npz file" in refusal(path)


def test_a_table_is_no_word_vector_file(tmp_path: Path) -> None:
    path = saved(tmp_path, names=TEXT, vectors=ROWS)
    with pytest.raises(EsprError, match=r"an \.npz table of embeddings is read by espr evaluate"):
        load_text_encoder(path)
