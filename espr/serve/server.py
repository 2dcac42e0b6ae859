"""The process of ``espr serve``: a socket of this computer, and uvicorn on it."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import webbrowser
from collections.abc import Iterator
from types import FrameType

import uvicorn

from espr.errors import EsprError
from espr.library import Library
from espr.serve.app import build_app
from espr.serve.guard import Access
from espr.serve.media import EncodedRecordings


@contextlib.contextmanager
def listen(port: int) -> Iterator[socket.socket]:
    """A socket that this computer alone can reach; port 0: one that is free.

    Raises
    ------
    EsprError
        When another program has the port, or it is reserved.
    """
    with socket.socket() as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind(("127.0.0.1", port))
            opened.listen()  # who asks before the server is up waits for it
        except OSError as error:
            raise EsprError(
                f"port {port} cannot be used: {error.strerror}; give another: --port 0"
            ) from error
        yield opened


def run(library: Library, opened: socket.socket, access: Access, *, opens: bool) -> None:
    """Serve until Ctrl-C; ``opens``: show the first page in the browser."""
    if opens:
        threading.Thread(target=webbrowser.open, args=[access.address], daemon=True).start()
    encoded = EncodedRecordings()
    # a file that became shorter while it was played
    logging.getLogger("uvicorn.error").addFilter(
        lambda record: "without completing response" not in record.getMessage()
    )
    config = uvicorn.Config(
        build_app(library, access, encoded),
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    with contextlib.suppress(KeyboardInterrupt):  # it is how one ends
        _Server(config, encoded).run(sockets=[opened])


class _Server(uvicorn.Server):
    """Ends at Ctrl-C also while a recording is encoded: the process waits for its threads."""

    def __init__(self, config: uvicorn.Config, encoded: EncodedRecordings) -> None:
        super().__init__(config)
        self._encoded = encoded

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._encoded.stop()
        super().handle_exit(sig, frame)
