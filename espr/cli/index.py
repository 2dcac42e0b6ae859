"""``espr index``: analyse what is new in some folders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from espr.audio.encoder import DEFAULT_AUDIO
from espr.cli import completions as kinds
from espr.cli.options import LibraryFile
from espr.errors import EsprError


def index(
    folders: Annotated[
        list[str],
        typer.Argument(
            metavar="FOLDER...",
            click_type=kinds.PLACE,
            help="Folders, audio files, CUE sheets, or URLs that fsspec reads.",
        ),
    ],
    pieces: Annotated[
        Path | None,
        typer.Option(
            "--pieces",
            metavar="FILE",
            click_type=kinds.NAMED_FILE,
            help="CSV with columns path, piece, performer; remembered.",
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Worker processes; one per core by default."),
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(
            "--encoder",
            metavar="NAME",
            click_type=kinds.AUDIO_ENCODER,
            help="The audio encoder (espr models lists them); by default the one that "
            f"the library was indexed with, {DEFAULT_AUDIO} for a new one.",
        ),
    ] = None,
    no_alignment: Annotated[
        bool,
        typer.Option(
            "--no-alignment",
            help="Write no notes down, by which recordings are compared: pieces are found by tags "
            "and names alone. signal then takes two thirds of the time.",
        ),
    ] = False,
    dask: Annotated[
        str | None,
        typer.Option(
            "--dask",
            metavar="SCHEDULER",
            help="Analyse on a Dask cluster: tcp://host:8786, tls://host:8786, or local.",
        ),
    ] = None,
    map_path: Annotated[
        list[str] | None,
        typer.Option(
            "--map-path",
            metavar="HERE=THERE",
            help="With --dask: the folder HERE is THERE on the workers.",
        ),
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(
            "--shard",
            metavar="N/COUNT",
            help="Only share N of COUNT of the files, into a library of its own (see espr merge).",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    forget_away: Annotated[
        bool,
        typer.Option(
            "--forget-away", help="Forget recordings whose drive or folder seems to be away."
        ),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print only what could not be read.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON Lines, one object per recording.")
    ] = False,
    library: LibraryFile = None,
) -> None:
    """Analyse the recordings in FOLDERs and find out which are of the same piece.

    What did not change since the last time is passed over; what moved is recognised; what
    was deleted is forgotten. Ctrl-C keeps what is finished. Queries use the
    analyses of the encoder that ran last; those of others are kept, but never mixed in.
    """
    if map_path and dask is None:
        raise EsprError("--map-path is for the workers of --dask")
    from espr.catalog.shards import parse_shard
    from espr.cli.output.progress import report_to
    from espr.indexing.cluster import Cluster, parse_map
    from espr.indexing.run import index_folders

    cluster = None if dask is None else Cluster(dask, tuple(map(parse_map, map_path or ())))
    with report_to(as_json=as_json, quiet=quiet, dry_run=dry_run) as report:
        summary = index_folders(
            folders,
            library,
            encoder=encoder,
            jobs=jobs,
            manifest=pieces,
            dry_run=dry_run,
            forget_away=forget_away,
            alignment=not no_alignment,
            shard=None if shard is None else parse_shard(shard),
            cluster=cluster,
            listener=report,
        )
    report.finish(summary)
    raise typer.Exit(summary.exit_code)
