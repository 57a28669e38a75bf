"""By default nobody's word is taken."""

from __future__ import annotations

from webproxy.downstream.trust import Trust
from webproxy.net.destination import Tcp
from webproxy.settings.model import Settings


def test_by_default_nobody_is_trusted() -> None:
    assert "127.0.0.1" not in Trust().http
    assert "127.0.0.1" not in Trust().layer_4


def test_routers_speak_for_their_clients_and_are_no_http_proxies() -> None:
    settings = Settings(
        internal=(Tcp("127.0.0.1", 8080),), port=12345, trust=("192.0.2.0/24",), proxy_protocol=("10.0.0.5/32",)
    )
    trust = Trust.of(settings, ["10.0.0.2"])
    assert all(peer in trust.layer_4 for peer in ("10.0.0.2", "10.0.0.5"))
    assert "10.0.0.2" not in trust.http
    assert "192.0.2.1" in trust.http
    assert "10.0.0.2" not in Trust.of(settings).layer_4
