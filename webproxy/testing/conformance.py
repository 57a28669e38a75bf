"""The conformance suite: what every policy owes the proxy, whatever it decides.

Rule of this file: each test states one duty, and says in a sentence how it was broken. It needs no test library:
derive a class from :class:`PolicyConformance`, name it ``Test...``, and pytest or unittest's loader finds the rest.
"""

from __future__ import annotations

import inspect
import statistics
import tracemalloc
from itertools import product
from time import perf_counter
from typing import TYPE_CHECKING

from webproxy.policy import Metric, Policy, Setting, Summary, TrafficClass, Verdict, Wait
from webproxy.testing.corpus import requests, responses
from webproxy.testing.heads import request
from webproxy.testing.judging import chain_of

if TYPE_CHECKING:
    from webproxy.policy.chain import Chain
    from webproxy.policy.outcome import Outcome
    from webproxy.policy.waiting import Waiting

HOOKS = (
    "request_received",
    "request_classified",
    "response_received",
    "tunnel_opened",
    "exchange_finished",
    "abandoned",
    "replaces",
    "metrics",
)

CLASSES = (TrafficClass("DEFAULT", 60.0), TrafficClass("LONG", 600.0), TrafficClass("OF-ANOTHER-POLICY", 1.0))


AT_ONCE = 0.001
"""How long a hook may take, in seconds. A proxy that serves thousands of requests a second has not even that."""

EXCHANGES = 2000
KEPT = 64.0
"""How many bytes a policy may keep of an exchange that is over; beyond what it keeps of its client."""


def check(right: object, sentence: str) -> None:
    """Fail with a sentence unless something is right.

    :raises AssertionError: it is not.
    """
    if not right:
        raise AssertionError(sentence)


class PolicyConformance:
    """Derive from it, and say how the policy is made."""

    def make_policy(self) -> Policy:
        """Make the policy as its users would, with settings that let requests through."""
        raise NotImplementedError(f"{type(self).__name__} does not say how its policy is made: define make_policy")

    def test_it_is_a_policy(self) -> None:
        """It is derived from Policy: hooks that come later have their default there."""
        policy = self.make_policy()
        check(isinstance(policy, Policy), f"{policy!r} is not derived from webproxy.policy.Policy")

    def test_its_settings_are_declared(self) -> None:
        """Settings are values of Setting, each name once, and every default can be read."""
        declared = type(self.make_policy()).settings
        names = [setting.name for setting in declared]
        check(all(isinstance(setting, Setting) for setting in declared), "settings holds something that is no Setting")
        check(len(set(names)) == len(names), f"a setting is declared twice: {', '.join(names)}")
        for setting in declared:
            if setting.default is not None:
                setting.parse(setting.default)

    def test_its_hooks_answer_at_once(self) -> None:
        """No hook is a coroutine, and none takes a millisecond."""
        policy = self.make_policy()
        for name in HOOKS:
            check(
                not inspect.iscoroutinefunction(getattr(policy, name)), f"{name} is a coroutine; hooks answer at once"
            )
        durations = [_time(policy) for _ in range(100)]
        median = statistics.median(durations)
        check(median < AT_ONCE, f"a request takes {median * 1000:.1f} ms; hooks answer at once")

    def test_it_lives_with_every_request(self) -> None:
        """Whatever is asked, it says a Verdict, a Wait, or None, and it raises nothing."""
        policy = self.make_policy()
        for asked, current in product(requests(), CLASSES):
            for said in (policy.request_received(asked), policy.request_classified(asked, current)):
                check(said is None or isinstance(said, Verdict | Wait), f"of {asked!r} it says {said!r}")
                _leave(policy, said)
            policy.exchange_finished(asked, Summary(status=200))

    def test_it_lives_with_every_answer(self) -> None:
        """Whatever is answered, it says a Verdict or None, and it raises nothing."""
        policy = self.make_policy()
        for answered in responses():
            said = policy.response_received(request(), answered, CLASSES[0])
            check(said is None or isinstance(said, Verdict), f"of {answered!r} it says {said!r}")

    def test_it_notes_tunnels_and_ends(self) -> None:
        """A tunnel opens and closes; and exchanges end that it never saw, for a policy before it had rejected them."""
        policy = self.make_policy()
        for asked in requests():
            policy.tunnel_opened(asked)
            policy.exchange_finished(asked, Summary(status=499, closed_by="client"))

    def test_its_metrics_can_be_read(self) -> None:
        """Each metric has a name of its own and gives a number, before and after an exchange; counters never fall."""
        policy = self.make_policy()
        before = _readings(policy)
        _time(policy)
        for name, after in _readings(policy).items():
            check(after[0] == "gauge" or after[1] >= before[name][1], f"the counter {name} has fallen")

    def test_it_lets_waiting_clients_leave(self) -> None:
        """Of many requests at once, those that wait are abandoned; afterwards it goes on as before."""
        chain = chain_of(self.make_policy())
        asked = [request(exchange_id=f"exchange-{number}") for number in range(100)]
        outcomes = [chain.request_received(one) for one in asked]
        for one, outcome in zip(asked, outcomes, strict=True):
            if not isinstance(outcome, tuple):
                outcome.abandon()
            chain.exchange_finished(one, Summary(status=499, closed_by="client"))
        first = _kind(outcomes[0])
        again = _kind(chain.request_received(request(exchange_id="exchange-101")))
        check(first == again, f"after 100 clients have left, a request is {again}; at first it was {first}")

    def test_it_takes_over_when_settings_change(self) -> None:
        """Another one takes over while an exchange runs; when that is over, it goes on as before."""
        before, after = chain_of(self.make_policy()), chain_of(self.make_policy())
        asked = request()
        outcome = before.request_received(asked)
        after.follow(before)
        if not isinstance(outcome, tuple):
            outcome.abandon()
        before.exchange_finished(asked, Summary(status=200))
        first, again = _kind(outcome), _kind(after.request_received(request(exchange_id="exchange-2")))
        check(first == again, f"after other settings have come, a request is {again}; at first it was {first}")

    def test_it_forgets_what_is_over(self) -> None:
        """Exchanges that are over leave nothing behind."""
        chain = chain_of(self.make_policy())
        _serve(chain, 0)
        started = not tracemalloc.is_tracing()
        if started:
            tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        _serve(chain, EXCHANGES)
        kept = (tracemalloc.get_traced_memory()[0] - before) / EXCHANGES
        if started:
            tracemalloc.stop()
        check(kept < KEPT, f"of every exchange that is over it keeps {kept:.0f} bytes; forget it in exchange_finished")


def _time(policy: Policy) -> float:
    """Say how many seconds a request takes."""
    asked = request("POST", "/v1/chat/completions", body=200)
    began = perf_counter()
    said = policy.request_received(asked), policy.request_classified(asked, CLASSES[0])
    took = perf_counter() - began
    for one in said:
        _leave(policy, one)
    policy.exchange_finished(asked, Summary(status=200))
    return took


def _leave(policy: Policy, said: Verdict | Wait | None) -> None:
    """Let the client leave, if it was told to wait."""
    if isinstance(said, Wait) and said.ticket.abandon():
        policy.abandoned(said.ticket)


def _readings(policy: Policy) -> dict[str, tuple[str, float]]:
    """Read kind and number of every metric."""
    metrics = list(policy.metrics())
    check(all(isinstance(metric, Metric) for metric in metrics), "metrics gives something that is no Metric")
    names = [metric.name for metric in metrics]
    check(len(set(names)) == len(names), f"a metric is named twice: {', '.join(names)}")
    return {metric.name: (metric.kind, float(metric.read())) for metric in metrics}


def _serve(chain: Chain, first: int) -> None:
    """Let exchanges of one client begin and end, one after the other."""
    for number in range(first, first + EXCHANGES):
        asked = request(exchange_id=f"exchange-{number}")
        outcome = chain.request_received(asked)
        if not isinstance(outcome, tuple):
            outcome.abandon()
        chain.exchange_finished(asked, Summary(status=200))


def _kind(outcome: Outcome | Waiting) -> str:
    """Say in a word what becomes of a request."""
    if not isinstance(outcome, tuple):
        return "kept waiting"
    return "let through" if outcome.rejection is None else "rejected"
