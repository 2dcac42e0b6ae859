"""A served library: its address, and requests as any program may send them."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from espr.catalog.catalog import Catalog
from espr.pages.ranking_page import key_of
from tests.sounding_library import add_hostile, build_sounding
from tests.synthetic_library import Builder
from tests.typed import PATIENCE

if TYPE_CHECKING:
    from espr.library import Library
    from espr.serve.guard import Access

pytest.importorskip("starlette", reason="the extra serve is not installed")
pytest.importorskip("uvicorn", reason="the extra serve is not installed")


@dataclass
class Answer:
    """What a request got."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass
class Served:
    """A running server."""

    access: object
    builder: Builder

    def key(self, number: int) -> str:
        """What pages call the recording of a number."""
        with Catalog.open(self.builder.path) as catalog:
            return key_of(catalog.recordings_by_id([number])[number])

    def ask(self, path: str, method: str = "GET", body: str = "", **headers: str | None) -> Answer:
        """One request, with the cookie and this server's Host unless ``headers`` say otherwise.

        A header's name may be written with ``_`` for ``-``; None leaves it out.
        """
        own = {
            "Host": f"127.0.0.1:{self.access.port}",
            "Cookie": f"{self.access.cookie}={self.access.token}",
        }
        if method == "POST":
            own["Origin"] = f"http://127.0.0.1:{self.access.port}"
        own |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.access.port, timeout=PATIENCE)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in own.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body.encode())))
            connection.endheaders(body.encode())
            answer = connection.getresponse()
            return Answer(
                answer.status,
                {name.lower(): value for name, value in answer.getheaders()},
                answer.read(),
            )
        finally:
            connection.close()


@contextmanager
def serving(library: Library, port: int = 0) -> Iterator[Access]:
    """A library that is served by a thread of this process, as after ``espr serve``."""
    import uvicorn

    from espr.serve.app import build_app
    from espr.serve.guard import Access
    from espr.serve.media import EncodedRecordings
    from espr.serve.server import listen

    with listen(port) as socket:
        access = Access(socket.getsockname()[1])
        app = build_app(library, access, EncodedRecordings())
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield access
        finally:
            server.should_exit = server.force_exit = True
            thread.join()


@pytest.fixture
def served(tmp_path) -> Iterator[Served]:
    """The sounding library and its hostile piece."""
    builder = build_sounding(tmp_path)
    add_hostile(builder)
    with builder.library() as library, serving(library) as access:
        yield Served(access, builder)
    builder.close()
