"""The policies' place in the chain: each request is judged before it goes on, each answer before the client sees it.

``webproxy.policy.chain`` decides; this file carries out what was decided: limits, rejections, changed fields, waiting.
"""

from __future__ import annotations

from math import inf
from time import monotonic
from typing import TYPE_CHECKING

from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.server import NOT_DONE_YET

from webproxy.message.fields import Fields
from webproxy.policy.heads import RequestHead, ResponseHead
from webproxy.policy.outcome import BUILT_IN
from webproxy.policy.policy import Summary
from webproxy.policy.waiting import Waiting
from webproxy.resources.chain import StreamingResource
from webproxy.resources.held import Held

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.downstream.request import Request
    from webproxy.message.fields import Pair
    from webproxy.message.head import ResponseHead as ReceivedResponse
    from webproxy.policy import Changes, Rejection
    from webproxy.policy.chain import Chain
    from webproxy.policy.outcome import Effects, Outcome

log = Logger()


class Policed(StreamingResource):
    """Asks the policies.

    :param chain: the policies, in their order.
    :param inner: the resource that gets the requests which may go on.
    """

    def __init__(self, chain: Chain, inner: StreamingResource) -> None:
        self.chain = chain
        self.inner = inner

    def render(self, request: Request) -> int:
        """Have a request judged, and let it go on, wait, or be rejected.

        A client that repeats its head is not judged again where the head says all (2 us).
        """
        judgement = request.judgement = Judgement(self, request)
        chain, channel, head = self.chain, request.channel, request.head
        judged = channel.judged
        if judged is not None and judged[0] is head:
            judgement.proceed(judged[1])  # type: ignore[arg-type]
            return NOT_DONE_YET
        outcome = chain.request_received(judgement.see()) if chain.judges_requests else chain.unjudged
        if type(outcome) is Waiting:
            Held(judgement, outcome)
            return NOT_DONE_YET
        if chain.by_head:
            channel.remember_judged(head, outcome)
        judgement.proceed(outcome)  # type: ignore[arg-type]
        return NOT_DONE_YET


class Judgement:
    """What the policies say of one exchange, from its request to its end.

    :ivar by_head: whether what they say depends on the heads alone.
    :ivar outcome: what they have said so far; ``None`` while they keep it waiting.
    """

    __slots__ = ("_policed", "_view", "by_head", "outcome", "request")

    def __init__(self, policed: Policed, request: Request) -> None:
        self._policed = policed
        self._view: RequestHead | None = None
        self.by_head = policed.chain.by_head
        self.outcome: Outcome | None = None
        self.request = request

    def __repr__(self) -> str:
        return f"<Judgement of {self.request!r}: {self.outcome}>"

    def see(self) -> RequestHead:
        """Look at the request as policies see it; from now on that is ``view``."""
        record = self.request.record
        # The record's head is the one received; the request's may have been changed since.
        view = self._view = RequestHead(record.head or self.request.head, record.client, record.user, record.id)
        return view

    def proceed(self, outcome: Outcome) -> None:
        """The request has been judged."""
        self.outcome = outcome
        request, record = self.request, self.request.record
        traffic_class, why, policy, effects = outcome
        request.classify(traffic_class.limit)
        if outcome is not self._policed.chain.unjudged:
            record.traffic_class = traffic_class.name
            record.why = why if policy is BUILT_IN else outcome.reason
        if effects is None or self._carry_out(effects):
            self._policed.inner.render(request)

    def _carry_out(self, effects: Effects) -> bool:
        """Do what was said beside the class; whether the request goes on."""
        if effects.rejection is not None:
            self.reject(effects.rejection, effects.rejected_by, effects.client)
            return False
        request = self.request
        if effects.upstream is not None:
            names = effects.upstream.names
            kept = [pair for pair in request.head.fields if pair[0].lower() not in names]
            request.head = request.head._replace(fields=Fields(kept))
            others = [pair for pair in request.added if pair[0].lower() not in names]
            request.added = (*others, *effects.upstream.pairs)
        request.deadlines = effects.deadlines
        return True

    def reject(self, rejection: Rejection, policy: str, changes: Changes | None = None) -> None:
        """Answer in the internal service's place."""
        request = self.request
        pairs: list[Pair] = list(changes.pairs) if changes is not None else []
        if rejection.retry_after is not None:
            pairs.append((b"Retry-After", b"%d" % rejection.retry_after))
        request.record.closed_by = policy
        request.record.note = rejection.reason
        request.answer(rejection.status, rejection.reason, pairs)

    def answered(self, head: ReceivedResponse) -> ReceivedResponse | None:
        """The internal service's answer begins; its head as the client gets it, ``None`` when it was rejected."""
        chain, before = self._policed.chain, self.outcome
        if before is None or not chain.judges_responses:
            return head
        outcome = chain.response_received(self._view or self.see(), ResponseHead(head), before)
        if outcome is not before:
            self.outcome = outcome
            self._reclassify(before, outcome)
        effects = outcome.effects
        if effects is None:
            return head
        if effects.rejection is not None:
            self.reject(effects.rejection, effects.rejected_by, effects.client)
            return None
        self.request.deadlines = effects.deadlines
        return head if effects.client is None else _changed(head, effects.client)

    def _reclassify(self, before: Outcome, outcome: Outcome) -> None:
        """Let the new limit hold at once, and the log say so: ``class=DEFAULT>DOWNLOAD why=content-disposition``."""
        request, record = self.request, self.request.record
        if outcome.traffic_class.name != before.traffic_class.name:
            record.traffic_class = f"{before.traffic_class.name}>{outcome.traffic_class.name}"
        record.why = outcome.reason
        request.classify(outcome.traffic_class.limit)

    @property
    def frames(self) -> bool:
        """Whether a policy wants the frames of a WebSocket."""
        outcome = self.outcome
        return outcome is not None and outcome.effects is not None and outcome.effects.frames

    def tunnel_opened(self) -> None:
        """The client has its 101."""
        self._policed.chain.tunnel_opened(self._view or self.see())

    def ended(self) -> None:
        """The exchange is over."""
        if not self._policed.chain.hears_ends:
            return
        record = self.request.record
        summary = Summary(
            status=record.status,
            received=record.received,
            sent=record.sent,
            duration=record.ended - record.started,
            traffic_class=record.traffic_class.rpartition(">")[2],
            closed_by=record.closed_by,
        )
        self._policed.chain.exchange_finished(self._view or self.see(), summary)


def _changed(head: ReceivedResponse, changes: Changes) -> ReceivedResponse:
    """An answer's head with a policy's changes."""
    kept = [pair for pair in head.fields if pair[0].lower() not in changes.names]
    return head._replace(fields=Fields([*kept, *changes.pairs]))


class Report:
    """Logs what policies raise, at most once a minute for each: the traffic goes on, and so may the mistake.

    :param clock: tells seconds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._next: dict[str, float] = {}

    def __call__(self, name: str, error: Exception, exchange_id: str) -> None:
        """Log one mistake."""
        now = self._clock()
        if now >= self._next.get(name, -inf):
            self._next[name] = now + 60.0
            log.failure(
                "policy {name} failed in exchange {id}", Failure(error), name=name, id=exchange_id, kind="policy-failed"
            )
