"""A request that a policy keeps waiting, as the proxy holds it.

Rule of this file: the proxy's end of a ticket. It has no clock: whoever holds it says when the limit has passed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.policy.outcome import with_rejection

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.policy.chain import Chain, Step
    from webproxy.policy.heads import RequestHead
    from webproxy.policy.outcome import Outcome
    from webproxy.policy.ticket import Wait
    from webproxy.policy.verdict import Verdict


class Waiting:
    """A request that a policy keeps waiting. States: waiting, resumed, over (expired or abandoned).

    :ivar limit: seconds after which :meth:`expire` is due; ``math.inf`` for never.
    :ivar policy: name of the policy that keeps it waiting.
    """

    __slots__ = ("_chain", "_outcome", "_request", "_step", "_wait", "limit", "policy")

    def __init__(self, chain: Chain, request: RequestHead, step: Step, wait: Wait, outcome: Outcome) -> None:
        self._chain = chain
        self._request = request
        self._step = step
        self._wait = wait
        self._outcome = outcome
        self.limit = wait.limit
        self.policy = step.name

    def __repr__(self) -> str:
        return f"<Waiting {self._request!r} for {self.policy}, {self._wait.ticket.state}>"

    def resumed(self, go_on: Callable[[Outcome | Waiting], None]) -> None:
        """Have ``go_on`` called with what comes next, at once if the policy has decided already.

        It is called from within whatever the policy does then, the end of another exchange for example, and must not
        raise. It is not called after :meth:`expire` or :meth:`abandon`.
        """

        def resume(verdict: Verdict) -> None:
            go_on(self._chain.go_on(self._request, self._step, verdict, self._outcome))

        self._wait.ticket.attach(resume)

    def expire(self) -> Outcome | None:
        """The limit has passed: the policy is told, and this is the rejection; None if it has decided already."""
        if not self._chain.abandoned(self._step, self._request, self._wait):
            return None
        return with_rejection(self._outcome, self._wait.expired, self.policy)

    def passed_over(self) -> Outcome | Waiting:
        """Give what comes next without the wait, and withdraw the ticket unless the policy has decided already."""
        self.abandon()
        return self._chain.go_on(self._request, self._step, self._wait.ticket.verdict, self._outcome)

    def abandon(self) -> None:
        """The client has left, or the proxy stops: the policy is told."""
        self._chain.abandoned(self._step, self._request, self._wait)
