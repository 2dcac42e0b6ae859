"""Who may ask: the browser that opened the address which `espr serve` printed, and nobody else.

Any page that is open in the same browser can send requests to 127.0.0.1, and by DNS rebinding a
foreign name may lead there. So the Host must be this server's own, to the letter; a secret from
the printed address becomes a cookie that scripts cannot read and other sites do not send; what
other pages start (Sec-Fetch-Site, W3C Fetch Metadata) is refused; and what changes something must
come from this server's own pages (Origin).
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SAFE = ("GET", "HEAD")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Access:
    """The port that is served, and the secret of this run."""

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def address(self) -> str:
        """What is printed, and opened once."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    @property
    def hosts(self) -> tuple[str, ...]:
        return (f"127.0.0.1:{self.port}", f"localhost:{self.port}")

    @property
    def cookie(self) -> str:
        """Its name: cookies are shared by all ports of a host."""
        return f"espr-{self.port}"


class Guard:
    """Refuses what does not come from this server's own pages, and marks what is answered."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        answer = self._refusal(scope) or self._entrance(scope)
        await (answer or self._app)(scope, receive, marked)

    def _refusal(self, scope: Scope) -> Response | None:
        """Why a request is refused, whatever it knows."""
        headers = Headers(scope=scope)
        if headers.getlist("host") != [headers.get("host")] or (
            headers["host"].lower() not in self._access.hosts
        ):
            return PlainTextResponse("This server answers to 127.0.0.1 only.", 421)
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return PlainTextResponse("Another page may not ask this server.", 403)
        if scope["method"] not in _SAFE and headers.get("origin") != f"http://{headers['host']}":
            return PlainTextResponse("Only this server's own pages may change anything.", 403)
        return None

    def _entrance(self, scope: Scope) -> Response | None:
        """The cookie for who brings the secret, a refusal for who has neither."""
        cookies = cookie_parser(Headers(scope=scope).get("cookie", ""))
        if self._is_secret(cookies.get(self._access.cookie, "")):
            return None
        query = parse_qs(scope["query_string"].decode("latin-1"))
        if scope["method"] in _SAFE and self._is_secret(query.get("token", [""])[0]):
            # the secret leaves the address: it must not end up in a bookmark or a history
            response = RedirectResponse(scope["path"] if scope["path"] == "/" else "/", 303)
            response.set_cookie(self._access.cookie, self._access.token, httponly=True,
                                samesite="strict")  # fmt: skip
            return response
        return PlainTextResponse("Open the address that espr serve printed.", 403)

    def _is_secret(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self._access.token.encode())
