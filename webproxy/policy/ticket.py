"""Waiting: a policy says not yet, and says later how it goes on.

Rule of this file: a ticket is decided once, by whoever comes first, and everything after that has no effect. It knows
neither time nor connections; the proxy sees to both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from webproxy.policy.verdict import Rejection, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

GO_ON = Verdict()

TOO_LONG = Rejection(503, "This request waited as long as it may.")
"""What is answered when the limit of a wait has passed, unless the policy says it in its own words."""


class Ticket:
    """A place in line. States: open, decided (by :meth:`proceed` or :meth:`reject`), abandoned.

    One is made for every wait; policies may subclass it to note what they like. All calls come from the reactor's
    thread.

    :ivar state: ``open``, ``decided`` or ``abandoned``.
    :ivar verdict: what was decided; before that, to go on.
    """

    def __init__(self) -> None:
        self.state = "open"
        self._claimed = False
        self.verdict = GO_ON
        self._resume: Callable[[Verdict], None] | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.state}>"

    def proceed(self, verdict: Verdict = GO_ON) -> bool:
        """Let the request go on, to the policies that follow and then to the internal service.

        It goes on before this method returns.

        :param verdict: what is to be said of it besides, as if the hook had returned it.
        :returns: whether it made a difference: not if the ticket was decided already, or abandoned.
        """
        if self.state != "open":
            return False
        self.state = "decided"
        self.verdict = verdict
        if self._resume is not None:
            self._resume(verdict)
        return True

    def reject(self, status: int, reason: str, retry_after: int | None = None) -> bool:
        """Answer the request instead of the internal service; arguments as for :func:`webproxy.policy.reject`.

        :returns: as :meth:`proceed`.
        :raises ValueError: as :class:`~webproxy.policy.Rejection` does.
        """
        return self.proceed(Verdict(rejection=Rejection(status, reason, retry_after)))

    def claim(self) -> None:
        """For the chain: make the ticket that of one request.

        :raises ValueError: it is another's already; make a ticket for every wait.
        """
        if self._claimed:
            raise ValueError(f"{self!r} has been returned before; make a ticket for every wait")
        self._claimed = True

    def attach(self, resume: Callable[[Verdict], None]) -> None:
        """For the chain: call ``resume`` once the ticket is decided, at once if it is already."""
        self._resume = resume
        if self.state == "decided":
            resume(self.verdict)

    def abandon(self) -> bool:
        """For the chain: nobody waits any more. Tells whether somebody did until now."""
        if self.state != "open":
            return False
        self.state = "abandoned"
        return True


@dataclass(frozen=True, slots=True)
class Wait:
    """What a hook returns to say "not yet".

    While it waits, no deadline of the class runs, the body stays unread beyond 64 KiB, and no 100-continue is sent.

    :param ticket: decided later, or already.
    :param limit: after how many seconds the wait ends with ``expired``; ``math.inf`` for no limit.
    :param expired: the answer then.
    :raises TypeError: that is no ticket.
    :raises ValueError: a limit that is not above 0.
    """

    ticket: Ticket
    limit: float = math.inf
    expired: Rejection = TOO_LONG

    def __post_init__(self) -> None:
        if not isinstance(self.ticket, Ticket):
            raise TypeError(f"{self.ticket!r} is no Ticket")
        if not self.limit > 0:
            raise ValueError(f"the limit of a wait is {self.limit}; it must be above 0")
