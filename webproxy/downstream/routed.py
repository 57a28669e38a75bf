"""Connections at a machine that has a public name: those that the router passes on, and those that come past it.

Rule of this file: without a name, none of this is in any request's way. Which connection is which is known when it
begins, by its peer's address; what the router says in front of it holds for all that follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from webproxy.downstream.channel import Channel
from webproxy.downstream.request import Request
from webproxy.downstream.sealed import SealedChannel
from webproxy.errors import ClientProtocolError
from webproxy.message.forwarding import claimed_client
from webproxy.net.address import plain

if TYPE_CHECKING:
    from webproxy.downstream.public_way import PublicWay
    from webproxy.downstream.site import Site
    from webproxy.message.head import RequestHead
    from webproxy.net.proxy_header import ProxyHeader

STRICT: Final = b"\r\nStrict-Transport-Security: max-age=31536000"
"""A year (RFC 6797 §6.1)."""


class EncryptedRequest(Request):
    """A request that came over TLS: its answer tells browsers to stay with it, unless the service has a word on that.

    The field goes into the ready-made head: 0.8 us, and whatever is remembered of heads stays as it is.
    """

    __slots__ = ()

    def begin(self, status: int, data: bytes) -> None:
        """Send the answer's head; a 101 passes unchanged."""
        if status >= 200 and b"\r\nstrict-transport-security:" not in data[: data.find(b"\r\n\r\n")].lower():
            line = data.find(b"\r\n")
            data = b"%b%b%b" % (data[:line], STRICT, data[line:])
        super().begin(status, data)


class RoutedChannel(SealedChannel):
    """A connection that the router passes on, whether anybody logs in there or not. States: as of any channel.

    :ivar opened_for: the name that the client asked for when it shook hands, in lower case; empty: nobody said.
    :ivar strict: browsers are told to stay with https.
    """

    __slots__ = ("opened_for", "strict")

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.opened_for = b""
        self.strict = False

    def introduce(self, header: ProxyHeader) -> None:
        """Take note of the client, and of the name it wants."""
        way = self.site.public
        self.opened_for = header.authority.lower()
        self.strict = header.tls and way is not None and way.hsts
        super().introduce(header)

    def start(self, head: RequestHead) -> Request:
        """Make the request that ``head`` begins."""
        if not self.strict:
            return super().start(head)
        request = self.request = EncryptedRequest(self, head)
        if self.arrival.trusted:
            request.record.client = claimed_client(head) or self.client
        self.due = self.site.sweep.now + request.limit
        return request

    def _parse(self, block: bytes) -> RequestHead:
        """Parse a block; it must be for the name that the connection was opened for (RFC 9110 §7.4)."""
        head = super()._parse(block)
        if self.opened_for and head.authority and host_in(head.authority) != self.opened_for:
            self._block = self._head = None
            raise ClientProtocolError(
                421, "this connection was opened for another name (RFC 9110 section 15.5.20); open one for this"
            )
        return head


class DirectChannel(Channel):
    """A connection that comes past the router: every request hears where to go, and none is served."""

    __slots__ = ()

    def _parse(self, block: bytes) -> RequestHead:
        super()._parse(block)
        self._block = self._head = None
        way = self.site.public
        if way is None or not way.url:
            raise ClientProtocolError(403, "this service waits for its public https address, and will be only there")
        raise ClientProtocolError(403, f"this service is at {way.url}, and only there")


def channel_of(site: Site, way: PublicWay, peer: str) -> Channel:
    """Make the channel of a new connection.

    :param peer: its address.
    """
    peer = plain(peer)
    if peer in way.routers:
        return RoutedChannel(site)
    if not way.serves(peer):
        return DirectChannel(site)
    return SealedChannel(site) if site.guarded else Channel(site)


def must_leave(channel: Channel, way: PublicWay) -> bool:
    """Tell whether a connection that stands would not be served if it came now."""
    if isinstance(channel, RoutedChannel | DirectChannel):
        return False
    peer = plain(getattr(channel.transport.getPeer(), "host", ""))
    return peer in way.routers or not way.serves(peer)


def host_in(authority: bytes) -> bytes:
    """Give the host of an authority, to be compared: in lower case, without port and the root's dot (RFC 3986 §6.2)."""
    host, colon, port = authority.rpartition(b":")
    if not colon or not port.isdigit():
        host = authority
    return host.lower().removesuffix(b".")
