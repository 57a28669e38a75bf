"""How a connection ends, in Twisted's terms."""

from __future__ import annotations

from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.python.failure import Failure


def reason_for(error: Exception | None) -> Failure:
    """Return what ``connectionLost`` is told.

    :param error: what asyncio tells: nothing after a clean end; the system's error, which becomes the cause of a
        ``ConnectionLost``; or what the protocol raised, which is passed on as it is.
    """
    if error is None:
        return Failure(ConnectionDone())
    if isinstance(error, OSError):
        lost = ConnectionLost(str(error))
        lost.__cause__ = error
        return Failure(lost)
    return Failure(error)


def half_closeable(protocol: object) -> IHalfCloseableProtocol | None:
    """Return ``protocol`` if it wants to be told when one side closes."""
    return IHalfCloseableProtocol(protocol, None)
