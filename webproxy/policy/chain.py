"""The chain: asks the policies in their order, and makes one outcome of what they say.

Rule of this file: the first rejection wins; a later class replaces an earlier one; a policy that raises costs its
report and nothing else, unless it declared ``fail_closed``. No deadlines, no connections: whoever calls sees to them.

One exchange calls, in this order: ``request_received`` once, which asks ``request_classified``, too; if that gives a
:class:`Waiting`, ``resumed`` on it and then ``expire`` or ``abandon`` at most once; ``response_received`` for the final
head or the 101; ``tunnel_opened`` after a 101; ``exchange_finished`` once, always.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from webproxy.policy.metric import Reading
from webproxy.policy.outcome import BUILT_IN, Outcome, with_rejection, with_verdict
from webproxy.policy.policy import Policy
from webproxy.policy.ticket import Wait
from webproxy.policy.verdict import Rejection, TrafficClass
from webproxy.policy.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from webproxy.policy.heads import RequestHead, ResponseHead
    from webproxy.policy.policy import Summary
    from webproxy.policy.verdict import Verdict

Report: TypeAlias = "Callable[[str, Exception, str], None]"
"""Called with a policy's name, what it raised, and the exchange's id."""

DEFAULT: Final = TrafficClass("DEFAULT", 60.0)


class Step(NamedTuple):
    """A policy that has a certain hook, and those that have it after this one.

    :ivar by_class: whether the hook wants to know the class so far.
    """

    policy: Policy
    name: str
    hook: Callable[..., Any]
    rest: tuple[Step, ...]
    by_class: bool


class Chain:
    """The policies of one proxy.

    :param policies: in the order in which they are asked.
    :param report: learns of every hook that raises; it decides how often that is logged, and must not raise.
    :param default: the class of exchanges that nobody has judged.
    :ivar failures: how often each policy has raised, by name.
    :ivar unjudged: the outcome when nobody says anything.
    :ivar by_head: whether every policy promises that a head says all; one that is repeated need not be judged again.
    :ivar judges_requests: whether any policy looks at requests; if not, ``unjudged`` is their outcome.
    :ivar judges_responses: whether any policy looks at answers; if not, ``response_received`` need not be called.
    :ivar hears_tunnels: the same for ``tunnel_opened``.
    :ivar hears_ends: the same for ``exchange_finished``.
    """

    def __init__(
        self, policies: Iterable[Policy], report: Report | None = None, default: TrafficClass = DEFAULT
    ) -> None:
        self.policies = tuple(policies)
        self.failures = {policy.name: 0 for policy in self.policies}
        self._report = report or _silence
        self.unjudged = Outcome(default, "default", BUILT_IN)
        self._requests = _steps(self.policies, "request_received", "request_classified")
        self._responses = _steps(self.policies, "response_received")
        self._tunnels = _steps(self.policies, "tunnel_opened")
        self._ends = _steps(self.policies, "exchange_finished")
        self.by_head = all(policy.by_head for policy in self.policies)
        self.judges_requests = bool(self._requests)
        self.judges_responses = bool(self._responses)
        self.hears_tunnels = bool(self._tunnels)
        self.hears_ends = bool(self._ends)

    def __repr__(self) -> str:
        return f"<Chain {' '.join(policy.name for policy in self.policies) or 'empty'}>"

    def request_received(
        self, request: RequestHead, steps: Sequence[Step] | None = None, outcome: Outcome | None = None
    ) -> Outcome | Waiting:
        """Ask about a request.

        :param steps: whom to ask; all, unless others have been asked before.
        :param outcome: of those others.
        """
        outcome = outcome or self.unjudged
        for step in self._requests if steps is None else steps:
            try:
                verdict = step.hook(request, outcome.traffic_class) if step.by_class else step.hook(request)
                if verdict is None:
                    continue
                if isinstance(verdict, Wait):
                    verdict.ticket.claim()
                    return Waiting(self, request, step, verdict, outcome)
                outcome = with_verdict(outcome, step.name, verdict)
            except Exception as error:  # noqa: BLE001 - whatever a policy raises costs its report, not the traffic
                outcome = self._failed(step, error, request, outcome)
            effects = outcome.effects
            if effects is not None and effects.rejection is not None:
                break
        return outcome

    def response_received(self, request: RequestHead, response: ResponseHead, outcome: Outcome) -> Outcome:
        """Ask about an answer.

        :param outcome: of the request.
        :returns: the same object when nothing has changed. Changes to the request's fields and ``frames`` come too
            late here and have no effect.
        """
        for step in self._responses:
            try:
                verdict = step.hook(request, response, outcome.traffic_class)
                if verdict is None:
                    continue
                outcome = with_verdict(outcome, step.name, verdict)
            except Exception as error:  # noqa: BLE001 - as above
                outcome = self._failed(step, error, request, outcome)
            if outcome.effects is not None and outcome.effects.rejection is not None:
                break
        return outcome

    def tunnel_opened(self, request: RequestHead) -> None:
        """Tell that the client has its 101."""
        for step in self._tunnels:
            self._tell(step, request, step.hook, request)

    def exchange_finished(self, request: RequestHead, summary: Summary) -> None:
        """Tell that an exchange is over."""
        for step in self._ends:
            self._tell(step, request, step.hook, request, summary)

    def follow(self, before: Chain) -> None:
        """Let the policies of this chain take over from those of the same name and class that served until now."""
        earlier = {policy.name: policy for policy in before.policies}
        for policy in self.policies:
            other = earlier.get(policy.name, policy)
            if other is not policy and type(other) is type(policy):
                try:
                    policy.replaces(other)
                except Exception as error:  # noqa: BLE001 - as above
                    self._count(policy.name, error)

    def readings(self) -> Iterator[Reading]:
        """Read the policies' metrics; one that cannot be read is reported and left out."""
        for policy in self.policies:
            try:
                yield from [Reading(policy.name, metric, float(metric.read())) for metric in policy.metrics()]
            except Exception as error:  # noqa: BLE001, PERF203 - as above
                self._count(policy.name, error)

    def abandoned(self, step: Step, request: RequestHead, wait: Wait) -> bool:
        """Tell a policy that nobody waits for its ticket; gives whether anybody did until now."""
        if not wait.ticket.abandon():
            return False
        self._tell(step, request, step.policy.abandoned, wait.ticket)
        return True

    def go_on(self, request: RequestHead, step: Step, verdict: Verdict, outcome: Outcome) -> Outcome | Waiting:
        """Ask those after ``step``, whose ticket was decided with ``verdict``."""
        try:
            outcome = with_verdict(outcome, step.name, verdict)
        except Exception as error:  # noqa: BLE001 - as above
            outcome = self._failed(step, error, request, outcome)
        return outcome if outcome.rejection is not None else self.request_received(request, step.rest, outcome)

    def _tell(self, step: Step, request: RequestHead, hook: Callable[..., Any], *arguments: Any) -> None:
        try:
            hook(*arguments)
        except Exception as error:  # noqa: BLE001 - as above
            self._count(step.name, error, request.id)

    def _failed(self, step: Step, error: Exception, request: RequestHead, outcome: Outcome) -> Outcome:
        self._count(step.name, error, request.id)
        if not step.policy.fail_closed:
            return outcome
        sentence = f"The policy {step.name} failed, and nothing passes without it."
        return with_rejection(outcome, Rejection(503, sentence), step.name)

    def _count(self, name: str, error: Exception, exchange_id: str = "-") -> None:
        self.failures[name] += 1
        self._report(name, error, exchange_id)


def _steps(policies: Sequence[Policy], *hooks: str) -> tuple[Step, ...]:
    """Find the policies that override one of these hooks, in their order: the others are never called."""
    steps: tuple[Step, ...] = ()
    for policy in reversed(policies):
        for hook in reversed(hooks):
            if getattr(type(policy), hook) is not getattr(Policy, hook):
                by_class = hook == "request_classified"
                steps = (Step(policy, policy.name, getattr(policy, hook), steps, by_class), *steps)
    return steps


def _silence(name: str, error: Exception, exchange_id: str) -> None:
    """Report nothing."""
