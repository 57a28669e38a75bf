"""Credentials that were found good before: recognised at once, ahead of every lock and queue.

Rule of this file: digests are kept, never a secret; how many is bounded; and a grant is good only as long as it is
remembered here, so whoever holds one (a connection, between requests) sees by its ``until`` that it has ended.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.access.session import Subject
    from webproxy.message.fields import Pair

MOST = 4096
"""Grants that are remembered: 2 MiB."""


class Grant:
    """The right to come in.

    :ivar subject: whose it is.
    :ivar user: the name, for logs, policies and the internal service.
    :ivar ambient: a browser attaches what it came from on its own (Basic, a cookie).
    :ivar added: fields for the internal service.
    :ivar until: when it ends, in seconds of the caller's clock; past as soon as its credential is changed.
    """

    __slots__ = ("added", "ambient", "subject", "until", "user")

    def __init__(
        self, subject: Subject, user: str, *, ambient: bool, until: float = inf, added: tuple[Pair, ...] = ()
    ) -> None:
        self.subject = subject
        self.user = user
        self.ambient = ambient
        self.added = added
        self.until = until

    def __repr__(self) -> str:
        return f"<Grant {self.user!r} until={self.until:.0f}>"

    def end(self) -> None:
        """It is good no more, wherever it is held."""
        self.until = -inf


class Recognised:
    """Grants by the digest of what they came from.

    :param most: how many are remembered; beyond, the one that came first ends.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._grants: dict[bytes, Grant] = {}

    def __repr__(self) -> str:
        return f"<Recognised grants={len(self._grants)}>"

    def __len__(self) -> int:
        return len(self._grants)

    def get(self, digest: bytes, now: float) -> Grant | None:
        """Give the grant of what has this digest, if it is good now."""
        grant = self._grants.get(digest)
        if grant is None:
            return None
        if now < grant.until:
            return grant
        del self._grants[digest]
        return None

    def add(self, digest: bytes, grant: Grant) -> None:
        """Remember a grant."""
        before = self._grants.pop(digest, None)
        if before is not None:
            before.end()
        elif len(self._grants) >= self._most:
            first = next(iter(self._grants))
            self._grants.pop(first).end()
        self._grants[digest] = grant

    def end(self, ended: Callable[[Subject], bool]) -> None:
        """End the grants whose subject's credential is another now, or none."""
        for digest, grant in list(self._grants.items()):
            if ended(grant.subject):
                grant.end()
                del self._grants[digest]
