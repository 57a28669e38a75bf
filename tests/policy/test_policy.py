"""A policy that overrides nothing says nothing."""

from __future__ import annotations

from webproxy.policy import Policy, Summary, Ticket, TrafficClass
from webproxy.testing import PolicyConformance, request, response


class Nothing(Policy):
    pass


class TestNothing(PolicyConformance):
    def make_policy(self) -> Nothing:
        return Nothing()


def test_every_hook_continues() -> None:
    policy = Nothing()
    assert policy.request_received(request()) is None
    assert policy.request_classified(request(), TrafficClass("LONG", 600.0)) is None
    assert policy.response_received(request(), response(), TrafficClass("DEFAULT", 60.0)) is None
    policy.tunnel_opened(request())
    policy.exchange_finished(request(), Summary())
    policy.abandoned(Ticket())
    policy.replaces(Nothing())
    assert not list(policy.metrics())
