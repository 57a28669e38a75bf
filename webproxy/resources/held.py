"""A request that a policy keeps waiting.

No deadline of its class runs, the internal service has not been asked, and its body stays unread; only the policy's
own limit counts. Whoever leaves is forgotten at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.logger import Logger

from webproxy.policy.waiting import Waiting

if TYPE_CHECKING:
    from webproxy.policy.outcome import Outcome
    from webproxy.resources.policed import Judgement

log = Logger()


class Held:
    """The :class:`~webproxy.downstream.request.Responder` of a request that waits. States: waiting, over."""

    __slots__ = ("_judgement", "_waiting")

    def __init__(self, judgement: Judgement, waiting: Waiting) -> None:
        self._judgement = judgement
        self._waiting = waiting
        request = judgement.request
        request.responder = self
        request.limit = waiting.limit
        request.channel.touch(waiting.limit)
        waiting.resumed(self._resumed)

    def __repr__(self) -> str:
        return f"<Held {self._waiting!r}>"

    def _resumed(self, outcome: Outcome | Waiting) -> None:
        """The policy has decided. It may do so in the middle of another exchange's end, which must not suffer."""
        request = self._judgement.request
        request.responder = None
        try:
            if isinstance(outcome, Waiting):
                Held(self._judgement, outcome)
            else:
                self._judgement.proceed(outcome)
        except Exception:  # noqa: BLE001 - as in Site.render: a resource may raise anything
            log.failure("{request!r} failed after waiting", request=request, kind="waiting-request-failed")
            if not request.ended:
                request.abort("error", "an error of ours", reset=True)

    def body_received(self, data: bytes, complete: bool) -> None:
        """Never: nobody has asked for the body."""

    def client_stalled(self) -> None:
        """There is nothing to stall yet."""

    def client_ready(self) -> None:
        """There is nothing to go on with yet."""

    def client_left(self) -> None:
        """Give the place in line back."""
        self._waiting.abandon()

    def deadline_passed(self) -> None:
        """The policy's own limit has passed."""
        outcome = self._waiting.expire()
        if outcome is not None:
            self._judgement.proceed(outcome)
