"""What the tests of the demo's page share: the service on a free port, and one browser for all of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import pytest_twisted

from tests.integration.browser import Browser
from webproxy.demo.site import make_site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from webproxy.demo.tally import Tallies


class Demo(NamedTuple):
    """The demo service on a free port, and its counts."""

    port: int
    tallies: Tallies

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


@pytest_twisted.async_yield_fixture
async def demo(reactor: Any) -> AsyncIterator[Demo]:
    site = make_site(reactor)
    listening = reactor.listenTCP(0, site, interface="127.0.0.1")
    yield Demo(listening.getHost().port, site.tallies)
    await listening.stopListening()


@pytest_twisted.async_yield_fixture(scope="module")
async def browser(reactor: Any) -> AsyncIterator[Browser]:
    browser = Browser(reactor)
    yield browser
    await browser.close()


@pytest.fixture(params=["relayed", "copied", "by Python"])
def way(request: pytest.FixtureRequest) -> str:
    """Which way large bodies take: through pipes, past Python but copied, or through transports and protocols."""
    return str(request.param)
