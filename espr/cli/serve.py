"""``espr serve``: the library as pages of this computer."""

from __future__ import annotations

from typing import Annotated

import typer

from espr.cli.options import LibraryFile
from espr.errors import EsprError

PORT = 8217


def serve(
    port: Annotated[
        int,
        typer.Option("--port", min=0, max=65_535, help="0 takes one that is free."),
    ] = PORT,
    opens: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in your browser.")
    ] = True,
    library: LibraryFile = None,
) -> None:
    """Browse, ask and hear the library in a browser.

    Only this computer can reach the pages, and only who has the address that is printed. Indexing
    may go on meanwhile. Ctrl-C ends it.
    """
    try:
        from espr.serve.guard import Access
        from espr.serve.server import listen, run
    except ImportError as error:
        raise EsprError(f"espr serve needs {error.name}; run: pip install 'espr[serve]'") from error
    from espr.library import Library

    with Library.open(library) as opened, listen(port) as socket:
        access = Access(socket.getsockname()[1])
        print(f"Open {access.address}\nCtrl-C ends it.", flush=True)
        run(opened, socket, access, opens=opens)
