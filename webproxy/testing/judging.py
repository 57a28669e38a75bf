"""A chain for tests: what a policy raises is raised, not reported.

Rule of this file: the chain that serves is the chain that tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.policy.chain import Chain

if TYPE_CHECKING:
    from webproxy.policy import Policy, RequestHead, ResponseHead
    from webproxy.policy.outcome import Outcome
    from webproxy.policy.waiting import Waiting


def chain_of(*policies: Policy) -> Chain:
    """Make a chain of policies that passes on what they raise; ``timeout`` is not in it unless given."""
    return Chain(policies, _raise)


def judge(policy: Policy, request: RequestHead, response: ResponseHead | None = None) -> Outcome:
    """Say what one policy makes of an exchange: of its request, or of its answer when there is one.

    :raises ValueError: it lets the request wait; ask a :func:`chain_of` it then.
    """
    chain = chain_of(policy)
    outcome: Outcome | Waiting = chain.request_received(request)
    if not isinstance(outcome, tuple):
        raise ValueError(f"{policy.name or type(policy).__name__} lets the request wait")  # noqa: TRY004 - of the right type
    return outcome if response is None else chain.response_received(request, response, outcome)


def _raise(_name: str, error: Exception, _exchange_id: str) -> None:
    raise error
