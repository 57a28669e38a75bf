"""A page for one person at the machine: what a program shows of itself at this moment, in a browser.

Rule of this file: served on loopback by a command, never by the program itself. The URL holds a token that opens the
page once; from then on a cookie does, which no other page can send (SameSite=Strict). A Host that is not this machine's
is refused: a page of the internet may resolve its own name to 127.0.0.1 (DNS rebinding). What a page shows, and what
may be done there, is its program's.
"""

from __future__ import annotations

import getpass
import hmac
import json
import secrets
import socket
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.error import CannotListenError
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThread
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from webproxy.errors import StartError
from webproxy.net.local import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from importlib.resources.abc import Traversable

    from twisted.python.failure import Failure
    from twisted.web.server import Request

COOKIE = b"webproxy-live"
EVERY = 1.0
"""Seconds between two pictures."""
MOST = 32
"""Pages that may be open at once."""

_TYPES = {".html": b"text/html; charset=utf-8", ".css": b"text/css", ".js": b"text/javascript"}
_POLICY = b"default-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


class Asks(Protocol):
    """Asks a program how it is."""

    def now(self) -> Mapping[str, Any]:
        """Ask; may block; raises StartError when nobody answers."""


class PageSite(Site):
    """The page's factory.

    :param client: asks the program.
    :param folder: of the page's files.
    :param command: what gives another address, for whoever comes with one that is used up.
    :param more: what else may be asked, by path.
    :ivar token: what the URL must hold the first time.
    """

    noisy = False

    def __init__(
        self,
        client: Asks,
        reactor: Any,
        *,
        folder: Traversable,
        command: str,
        more: Mapping[bytes, Resource],
    ) -> None:
        self.token = secrets.token_urlsafe(24)
        self.session = secrets.token_urlsafe(32).encode()
        self.command = command
        root = Resource()
        for file in folder.iterdir():
            kind = _TYPES.get(PurePath(file.name).suffix)
            if kind is not None:
                root.putChild(b"" if kind.startswith(b"text/html") else file.name.encode(), _File(file, kind))
        root.putChild(b"now", _Pictures(client, reactor))
        for path, resource in more.items():
            root.putChild(path, resource)
        super().__init__(_Door(self, root), reactor=reactor, timeout=None)

    def log(self, request: Request) -> None:  # type: ignore[override]
        """Write nothing: the first line would hold the token."""


class _Door(Resource):
    """Lets in who has the cookie, and gives it to who has the token, once."""

    def __init__(self, site: PageSite, inner: Resource) -> None:
        super().__init__()
        self._site = site
        self._inner = inner

    def getChildWithDefault(self, path: bytes, request: Request) -> Resource:
        """Go on inside, or refuse."""
        if not is_loopback(request.getRequestHostname().decode("latin-1").strip("[]")):
            return _Said(421, b"This page is for the person at this machine: open it as 127.0.0.1.\n")
        if hmac.compare_digest(request.getCookie(COOKIE) or b"", self._site.session):
            return self._inner.getChildWithDefault(path, request)  # type: ignore[no-any-return]
        token = (request.args or {}).get(b"token", [b""])[0].decode("latin-1")
        if self._site.token and hmac.compare_digest(token.encode(), self._site.token.encode()):
            self._site.token = ""
            request.addCookie(COOKIE, self._site.session, path=b"/", httpOnly=True, sameSite=b"strict")
            return _Said(303, b"", b"/")
        return _Said(403, f"This address opens the page once. Ask for another: {self._site.command}\n".encode())


class _Said(Resource):
    """Answers one thing, whatever is below."""

    isLeaf = True

    def __init__(self, status: int, text: bytes, location: bytes = b"") -> None:
        super().__init__()
        self._status = status
        self._text = text
        self._location = location

    def render(self, request: Request) -> bytes:
        """Say it."""
        request.setResponseCode(self._status)
        request.setHeader(b"content-type", b"text/plain; charset=utf-8")
        request.setHeader(b"cache-control", b"no-store")
        request.setHeader(b"referrer-policy", b"no-referrer")
        if self._location:
            request.setHeader(b"location", self._location)
        return self._text


class _File(Resource):
    """One file of the page."""

    isLeaf = True

    def __init__(self, file: Any, kind: bytes) -> None:
        super().__init__()
        self._body: bytes = file.read_bytes()
        self._kind = kind

    def render_GET(self, request: Request) -> bytes:
        """Give it."""
        request.setHeader(b"content-type", self._kind)
        request.setHeader(b"content-security-policy", _POLICY)
        request.setHeader(b"cache-control", b"no-store")
        request.setHeader(b"referrer-policy", b"no-referrer")
        request.setHeader(b"x-content-type-options", b"nosniff")
        return self._body


class _Pictures(Resource):
    """A picture every second, as server-sent events, to every page that is open; the program is asked once for all."""

    isLeaf = True

    def __init__(self, client: Asks, reactor: Any) -> None:
        super().__init__()
        self._client = client
        self._pages: set[Request] = set()
        self._loop = LoopingCall(self._look)
        self._loop.clock = reactor

    def render_GET(self, request: Request) -> int | bytes:
        """Send pictures until the page is closed."""
        if len(self._pages) >= MOST:
            request.setResponseCode(503)
            return b"too many pages are open\n"
        request.setHeader(b"content-type", b"text/event-stream")
        request.setHeader(b"cache-control", b"no-store")
        request.write(b"retry: 1000\n\n")
        self._pages.add(request)
        request.notifyFinish().addErrback(lambda _: self._closed(request))
        if not self._loop.running:
            self._loop.start(EVERY)
        return NOT_DONE_YET

    def _closed(self, request: Request) -> None:
        self._pages.discard(request)
        if not self._pages and self._loop.running:
            self._loop.stop()

    def _look(self) -> Any:
        return deferToThread(self._client.now).addCallbacks(
            lambda picture: self._send(b"picture", picture), self._failed
        )

    def _failed(self, failure: Failure) -> None:
        failure.trap(StartError)
        self._send(b"away", {"reason": str(failure.value)})

    def _send(self, event: bytes, value: object) -> None:
        data = b"event: %b\ndata: %b\n\n" % (event, json.dumps(value, separators=(",", ":")).encode())
        for page in self._pages:
            page.write(data)


def opened(reactor: Any, site: PageSite, on: int = 0) -> list[str]:
    """Serve a page on loopback.

    :param on: the port; 0 for one that is free.
    :returns: lines that say where it is, from here and from afar.
    :raises StartError: the port cannot be had.
    """
    try:
        port = reactor.listenTCP(on, site, interface="127.0.0.1").getHost().port
    except CannotListenError as error:
        raise StartError(
            f"port {on} cannot be had: {error.socketError.strerror}", "choose another with --on"
        ) from error
    return [
        f"live page  http://127.0.0.1:{port}/?token={site.token}",
        "           opens once; from your own machine, first:",
        f"           ssh -N -L {port}:127.0.0.1:{port} {getpass.getuser()}@{socket.gethostname()}",
    ]


def answered(request: Request, ask: Callable[[], int], failed: int = 502) -> int:
    """Answer with a status that is found out in a thread.

    :param failed: the status when that raises.
    """
    gone: list[object] = []
    request.notifyFinish().addErrback(gone.append)

    def answer(status: int) -> None:
        if not gone:
            request.setResponseCode(status)
            request.finish()

    deferToThread(ask).addCallbacks(answer, lambda _: answer(failed))
    return NOT_DONE_YET
