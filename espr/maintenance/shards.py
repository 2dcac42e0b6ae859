"""Shards before they are merged: all there, finished, and analysed by one encoder."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from espr.catalog.catalog import Catalog
from espr.catalog.recordings import current_encoder
from espr.catalog.shards import Shard, ShardMark, missing_shards, read_shard
from espr.errors import EsprError


def verify_shards(sources: Sequence[Catalog]) -> list[str]:
    """Raise unless the shards among libraries are a whole collection; a note on each library.

    Raises
    ------
    EsprError
        It names each shard that is missing or unfinished, with the command that makes it.
    """
    found = [(source, read_shard(source)) for source in sources]
    shards = [(source, mark) for source, mark in found if mark is not None]
    unfinished = [(source, mark) for source, mark in shards if not mark.finished]
    finished = [mark for _, mark in shards if mark.finished]
    failed = [f"{source.path} ({mark.shard})" for source, mark in unfinished]
    commands = [_command(mark, mark.shard, str(source.path)) for source, mark in unfinished]
    for shard in missing_shards([mark for _, mark in shards]):
        like = next(mark for _, mark in shards if mark.shard.count == shard.count)
        failed.append(str(shard))
        commands.append(_command(like, shard, f"part{shard.number}.espr"))
    if failed:
        raise EsprError(
            f"shards that are not finished or not given: {', '.join(failed)}; nothing was changed."
            " Run again, then merge all:",
            advice=commands,
        )
    encoders = {encoder for source, _ in shards if (encoder := current_encoder(source))}
    if len(encoders) > 1:
        by = ", ".join(f"{source.path}: {current_encoder(source)}" for source, _ in shards)
        raise EsprError(f"shards that different encoders analysed do not go together: {by}")
    return ["" if mark is None else _note(mark, finished) for _, mark in found]


def verify_target(catalog: Catalog) -> None:
    """Raise where the library to merge into is a shard itself."""
    mark = read_shard(catalog)
    if mark is not None:
        raise EsprError(
            f"the library {catalog.path} is shard {mark.shard}; merge into another --library"
        )


def _command(like: ShardMark, shard: Shard, library: str) -> str:
    folders = shlex.join(like.places)
    return f"espr index {folders} --shard {shard} --library {shlex.quote(library)}"


def _note(mark: ShardMark, others: Sequence[ShardMark]) -> str:
    """That a machine saw fewer files than another, whose drive may have been away."""
    most = max(one.files for one in others if one.shard.count == mark.shard.count)
    if mark.files == most:
        return ""
    return f"shard {mark.shard} saw {mark.files:,} recordings on disk, another shard {most:,}"
