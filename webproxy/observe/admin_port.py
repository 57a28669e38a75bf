"""Opening and closing the admin endpoint.

Rule of this file: it may fail without hurting anybody if nobody asked for it (``auto``); what was asked for and cannot
be had is an error of the start.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.error import CannotListenError
from twisted.logger import Logger

from webproxy.errors import StartError
from webproxy.net.destination import Unix
from webproxy.net.listen import bind_tcp
from webproxy.net.unix_socket import UnixSocket

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from twisted.internet.defer import Deferred
    from twisted.web.server import Site

    from webproxy.net.destination import Tcp
    from webproxy.settings.admin import Admin

log = Logger()

SHORTEST = 16
"""Characters of a token; who finds the port may try as often as the machine lets him."""


class Wanted(Protocol):
    """What the settings of a program say of its endpoint."""

    @property
    def admin(self) -> Admin:
        """Where it is."""

    @property
    def admin_token_file(self) -> str:
        """The file of the token that is wanted over TCP."""


class AdminPort:
    """The endpoint of one process. States: closed, open.

    :param usual: what ``auto`` means; None where there is no folder for it.
    :param inherited: its socket, where the process before us had a TCP port for it.
    :ivar place: where it is; None while it is closed.
    :ivar sock: of that port, to be handed to the process after us.
    """

    def __init__(
        self, reactor: Any, settings: Wanted, usual: Unix | None, inherited: socket.socket | None = None
    ) -> None:
        self._reactor = reactor
        self._settings = settings
        self._usual = usual
        self._stop: Callable[[], Deferred[None] | None] | None = None
        self.place: Tcp | Unix | None = None
        self.sock = inherited

    def __repr__(self) -> str:
        return f"<AdminPort {self.place or 'closed'}>"

    def open(self, made: Callable[[bytes], Site]) -> None:
        """Open it, if it is wanted.

        :param made: makes what answers, of the token that is wanted; empty for none.
        :raises StartError: it was asked for, and cannot be opened.
        """
        wanted = self._settings.admin
        if wanted == "none":
            return
        if wanted != "auto":
            self._open(wanted, made)
            return
        place = self._usual
        if place is None:
            log.info(
                "No admin endpoint: there is no folder for its socket; --admin unix:/path names one.",
                kind="admin-no-folder",
            )
            return
        try:
            self._open(place, made)
        except StartError as error:
            log.warn("No admin endpoint: {error}", error=error, kind="admin-failed")  # noqa: G010 - Twisted's name

    def _open(self, place: Tcp | Unix, made: Callable[[bytes], Site]) -> None:
        reactor = self._reactor
        try:
            if isinstance(place, Unix):
                Path(place.path).parent.mkdir(mode=0o750, exist_ok=True)
                self._stop = UnixSocket(reactor, place.path, made(b"")).stop
            else:
                site = made(self._token())
                sock = self.sock = self._bound(place)
                self._stop = reactor.adoptStreamPort(sock.fileno(), sock.family, site).stopListening
        except (OSError, CannotListenError) as error:
            cause = getattr(error, "socketError", error)
            reason = getattr(cause, "strerror", None) or str(cause)
            raise StartError(
                f"the admin endpoint {place} cannot be opened: {reason}", "choose another place with --admin, or none"
            ) from error
        self.place = place

    def _bound(self, place: Tcp) -> socket.socket:
        """Give the socket that was handed down, if it is the right one, or one of our own."""
        if self.sock is not None:
            if self.sock.getsockname()[:2] == (place.host, place.port):
                return self.sock
            self.sock.close()
        (sock,) = bind_tcp(place.port, [place.host])
        return sock

    def _token(self) -> bytes:
        """Read the token.

        :raises StartError: it cannot be read, or is too short.
        """
        file = self._settings.admin_token_file
        try:
            token = Path(file).read_bytes().strip()
        except OSError as error:
            raise StartError(f"the token in {file} cannot be read: {error.strerror}") from error
        if len(token) < SHORTEST:
            raise StartError(
                f"the token in {file} is too short", f"at least {SHORTEST} characters, as openssl rand -hex 16 makes"
            )
        return token

    def close(self) -> Deferred[None] | None:
        """Close it.

        :returns: fires when nobody can connect any more.
        """
        stop, self._stop, self.place = self._stop, None, None
        if self.sock is not None:
            self.sock.close()
            self.sock = None
        return stop() if stop is not None else None
