"""What would become of an exchange: the chain's judgement without a proxy around it.

Rule of this file: heads in, judgements out; ``webproxy classify`` prints them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from webproxy.policy.heads import RequestHead, ResponseHead
from webproxy.policy.waiting import Waiting

if TYPE_CHECKING:
    from webproxy.message.head import RequestHead as ReceivedRequest
    from webproxy.message.head import ResponseHead as ReceivedResponse
    from webproxy.policy.chain import Chain
    from webproxy.policy.outcome import Outcome
    from webproxy.policy.verdict import Rejection


class Judgement(NamedTuple):
    """What the policies say of an exchange.

    :ivar traffic_class: name of its class.
    :ivar limit: idle limit in seconds, ``math.inf`` for none.
    :ivar policy: whose class it is.
    :ivar why: what decided it, in a word.
    :ivar rejection: what would be answered instead of the internal service, if anything.
    :ivar rejected_by: the policy that would.
    """

    traffic_class: str
    limit: float
    policy: str
    why: str
    rejection: Rejection | None
    rejected_by: str


def classify(
    chain: Chain, request: ReceivedRequest, response: ReceivedResponse | None = None
) -> tuple[Judgement, Judgement | None]:
    """Ask a chain about an exchange.

    :param chain: may keep the request waiting; that counts as going on.
    :param response: its answer.
    :returns: what is said of the request, and of the answer: None without one, or when the request is rejected.
    """
    seen = RequestHead(request)
    outcome = chain.request_received(seen)
    while isinstance(outcome, Waiting):
        outcome = outcome.passed_over()
    asked = _judgement(outcome)
    if response is None or outcome.rejection is not None:
        return asked, None
    return asked, _judgement(chain.response_received(seen, ResponseHead(response), outcome))


def _judgement(outcome: Outcome) -> Judgement:
    found, effects = outcome.traffic_class, outcome.effects
    rejected_by = "" if effects is None else effects.rejected_by
    return Judgement(found.name, found.limit, outcome.policy, outcome.why, outcome.rejection, rejected_by)
