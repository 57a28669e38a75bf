"""A request's body, taken in as it comes: hashed and measured, kept only as far as a question needs.

Rule: no body is ever held whole, neither in memory nor in a file. twisted.web would spool it to a temporary file,
so :class:`StreamingRequest` puts a :class:`Body` where that file would stand.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, cast

from twisted.web.server import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.demo.site import DemoSite
    from webproxy.demo.tally import Tally

KEPT = 1024 * 1024
"""Bytes of a body that are kept for reading: more than any question in JSON needs."""


class Body:
    """Where twisted.web writes a body to: as much of a file as it uses.

    :param seconds: the time now, in seconds.
    :param tally: where a body that has any bytes is counted.

    :ivar length: bytes taken so far.
    :ivar pieces: in how many pieces they came.
    :ivar longest_gap: seconds of the longest pause between two pieces.
    """

    def __init__(self, seconds: Callable[[], float], tally: Tally) -> None:
        self._seconds = seconds
        self._tally = tally
        self._hash = hashlib.sha256()
        self._kept = bytearray()
        self._position = 0
        self._began = self._last = 0.0
        self._counted = False
        self.length = 0
        self.pieces = 0
        self.longest_gap = 0.0

    @property
    def took(self) -> float:
        """Seconds between the first and the last piece."""
        return self._last - self._began

    @property
    def sha256(self) -> str:
        """Digest of all bytes so far, in hexadecimal."""
        return self._hash.hexdigest()

    @property
    def is_whole(self) -> bool:
        """Whether all of it was kept, so that :meth:`read` gives the body and not its beginning."""
        return self.length == len(self._kept)

    def write(self, data: bytes) -> None:
        """Take the next piece."""
        now = self._seconds()
        if not self.pieces:
            self._began = self._last = now
            self._counted = True
            self._tally.begin()
        self.longest_gap = max(self.longest_gap, now - self._last)
        self._last = now
        self.pieces += 1
        self.length += len(data)
        self._hash.update(data)
        self._kept += data[: KEPT - len(self._kept)]

    def complete(self) -> None:
        """The client has sent all of it."""
        if self._counted:
            self._counted = False
            self._tally.end(complete=True)

    def close(self) -> None:
        """Nobody reads it any more; when it was not complete, the client has left."""
        if self._counted:
            self._counted = False
            self._tally.end(complete=False)

    def tell(self) -> int:
        """The length so far: twisted.web asks where writing has come to."""
        return self.length

    def seek(self, offset: int, whence: int = 0) -> None:
        """Go to a place in what was kept, for reading; ``whence`` is always the beginning."""
        self._position = offset

    def read(self, size: int = -1) -> bytes:
        """What was kept, from where :meth:`seek` went."""
        end = len(self._kept) if size < 0 else self._position + size
        data = bytes(self._kept[self._position : end])
        self._position += len(data)
        return data


class StreamingRequest(Request):
    """A request whose ``content`` is a :class:`Body`, counted by the site that it belongs to."""

    content: Body

    def gotLength(self, length: int | None) -> None:
        """The head is complete; a body may follow."""
        site: DemoSite = cast("Any", self.channel).site
        self.content = Body(site.reactor.seconds, site.tallies.bodies)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """The body is complete."""
        self.content.complete()
        super().requestReceived(command, path, version)


def body_of(request: Request) -> Body:
    """The body of a request of this site."""
    return cast("Body", request.content)
