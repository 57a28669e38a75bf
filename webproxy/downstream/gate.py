"""What an intake asks of the channel around it: who may come in, and how the others are turned away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from webproxy.downstream.request import Request
    from webproxy.errors import ClientProtocolError
    from webproxy.message.head import RequestHead
    from webproxy.net.proxy_header import ProxyHeader, ProxyHeaderError


class Gate(Protocol):
    """The half of a channel that answers."""

    __slots__ = ()

    def start(self, head: RequestHead) -> Request:
        """Make the request that ``head`` begins."""

    def introduce(self, header: ProxyHeader) -> None:
        """Take note of the client that a layer-4 peer speaks for."""

    def refuse(self, error: ClientProtocolError, head: bytes = b"") -> None:
        """Answer what broke the rules, and close: nothing behind it can be trusted.

        :param head: what is here of a head that could not be taken.
        """

    def refuse_tls(self) -> None:
        """Turn away a client that speaks TLS."""

    def refuse_preface(self, error: ProxyHeaderError) -> None:
        """Turn away a layer-4 peer that does not say for whom it speaks."""

    def discard(self, size: int) -> None:
        """Take note that ``size`` bytes came in after our last word."""
