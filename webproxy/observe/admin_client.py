"""Asking an admin endpoint, for commands and for the live page.

Rule of this file: blocking, one connection a question, bounded in time; whoever has a reactor calls it in a thread.
"""

from __future__ import annotations

import http.client
import json
import socket
from typing import TYPE_CHECKING, Any

from webproxy.errors import StartError
from webproxy.net.destination import Unix

if TYPE_CHECKING:
    from webproxy.net.destination import Destination

PATIENCE = 5.0
"""Seconds that an answer may take."""


class _UnixConnection(http.client.HTTPConnection):
    """A connection to a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        """Connect."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self._path)


class AdminClient:
    """Asks one endpoint.

    :param place: where it is.
    :param token: what it wants to see over TCP.
    """

    def __init__(self, place: Destination, token: str = "") -> None:
        self.place = place
        self._fields = {"Authorization": f"Bearer {token}"} if token else {}

    def __repr__(self) -> str:
        return f"<AdminClient of {self.place}>"

    def now(self) -> dict[str, Any]:
        """Ask what runs now; the keys are those of ``Instance.now``.

        :raises StartError: nobody answers there, or somebody else.
        """
        status, body = self.ask("GET", "/api/now")
        if status != 200:
            raise StartError(f"the admin endpoint {self.place} answers {status}", "look at --admin-token-file")
        picture: dict[str, Any] = json.loads(body)
        return picture

    def close(self, identity: str) -> bool:
        """Close an exchange; whether it still ran.

        :param identity: its id, letters and digits.
        """
        return self.ask("DELETE", f"/api/exchanges/{identity}")[0] == 204

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Ask; give status and body.

        :raises StartError: nobody answers.
        """
        place = self.place
        connection = (
            _UnixConnection(place.path)
            if isinstance(place, Unix)
            else http.client.HTTPConnection(place.host, place.port, timeout=PATIENCE)
        )
        try:
            connection.request(method, path, body, headers=self._fields)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise StartError(
                f"the admin endpoint {place} does not answer: {reason}", "does it run, and may you ask it?"
            ) from error
        finally:
            connection.close()
