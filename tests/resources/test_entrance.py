"""What stands in front of the policies, and that nothing does where nothing is asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest_twisted

from tests.guarded import asking, basic
from tests.integration.live import Internal, live
from webproxy.access.secret import Secret
from webproxy.downstream.channel import Channel
from webproxy.downstream.sealed import SealedChannel
from webproxy.net.destination import Tcp
from webproxy.resources.chain import StreamingResource
from webproxy.resources.doorkeeper import Doorkeeper
from webproxy.resources.entrance import Entrance
from webproxy.resources.http_auth import HTTPAuth
from webproxy.resources.policed import Policed
from webproxy.resources.preflights import AnsweredPreflights, PassedPreflights
from webproxy.resources.upstream_login import UpstreamLogin
from webproxy.settings.credentials import CredentialSources
from webproxy.settings.model import Settings

if TYPE_CHECKING:
    from tests.integration.live import Live

OPEN = Settings(internal=(Tcp("127.0.0.1", 1),), port=12345)
ADA = CredentialSources(user="ada", password=Secret(b"right"))
PROTECTED = replace(OPEN, credentials=ADA)


def order(settings: Settings, reactor: Any) -> list[type]:
    found: Any = Entrance(settings, reactor).in_front_of(StreamingResource(), settings)
    kinds = []
    while type(found) is not StreamingResource:
        kinds.append(type(found))
        found = found.inner
    return kinds


def test_outermost_first(reactor: Any) -> None:
    secret = Secret(b"Bearer x")
    everything = replace(PROTECTED, cors_origins=("https://a",), deny=("::/0",), upstream_authorization=secret)
    assert order(OPEN, reactor) == []
    assert order(PROTECTED, reactor) == [HTTPAuth]
    assert order(everything, reactor) == [Doorkeeper, AnsweredPreflights, HTTPAuth, UpstreamLogin]
    assert order(replace(everything, preflight="pass", allow=("::/0",), deny=()), reactor)[1] is PassedPreflights
    assert order(replace(OPEN, upstream_authorization=secret), reactor) == [UpstreamLogin]


def test_it_says_whether_it_is_open(reactor: Any) -> None:
    assert repr(Entrance(OPEN, reactor)) == "<Entrance open>"
    assert repr(Entrance(PROTECTED, reactor)).startswith("<Entrance <Guard ")


@pytest_twisted.ensureDeferred
async def test_an_open_proxy_has_nothing_of_it(reactor: Any) -> None:
    async with live(reactor) as proxy:
        assert type(proxy.service.site.root) is Policed
        assert type(proxy.service.site.buildProtocol(None)) is Channel


async def asks(proxy: Live, *lines: bytes) -> bytes:
    client = await proxy.client()
    client.says(asking(*lines))
    head = await client.hears(b"\r\n\r\n")
    client.link.abortConnection()
    return head


@pytest_twisted.ensureDeferred
async def test_a_password_protects_and_lets_in_over_real_sockets(reactor: Any) -> None:
    class Answering(Internal):
        pass

    async with live(reactor, Answering(reactor), credentials=ADA, deny=("192.0.2.0/24",)) as proxy:
        assert type(proxy.service.site.buildProtocol(None)) is SealedChannel
        assert (await asks(proxy)).startswith(b"HTTP/1.1 401 ")
        assert (await asks(proxy, basic("ada", "wrong"))).startswith(b"HTTP/1.1 401 ")
        assert not proxy.internal.peers
        client = await proxy.client()
        client.says(asking(basic("ada", "right")))
        upstream = await proxy.internal.peer()
        assert b"uthorization" not in await upstream.hears(b"\r\n\r\n")
        upstream.says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await client.hears(b"\r\n\r\nok")
        proxy.service.apply(replace(proxy.service.settings, deny=("127.0.0.0/8",)))
        client.says(asking(basic("ada", "right")))
        assert (await client.hears(b"\r\n\r\n")).startswith(b"HTTP/1.1 403 ")
        assert (await asks(proxy, basic("ada", "right"))).startswith(b"HTTP/1.1 403 ")
