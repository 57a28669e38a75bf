"""The first answer to a browser that has logged in: it brings the session cookie along.

Rule of this file: it stands between the policies and the answer of that one exchange, so that no other exchange has to
ask whether there is something to bring.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.message.fields import Fields

if TYPE_CHECKING:
    from webproxy.downstream.request import Judgement
    from webproxy.message.head import ResponseHead


class Greeting:
    """What the policies say of an exchange, and a cookie.

    :param inner: what the policies say; None when nobody asked them.
    :param cookie: the Set-Cookie field's value.
    """

    __slots__ = ("_cookie", "_inner")

    by_head = False

    def __init__(self, inner: Judgement | None, cookie: bytes) -> None:
        self._inner = inner
        self._cookie = cookie

    def __repr__(self) -> str:  # without the cookie: it opens the door
        return f"<Greeting beside {self._inner!r}>"

    @property
    def outcome(self) -> object:
        """What the policies have said so far."""
        return None if self._inner is None else self._inner.outcome

    @property
    def frames(self) -> bool:
        """Whether somebody wants the frames of a WebSocket."""
        return self._inner is not None and self._inner.frames

    def answered(self, head: ResponseHead) -> ResponseHead | None:
        """Add the cookie to the answer's head as the policies leave it."""
        told = head if self._inner is None else self._inner.answered(head)
        if told is None:
            return None
        return told._replace(fields=Fields([*told.fields.pairs, (b"Set-Cookie", self._cookie)]))

    def tunnel_opened(self) -> None:
        """The client has its 101."""
        if self._inner is not None:
            self._inner.tunnel_opened()

    def ended(self) -> None:
        """The exchange is over."""
        if self._inner is not None:
            self._inner.ended()
