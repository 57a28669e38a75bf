"""What the tests of a policy need: heads to ask about, a chain to ask, the conformance suite, a proxy that runs.

What a policy promises to those who use it is shown between sockets, with a service in the test's hands::

    from webproxy.testing import PolicyConformance, Service, judge, request, serving

    class TestRenders(PolicyConformance):
        def make_policy(self) -> Renders:
            return Renders()

    def test_renders_may_take_long() -> None:
        assert judge(Renders(), request("GET", "/render/7")).traffic_class.name == "PATIENT"

    def test_a_render_reaches_the_service() -> None:
        renders = {"renders": "acme_renders:Renders"}
        with Service() as service, serving(service.address, "--policy", "renders", policies=renders) as proxy:
            client = proxy.client().asks("GET", "/render/7")
            service.next().answer(b"done")
            assert client.hears().read() == b"done"
"""

from __future__ import annotations

from webproxy.testing.client import Client
from webproxy.testing.conformance import PolicyConformance
from webproxy.testing.heads import request, response
from webproxy.testing.judging import chain_of, judge
from webproxy.testing.service import Asked, Service
from webproxy.testing.serving import Serving, serving
from webproxy.testing.spellings import spellings

__all__ = [
    "Asked",
    "Client",
    "PolicyConformance",
    "Service",
    "Serving",
    "chain_of",
    "judge",
    "request",
    "response",
    "serving",
    "spellings",
]
