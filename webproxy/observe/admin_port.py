"""Opening and closing the admin endpoint.

Rule of this file: it may fail without hurting anybody if nobody asked for it (``auto``); what was asked for and cannot
be had is an error of the start.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from twisted.internet.error import CannotListenError
from twisted.logger import Logger

from webproxy.errors import StartError
from webproxy.net.destination import Unix
from webproxy.net.listen import bind_tcp
from webproxy.net.unix_socket import UnixSocket
from webproxy.observe.admin import AdminSite
from webproxy.settings.admin import usual

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

    from twisted.internet.defer import Deferred

    from webproxy.net.destination import Tcp
    from webproxy.observe.instance import Instance
    from webproxy.settings.model import Settings

log = Logger()

SHORTEST = 16
"""Characters of a token; who finds the port may try as often as the machine lets him."""


class AdminPort:
    """The endpoint of one instance. States: closed, open.

    :param inherited: its socket, where the process before us had a TCP port for it.
    :ivar place: where it is; None while it is closed.
    :ivar sock: of that port, to be handed to the process after us.
    """

    def __init__(
        self, reactor: Any, settings: Settings, environ: Mapping[str, str], inherited: socket.socket | None = None
    ) -> None:
        self._reactor = reactor
        self._settings = settings
        self._environ = environ
        self._stop: Callable[[], Deferred[None] | None] | None = None
        self.place: Tcp | Unix | None = None
        self.sock = inherited

    def __repr__(self) -> str:
        return f"<AdminPort {self.place or 'closed'}>"

    def open(self, instance: Instance) -> None:
        """Open it, if it is wanted.

        :raises StartError: it was asked for, and cannot be opened.
        """
        wanted = self._settings.admin
        if wanted == "none":
            return
        if wanted != "auto":
            self._open(wanted, instance)
            return
        place = usual(self._settings.port, self._environ)
        if place is None:
            log.info(
                "No admin endpoint: there is no folder for its socket; --admin unix:/path names one.",
                kind="admin-no-folder",
            )
            return
        try:
            self._open(place, instance)
        except StartError as error:
            log.warn("No admin endpoint: {error}", error=error, kind="admin-failed")  # noqa: G010 - Twisted's name

    def _open(self, place: Tcp | Unix, instance: Instance) -> None:
        reactor = self._reactor
        try:
            if isinstance(place, Unix):
                Path(place.path).parent.mkdir(mode=0o750, exist_ok=True)
                self._stop = UnixSocket(reactor, place.path, AdminSite(instance, reactor=reactor)).stop
            else:
                site = AdminSite(instance, self._token(), reactor=reactor)
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
