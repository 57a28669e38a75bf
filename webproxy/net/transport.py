"""Twisted protocols on uvloop's own transports.

Rule of this file: no Python of ours between the socket and the protocol. uvloop keeps the bound method that takes the
bytes read, so it is given the Twisted protocol's own ``dataReceived``; ``write`` and ``writeSequence`` are the bound
methods of uvloop's transport. What is rare (pauses, half-close, the end) costs one Python call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from twisted.internet.error import ConnectionAborted
from twisted.internet.interfaces import IConsumer, IPushProducer, ISystemHandle, ITCPTransport
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from webproxy.net.endings import half_closeable, reason_for
from webproxy.net.native_socket import NativeSocket
from webproxy.net.pull import PullPump

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable

    from twisted.internet.interfaces import IProducer, IProtocol, IPullProducer

log = Logger()


def discard(_data: object) -> None:
    """Write nothing: our side of the connection has ended, or ends as soon as it is flushed."""


@implementer(ITCPTransport, IPushProducer, IConsumer, ISystemHandle)
class NativeTransport(NativeSocket):
    """A Twisted transport; towards uvloop it plays the asyncio protocol.

    States: new (no flag set) until uvloop connects it; connected; disconnecting as well once ``loseConnection`` or
    ``abortConnection`` was called; disconnected for good after ``connection_lost``.

    Unlike on Twisted's own transports, ``loseConnection`` does not wait for a registered producer to unregister: it
    closes as soon as what has been written is flushed. And it reads no more.

    The loop holds on to a transport only while it reads or writes: whoever pauses one must keep it.

    :param loop: the uvloop loop.
    :ivar write: sends bytes, at once when the socket takes them. Not to be kept beyond the connection: uvloop's own
        raises after the end, and is replaced here by what discards.
    :ivar writeSequence: sends several pieces with one system call; not to be kept either.
    """

    __slots__ = (
        "_full",
        "_held",
        "_loop",
        "_paused",
        "_protocol",
        "_read_ended",
        "_reason",
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
        self.producer: Any = None  # an IPushProducer
        self.write: Callable[[bytes], None] = discard
        self.writeSequence: Callable[[Iterable[bytes]], None] = discard

    def __repr__(self) -> str:
        states = [state for state in ("connected", "disconnecting", "disconnected") if getattr(self, state)]
        return f"<{type(self).__name__} {'+'.join(states) or 'new'} of {self._protocol!r}>"

    # What uvloop calls (asyncio.Protocol)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take hold of uvloop's transport. Who knows the protocol introduces it now: reading starts after this."""
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
        # Only now does uvloop learn who takes the bytes; if makeConnection paused, it starts reading all the same.
        self._uv.set_protocol(self)

    @property
    def data_received(self) -> Callable[[bytes], None]:
        """What takes the bytes; uvloop keeps it, and asks again in ``set_protocol`` only."""
        if self._protocol is None:
            raise AttributeError("nobody has been introduced")
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
        if self.producer is not None:
            try:
                self.producer.pauseProducing()
            except Exception:
                self._fail("pauseProducing")

    def resume_writing(self) -> None:
        """Pass on that the buffer has drained."""
        self._full = False
        if self._write_ended:
            self.call_soon(self._write_side_closed, "writeConnectionLost")
        elif self.producer is not None and not self.disconnecting:
            try:
                self.producer.resumeProducing()
            except Exception:
                self._fail("resumeProducing")

    def eof_received(self) -> bool:
        """End reading; whether the connection stays half open is the protocol's choice."""
        self._read_ended = True
        protocol = half_closeable(self._protocol)
        if protocol is not None:
            protocol.readConnectionLost()
            return True
        self._uv.abort()  # as Twisted does: what is unsent is dropped
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell producer and protocol, in this order; uvloop closes the descriptor right after this."""
        if exc is not None and not isinstance(exc, OSError):
            self.reset_on_close()  # the protocol raised: what it left unfinished must not look finished
        self.connected, self.disconnected = False, True
        self.write = self.writeSequence = discard
        producer, self.producer = self.producer, None
        protocol, self._protocol = self._protocol, None
        if producer is not None:
            try:
                producer.stopProducing()
            except Exception:
                log.failure("stopProducing failed", kind="producer-failed")
        if protocol is not None:
            protocol.connectionLost(self._reason or reason_for(exc))

    # ITransport, ITCPTransport: how it ends

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
        self._uv.set_write_buffer_limits(0, 0)  # with these, resume_writing tells when all of it has left
        self._uv.write_eof()
        if not self._full:
            self.call_soon(self._write_side_closed, "writeConnectionLost")

    # IPushProducer: the peer's bytes

    def pauseProducing(self) -> None:
        """Stop reading."""
        self._paused = True
        self._uv.pause_reading()

    def resumeProducing(self) -> None:
        """Read on."""
        self._paused = False
        if self._held:
            self.call_soon(self._give_held, "dataReceived")
        elif not self._read_ended:
            self._uv.resume_reading()

    def stopProducing(self) -> None:
        """Close, as Twisted's transports do when those they feed want no more."""
        self.loseConnection()

    # IConsumer: our bytes

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """Pause and resume ``producer`` with the write buffer; one that does not stream is asked piece by piece.

        :raises RuntimeError: when there is a producer already.
        """
        if self.producer is not None:
            raise RuntimeError(f"{producer} cannot register: {self.producer} has not unregistered")
        if self.disconnected:
            producer.stopProducing()
            return
        self.producer = producer if streaming else PullPump(cast("IPullProducer", producer), self)
        if self._full:
            self.producer.pauseProducing()
        elif not streaming:
            self.producer.resumeProducing()

    def unregisterProducer(self) -> None:
        """Pause and resume nobody any more."""
        producer, self.producer = self.producer, None
        if isinstance(producer, PullPump):
            producer.pauseProducing()

    # What this room asks

    def buffered(self) -> int:
        """How many bytes wait in this process."""
        return self._uv.get_write_buffer_size() if self.connected else 0

    def call_soon(self, call: Callable[[], None], what: str) -> None:
        """Make ``call`` in the next turn of the loop; if it raises, ``what`` failed and the connection ends."""
        self._loop.call_soon(self._guarded, call, what)

    def _guarded(self, call: Callable[[], None], what: str) -> None:
        try:
            call()
        except Exception:
            self._fail(what)

    def _hold(self, data: bytes) -> None:
        """Keep what comes in after a pause that makeConnection asked for; takes one read, or none."""
        if self._paused:
            self._uv.pause_reading()
            self._held = data
        else:
            self._uv.set_protocol(self)
            self.data_received(data)

    def _give_held(self) -> None:
        if not self.disconnecting and not self._paused:
            data, self._held = self._held, b""
            self._uv.set_protocol(self)
            self.data_received(data)
            if not self._paused:
                self._uv.resume_reading()

    def _write_side_closed(self) -> None:
        protocol = half_closeable(self._protocol)
        if protocol is not None and not self.disconnecting:
            protocol.writeConnectionLost()

    def _fail(self, what: str) -> None:
        """Log the exception at hand and abort: what ``what`` left behind cannot be trusted."""
        log.failure("{what} failed", what=what, kind="protocol-failed")
        if self.connected and self._reason is None:
            self._abort(Failure())

    def _abort(self, reason: Failure) -> None:
        self._reason = reason
        self.disconnecting = True
        self.write = self.writeSequence = discard
        self.reset_on_close()
        self._uv.abort()
