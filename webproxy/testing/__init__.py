"""What the tests of a policy need: heads to ask about, a chain to ask, and the conformance suite.

::

    from webproxy.testing import PolicyConformance, judge, request

    class TestRenders(PolicyConformance):
        def make_policy(self) -> Renders:
            return Renders()

    def test_renders_may_take_long() -> None:
        assert judge(Renders(), request("GET", "/render/7")).traffic_class.name == "PATIENT"
"""

from __future__ import annotations

from webproxy.testing.conformance import PolicyConformance
from webproxy.testing.heads import request, response
from webproxy.testing.judging import chain_of, judge

__all__ = ["PolicyConformance", "chain_of", "judge", "request", "response"]
