"""Which reactor carries the traffic.

Rule of this file: the reactor is chosen before anything imports one, and nobody else asks what kind it is; whoever
needs the fast road asks :func:`native_loop` and takes Twisted's own road when there is none.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Any

from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.main import installReactor
from twisted.logger import Logger
from twisted.python.failure import Failure

try:
    import uvloop
except ImportError:  # pragma: no cover - no wheel for this platform: Twisted's default reactor does the work
    uvloop = None  # type: ignore[assignment]

log = Logger()


class NativeReactor(AsyncioSelectorReactor):
    """Twisted's asyncio reactor on uvloop, with a clock that nobody can set.

    Twisted's reactors tell the time of day, so a step of the system clock would expire every deadline at once.
    """

    seconds = staticmethod(time.monotonic)


def install_preferred() -> None:
    """Install the asyncio reactor on uvloop.

    Does nothing when a reactor is installed already (``--reactor`` was given) or uvloop is missing.
    """
    if "twisted.internet.reactor" in sys.modules or uvloop is None:
        return
    loop = uvloop.new_event_loop()
    loop.set_exception_handler(log_unhandled)
    asyncio.set_event_loop(loop)
    installReactor(NativeReactor(loop))


def native_loop(reactor: object) -> asyncio.AbstractEventLoop | None:
    """Return the uvloop loop that ``reactor`` runs on; ``None`` on every other reactor."""
    if uvloop is None or not isinstance(reactor, AsyncioSelectorReactor):
        return None
    loop = reactor._asyncioEventloop  # noqa: SLF001 - there is no public way to ask
    return loop if isinstance(loop, uvloop.Loop) else None


def log_unhandled(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what the loop caught, a protocol that raised above all, where Twisted logs everything else.

    aiofastnet 1.2.0 tells of a client that left during its handshake, too, by the class of the error instead of the
    error: no loop tells of connections that ended (asyncio's own transports tell of everything but an OSError), or any
    stranger could fill the log.
    """
    error = context.get("exception")
    if isinstance(error, type) and issubclass(error, OSError):
        return
    if error is None:
        log.error("{message}", message=context["message"], kind="loop-error")
    else:
        log.failure("{message}", Failure(error), message=context["message"], kind="loop-failed")
