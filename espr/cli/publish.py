"""``espr publish``: copy what ranking needs into a store that other machines can ask."""

from __future__ import annotations

from typing import Annotated

import typer

from espr.cli.options import LibraryFile, SpaceName


def publish(
    place: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="STORE",
            help="milvus://host:19530/collection, FILE.db (Milvus in a file) or FILE.faiss.",
        ),
    ],
    space: SpaceName = None,
    library: LibraryFile = None,
) -> None:
    """Copy what ranking needs into a store, which espr query --store asks without the library.

    What is new or has changed is copied, what is gone removed; the rest stays as it is. Audio,
    windows and notes stay at home.
    """
    from espr.catalog.catalog import Catalog
    from espr.catalog.recordings import current_encoder
    from espr.cli.output.terminal_safe import clean
    from espr.retrieval.publishing import publish as copy
    from espr.retrieval.query_model import load_query_model

    with Catalog.open(library) as catalog:
        model = load_query_model(audio=current_encoder(catalog) or "", space=space)
        outcome = copy(catalog, model, place)
    print(
        f"{clean(place)}: written {outcome.written}, removed {outcome.removed}, "
        f"unchanged {outcome.unchanged}"
    )
