"""Connections of those who log in: a head block with a credential in it is known again, and not kept.

A client's repeated header block has its meaning remembered, unless it holds a secret. Where the secret opens this very
proxy, the meaning without it is remembered together with a keyed digest of the block (0.9 us; parsing, recognising and
rewriting a browser's head take 15).
Rule of this file: nothing of a secret outlives its request; a grant that has ended opens nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from webproxy.downstream.channel import Channel
from webproxy.downstream.intake import PRIVATE, REMEMBERED

if TYPE_CHECKING:
    from webproxy.access.keyed_digest import KeyedDigest
    from webproxy.access.recognised import Grant
    from webproxy.downstream.site import Site
    from webproxy.message.head import RequestHead


class Sealed(NamedTuple):
    """What a block means to whoever sends it again.

    :ivar digest: of the block.
    :ivar head: its head, without the credential.
    :ivar grant: what the credential was good for.
    """

    digest: bytes
    head: RequestHead
    grant: Grant


class SealedChannel(Channel):
    """States: as of any channel.

    :param digest: recognises blocks.
    """

    __slots__ = ("_digest", "_fresh", "_size", "sealed")

    def __init__(self, site: Site, digest: KeyedDigest) -> None:
        super().__init__(site)
        self._digest = digest
        self._fresh: bytes | None = None
        self._size = 0
        self.sealed: Sealed | None = None

    def _parse(self, block: bytes) -> RequestHead:
        """Know a block again, or parse it. Only of one as long as the last is a digest worth its price."""
        fresh, size = None, len(block)
        if size == self._size and size <= REMEMBERED:
            fresh, sealed = self._digest(block), self.sealed
            if sealed is not None and fresh == sealed.digest and self.site.sweep.now < sealed.grant.until:
                return sealed.head
        self.sealed = None
        head = super()._parse(block)
        if self._head is None:
            self._fresh, self._size = fresh, size
        return head

    def seal(self, head: RequestHead, grant: Grant) -> None:
        """Remember what the block of the current request means.

        :param head: without the credential; with other secrets in it, it is not remembered.
        :param grant: what the credential was good for.
        """
        fresh, self._fresh = self._fresh, None
        if fresh is not None and PRIVATE.isdisjoint(head.fields.combined):
            self._head = head
            self.sealed = Sealed(fresh, head, grant)

    def forget(self) -> None:
        """Let the next head be judged anew."""
        super().forget()
        if self.sealed is not None:
            self.sealed = self._head = None
