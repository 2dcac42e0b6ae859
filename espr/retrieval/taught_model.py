"""The h that a listener taught a library: where it lies, when it is used, how it is forgotten.

One file a space beside the library, in the form of :mod:`espr.retrieval.query_model`. What was
taught with one pair of encoders says nothing about another pair's vectors and profiles, so that it
is used for its own pair only; any other is answered by the shipped h, with a note.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from espr.audio.encoder import DEFAULT_AUDIO
from espr.catalog.catalog import Catalog
from espr.catalog.locations import library_path
from espr.catalog.recordings import current_encoder
from espr.embeddings.encoder import TextEncoder, WordVectorEncoder
from espr.errors import NOTHING_MATCHED, EsprError
from espr.features import SPACES, Space
from espr.retrieval.query_model import QueryModel, load_query_model, read_query_model


def taught_model_path(library: Path, space: Space) -> Path:
    """Where a library's own h lies, once a listener has taught it their words."""
    return library.with_name(f"{library.name}.{space.name}.json")


def taught_model_paths(library: Path) -> list[Path]:
    """The files of what a library was taught, one a space."""
    paths = (taught_model_path(library, space) for space in SPACES.values())
    return [path for path in paths if os.path.isfile(path)]  # False where it may not be read


def in_place_of(shipped: QueryModel, library: Path) -> tuple[QueryModel, str]:
    """What the library was taught for the encoders and the space of ``shipped``, else that.

    Second, what to know when something was taught that is not used; or "".

    Raises
    ------
    EsprError
        When what was taught cannot be read.
    """
    path = taught_model_path(library, shipped.space)
    if not path.is_file():
        return shipped, ""
    try:
        taught = read_query_model(path)
    except EsprError as error:
        raise EsprError(f"{error}, or forget it: {forget_command(library)}") from error
    if (taught.text, taught.audio) == (shipped.text, shipped.audio):
        return taught, ""
    return shipped, (
        f"What this library was taught is for {taught.text} and {taught.audio}, "
        f"and is not used with {shipped.text} and {shipped.audio}."
    )


def load_model_of_words(
    encoder: TextEncoder,
    library: str | os.PathLike[str] | None = None,
    space: str | None = None,
    given: str = "",
) -> tuple[QueryModel, tuple[str, ...]]:
    """The h by which a library, if there is one, understands words; and notes on it.

    ``given``: what the user called the text encoder.

    Raises
    ------
    EsprError
        When there is no h for the text encoder, or no library at the path that was given.
    """
    path = library_path(library)
    audio = DEFAULT_AUDIO
    if library is not None or taught_model_paths(path):
        with closing(Catalog.open(path)) as catalog:
            audio = current_encoder(catalog) or audio
    model, remark = in_place_of(load_query_model(encoder.id, audio, space, given), path)
    return model, (*note_taught(model, path), *filter(None, [remark]))


def with_own_words(encoder: TextEncoder, model: QueryModel) -> TextEncoder:
    """The encoder, knowing the words that a listener taught the model, too."""
    if model.own_words and isinstance(encoder, WordVectorEncoder):
        return encoder.with_words(model.own_words)
    return encoder


def write_taught_models(library: Path, models: Sequence[QueryModel]) -> list[Path]:
    """Keep what a library was taught, in place of what was there; the files' paths."""
    paths = [taught_model_path(library, model.space) for model in models]
    drafts = [path.with_name(f"{path.name}.new") for path in paths]
    try:
        for draft, model in zip(drafts, models, strict=True):
            draft.write_text(model.to_json(), encoding="utf-8")
        for draft, path in zip(drafts, paths, strict=True):
            os.replace(draft, path)
    except OSError as error:
        for draft in drafts:
            draft.unlink(missing_ok=True)
        raise EsprError(
            f"cannot keep what was taught beside {library}: {error.strerror or error}"
        ) from error
    return paths


def forget(library: Path) -> list[Path]:
    """Remove what a library was taught, in all spaces; the files that were removed.

    Raises
    ------
    EsprError
        Exit code 1 when it was taught nothing.
    """
    paths = taught_model_paths(library)
    if not paths:
        raise EsprError(f"the library {library} was taught nothing", NOTHING_MATCHED)
    for path in paths:
        try:
            path.unlink()
        except OSError as error:
            raise EsprError(f"cannot remove {path}: {error.strerror or error}") from error
    return paths


def note_taught(model: QueryModel, library: Path) -> tuple[str, ...]:
    """That a taught h is in use, and how to undo it; nothing for the shipped one."""
    if not model.taught:
        return ()
    count = "1 description" if model.taught == 1 else f"{model.taught:,} descriptions"
    return (f"Your own words are in use ({count}). To forget them: {forget_command(library)}",)


def forget_command(library: Path) -> str:
    """The command that removes what a library was taught, as it is to be typed."""
    where = [] if library == library_path() else ["--library", os.fspath(library)]
    return shlex.join(["espr", "train", "forget", *where])
