"""Who asks the internal service, as a connection to it sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from webproxy.errors import UpstreamError
    from webproxy.message.head import ResponseHead


class Asker(Protocol):
    """Whoever sent the request, and takes the answer."""

    __slots__ = ()

    def interim(self, head: ResponseHead, block: bytes) -> None:
        """An interim answer (1xx) came."""

    def upgraded(self, head: ResponseHead, block: bytes, early: bytes) -> None:
        """The answer is 101: take the connection away, or abort it.

        :param early: what came right behind it.
        """

    def answered(self, head: ResponseHead, data: bytes, complete: bool) -> None:
        """The final answer's head came, with what of the body followed at once; ``complete``: that is all."""

    def data_received(self, data: bytes, complete: bool) -> None:
        """A piece of the body came; ``complete``: it was the last."""

    def upstream_stalled(self) -> None:
        """Send no more of the request for now."""

    def upstream_ready(self) -> None:
        """Send on."""

    def failed(self, error: UpstreamError) -> None:
        """There will be no (more) answer."""
