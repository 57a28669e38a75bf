"""What several tests share: the demo service on a free port, one browser for all of a file, what the guides name."""

from __future__ import annotations

from configparser import ConfigParser
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import pytest_twisted

from tests.integration.browser import Browser
from tests.integration.edge import certificate
from tests.integration.guides import NAMED, ROOT
from webproxy.demo.site import make_site
from webproxy.settings.policies import installed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

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


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    """What stands for ``/etc/webproxy``."""
    for name, text in NAMED.items():
        (tmp_path / name).write_text(text)
    authority, _ = certificate(tmp_path, "router.internal")
    authority.rename(tmp_path / "router-ca.pem")
    return tmp_path


@pytest.fixture(scope="module")
def first_party(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The first-party policies, where they are not installed: what pip would write of them."""
    place = tmp_path_factory.mktemp("lent")
    there = {one.name for one in installed()}
    for setup in (ROOT / "policies").glob("*/setup.cfg"):
        said = ConfigParser()
        said.read(setup)
        if setup.parent.name not in there:
            metadata = place / f"{setup.parent.name}-0.dist-info"
            metadata.mkdir()
            (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {said['metadata']['name']}\nVersion: 0\n")
            entries = said["options.entry_points"]["webproxy.policies"]
            (metadata / "entry_points.txt").write_text(f"[webproxy.policies]{entries}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(place)
        yield
