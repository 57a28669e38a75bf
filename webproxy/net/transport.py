"""Twisted protocols on uvloop's own transports.

Rule of this file: no Python of ours between the socket and the protocol. uvloop keeps the bound method that takes the
bytes read, so it is given the Twisted protocol's own ``dataReceived``; ``write`` and ``writeSequence`` are the bound
methods of uvloop's transport. What is rare (pauses, half-close, the end) costs one Python call.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING, Any, cast

from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import (
    IConsumer,
    IHalfCloseableProtocol,
    IPullProducer,
    IPushProducer,
    ISystemHandle,
    ITCPTransport,
)
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from webproxy.net.pull import PullPump

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from twisted.internet.interfaces import IAddress, IProducer, IProtocol

log = Logger()

#: SO_LINGER on, for no time at all: closing drops what is unsent and the peer sees a reset (socket(7)).
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def discard(_data: object) -> None:
    """Write nothing: this side of the connection has ended, or is about to."""


@implementer(ITCPTransport, IPushProducer, IConsumer, ISystemHandle)
class NativeTransport(asyncio.BaseProtocol):
    """A Twisted transport; towards uvloop it plays the asyncio protocol.

    States: *new* (no flag set) until uvloop connects it; *connected*; *disconnecting* as well once
    ``loseConnection`` or ``abortConnection`` was called; *disconnected* for good after ``connection_lost``.

    Unlike Twisted's own transports, ``loseConnection`` does not wait for a registered producer: it closes as soon as
    what has been written is flushed.

    :param loop: the uvloop loop.
    :param protocol: gets the bytes; whoever does not know it yet sets ``protocol`` before uvloop starts reading.
    :ivar write: sends bytes, at once when the socket takes them. Not to be kept: it is another after the end.
    :ivar writeSequence: sends several pieces with one system call.
    """

    _uv: asyncio.Transport

    __slots__ = (
        "_full",
        "_held",
        "_loop",
        "_paused",
        "_protocol",
        "_read_ended",
        "_reason",
        "_uv",
        "_write_ended",
        "connected",
        "disconnected",
        "disconnecting",
        "producer",
        "write",
        "writeSequence",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._protocol: IProtocol | None = None
        self._full = False  # uvloop's buffer is above its high-water mark
        self._held = b""
        self._paused = False
        self._read_ended = False
        self._write_ended = False
        self._reason: Failure | None = None
        self.connected = False
        self.disconnecting = False
        self.disconnected = False
        self.producer: IProducer | None = None
        self.write: Callable[[bytes], None] = discard
        self.writeSequence: Callable[[Iterable[bytes]], None] = discard

    def __repr__(self) -> str:
        states = [state for state in ("connected", "disconnecting", "disconnected") if getattr(self, state)]
        return f"<{type(self).__name__} {'+'.join(states) or 'new'} of {self._protocol!r}>"

    # --- what uvloop calls: asyncio.Protocol ---------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take hold of uvloop's transport; who knows the protocol introduces it now, for reading starts after this."""
        self._uv = uv = cast("asyncio.Transport", transport)
        self.write = uv.write
        self.writeSequence = uv.writelines
        self.connected = True

    def introduce(self, protocol: IProtocol) -> None:
        """Connect ``protocol``: it gets the bytes from here on."""
        self._protocol = protocol
        try:
            protocol.makeConnection(self)
        except Exception:
            self._fail("connectionMade")
        # Only now does uvloop learn who takes the bytes, or that a pause must hold: it starts reading all the same.
        self._uv.set_protocol(self)

    @property
    def data_received(self) -> Callable[[bytes], None]:
        """What takes the bytes; uvloop asks once, when it gets to know its protocol."""
        if self._protocol is None:
            raise AttributeError  # uvloop asks again later
        return self._hold if self._paused else self._protocol.dataReceived

    @property
    def protocol(self) -> IProtocol | None:
        """The protocol that gets the bytes; setting another makes it get those that follow."""
        return self._protocol

    @protocol.setter
    def protocol(self, protocol: IProtocol) -> None:
        self._protocol = protocol
        if self.connected:
            self._uv.set_protocol(self)

    def pause_writing(self) -> None:
        """Pass on that the buffer is full."""
        self._full = True
        producer = self.producer
        if producer is not None:
            try:
                cast("IPushProducer", producer).pauseProducing()
            except Exception:
                self._fail("pauseProducing")

    def resume_writing(self) -> None:
        """Pass on that the buffer has drained."""
        self._full = False
        if self._write_ended:
            self._loop.call_soon(self._write_side_closed)
            return
        producer = self.producer
        if producer is not None and not self.disconnecting:
            try:
                cast("IPushProducer", producer).resumeProducing()
            except Exception:
                self._fail("resumeProducing")

    def eof_received(self) -> bool:
        """End reading; whether the connection stays half open is the protocol's choice."""
        self._read_ended = True
        if IHalfCloseableProtocol.providedBy(self._protocol):
            cast("IHalfCloseableProtocol", self._protocol).readConnectionLost()
            return True
        self._uv.abort()  # as Twisted does: what is unsent is dropped
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell producer and protocol, in this order; uvloop closes the descriptor right after this."""
        reason = self._reason or reason_for(exc)
        if exc is not None and not isinstance(exc, OSError):
            self._reset_on_close()  # the protocol raised: a clean end would pass for the whole of an answer
        self.connected, self.disconnected = False, True
        self.write = self.writeSequence = discard
        producer, self.producer = self.producer, None
        protocol, self._protocol = self._protocol, None
        try:
            if producer is not None:
                producer.stopProducing()
        except Exception:
            log.failure("stopProducing failed")
        if protocol is not None:
            protocol.connectionLost(reason)

    # --- ITransport, ITCPTransport ---------------------------------------------------------------------------------

    def loseConnection(self) -> None:
        """Close once everything written has been sent."""
        if self.connected and not self.disconnecting:
            self.disconnecting = True
            self.write = self.writeSequence = discard
            self._uv.close()

    def abortConnection(self) -> None:
        """Close at once; the peer sees a reset."""
        if self.connected and self._reason is None:
            self._abort(Failure(ConnectionAborted()))

    def loseWriteConnection(self) -> None:
        """Send a FIN after what has been written; reading goes on."""
        if not self.connected or self.disconnecting or self._write_ended:
            return
        self._write_ended = True
        self.write = self.writeSequence = discard
        uv = self._uv
        uv.set_write_buffer_limits(0, 0)  # so that resume_writing tells when all of it has left
        uv.write_eof()
        if not self._full:
            self._loop.call_soon(self._write_side_closed)

    def getPeer(self) -> IAddress:
        """The other end's address."""
        return self._address("peername")

    def getHost(self) -> IAddress:
        """This end's address."""
        return self._address("sockname")

    def getHandle(self) -> Any:
        """The socket: ``fileno()`` (-1 once closed), ``getsockopt``, ``setsockopt``, ``dup``; it does no I/O."""
        return self._uv.get_extra_info("socket")

    def fileno(self) -> int:
        """The descriptor's number; -1 once it is closed."""
        handle = self.getHandle()
        return -1 if handle is None else int(handle.fileno())

    def getTcpNoDelay(self) -> bool:
        """Whether small writes leave at once."""
        return bool(self.getHandle().getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Choose whether small writes leave at once."""
        self.getHandle().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, int(enabled))

    def getTcpKeepAlive(self) -> bool:
        """Whether silence is probed."""
        return bool(self.getHandle().getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))

    def setTcpKeepAlive(self, enabled: bool) -> None:
        """Choose whether silence is probed."""
        self.getHandle().setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, int(enabled))

    # --- IPushProducer: the peer's bytes ---------------------------------------------------------------------------

    def pauseProducing(self) -> None:
        """Stop reading."""
        self._paused = True
        self._uv.pause_reading()

    def resumeProducing(self) -> None:
        """Read on."""
        self._paused = False
        if self._held:
            self._loop.call_soon(self._give_held)
        elif self.connected and not self._read_ended:
            self._uv.resume_reading()

    def stopProducing(self) -> None:
        """Close, as Twisted's transports do when whom they feed stops."""
        self.loseConnection()

    # --- IConsumer: our bytes --------------------------------------------------------------------------------------

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """Pause and resume ``producer`` with the write buffer; one that does not stream is asked piece by piece.

        :raises RuntimeError: when there is a producer already.
        """
        if self.producer is not None:
            raise RuntimeError(f"{producer} cannot register: {self.producer} has not unregistered")
        if self.disconnected:
            producer.stopProducing()
        elif streaming:
            self.producer = producer
            if self._full:
                cast("IPushProducer", producer).pauseProducing()
        else:
            self.producer = pump = PullPump(cast("IPullProducer", producer), self)
            if not self._full:
                pump.resumeProducing()

    def unregisterProducer(self) -> None:
        """Pause and resume nobody any more."""
        producer, self.producer = self.producer, None
        if isinstance(producer, PullPump):
            producer.pauseProducing()

    # --- what this room asks ---------------------------------------------------------------------------------------

    def buffered(self) -> int:
        """How many bytes wait in this process."""
        return self._uv.get_write_buffer_size() if self.connected else 0

    def call_soon(self, call: Callable[[], None], what: str) -> None:
        """Run ``call`` in the next turn of the loop; if it raises, ``what`` failed and the connection ends."""

        def guarded() -> None:
            try:
                call()
            except Exception:
                self._fail(what)

        self._loop.call_soon(guarded)

    def _address(self, which: str) -> IAddress:
        try:
            name = self._uv.get_extra_info(which)
        except (AttributeError, OSError):  # a Unix socket that is closed
            name = None
        return address_of(name)

    def _hold(self, data: bytes) -> None:
        """Keep what came in after a pause that connectionMade asked for."""
        if self._paused:
            self._uv.pause_reading()
            self._held = data
            return
        self._uv.set_protocol(self)
        cast("IProtocol", self._protocol).dataReceived(data)

    def _give_held(self) -> None:
        if self._paused or not self.connected:
            return
        data, self._held = self._held, b""
        try:
            cast("IProtocol", self._protocol).dataReceived(data)
        except Exception:
            self._fail("dataReceived")
            return
        uv = self._uv
        uv.set_protocol(self)
        if not self._paused:
            uv.resume_reading()

    def _write_side_closed(self) -> None:
        protocol = self._protocol
        if self.connected and not self.disconnecting and IHalfCloseableProtocol.providedBy(protocol):
            try:
                cast("IHalfCloseableProtocol", protocol).writeConnectionLost()
            except Exception:
                self._fail("writeConnectionLost")

    def _fail(self, what: str) -> None:
        """Log the exception being handled and abort: what ``what`` left behind cannot be trusted."""
        log.failure("{what} failed", what=what)
        if self.connected and self._reason is None:
            self._abort(Failure())

    def _abort(self, reason: Failure) -> None:
        self._reason = reason
        self.disconnecting = True
        self.write = self.writeSequence = discard
        self._reset_on_close()
        self._uv.abort()

    def _reset_on_close(self) -> None:
        if self.fileno() >= 0:
            self.getHandle().setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)


def reason_for(error: Exception | None) -> Failure:
    """Return what ``connectionLost`` is told: done, lost (with the system's words), or the protocol's own exception."""
    if error is None:
        return Failure(ConnectionDone())
    if isinstance(error, OSError):
        lost = ConnectionLost(str(error))
        lost.__cause__ = error
        return Failure(lost)
    return Failure(error)


def address_of(name: tuple[Any, ...] | str | bytes | None) -> IAddress:
    """Return Twisted's address for a socket's name; v4-mapped IPv6 addresses stay as they are."""
    if not isinstance(name, tuple):
        return UNIXAddress(name or None)
    return IPv4Address("TCP", *name) if len(name) == 2 else IPv6Address("TCP", *name)
