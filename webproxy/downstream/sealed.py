"""Connections of those who log in: their credentials are known again before a head is parsed, and not kept.

A client's repeated header block has its meaning remembered, unless it holds a secret. Where the secret opens this very
proxy, the block without it is parsed, remembered and compared, as that of an open proxy is.
Rule of this file: nothing of a secret outlives its request, and a grant that has ended opens nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.access.cookies import is_marked
from webproxy.downstream.channel import Channel

if TYPE_CHECKING:
    from webproxy.access.seal import Seal
    from webproxy.downstream.site import Site
    from webproxy.message.head import RequestHead


class SealedChannel(Channel):
    """States: as of any channel."""

    __slots__ = ("seal", "shown")

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.seal: Seal | None = None
        self.shown = False

    def _parse(self, block: bytes) -> RequestHead:
        """Parse a block; without the credential if that is known."""
        seal = self.seal
        if seal is not None and self.site.sweep.now < seal.grant.until:
            left = seal.left_of(block)
            if left is not None:
                head = self._head
                if head is None or left != self._block:
                    head = super()._parse(left)
                said = head.fields.combined  # a second line of the same name is another matter
                kept = b"authorization" in said or b"x-api-key" in said
                if not kept and (b"cookie" not in said or not is_marked(said[b"cookie"])):
                    self.shown = True
                    return head
        self.shown = False
        return super()._parse(block)

    def forget(self) -> None:
        """Let the next head be judged anew."""
        super().forget()
        self.seal, self.shown = None, False
