"""The internal service's own credential."""

from __future__ import annotations

from tests.guarded import KEY, Guarded, asking, basic, fields
from tests.scripted import Scripted
from webproxy.access.secret import Secret
from webproxy.policy import Changes, Verdict
from webproxy.policy.chain import Chain
from webproxy.resources.http_auth import HTTPAuth
from webproxy.resources.policed import Policed
from webproxy.resources.upstream_login import UpstreamLogin

SECRET = Secret(b"Bearer sEcReT")


def test_the_service_gets_it_in_place_of_what_clients_write() -> None:
    wire = Guarded()
    wire.site.root = UpstreamLogin(SECRET, wire.forward)
    for lines in ((), (b"Authorization: Bearer own",), (basic("a", "b"), b"authorization: x")):
        seen = wire.lets_in(wire.asks(*lines))
        assert fields(seen, b"Authorization") == [b"Bearer sEcReT"]


def test_it_stands_beside_the_users_name_and_is_remembered_nowhere() -> None:
    wire = Guarded(forward_user=True)
    wire.site.root = HTTPAuth(wire.guard, UpstreamLogin(SECRET, wire.forward))
    client = wire.asks(b"X-API-Key: " + KEY)
    for _ in range(4):
        seen = wire.lets_in(client)
        assert fields(seen, b"Authorization") == [b"Bearer sEcReT"]
        assert fields(seen, b"X-Forwarded-User") == [b"ci"]
        client.says(asking(b"X-API-Key: " + KEY))
    assert client.protocol.shown
    assert b"sEcReT" not in client.protocol.remembered[2]
    assert "sEcReT" not in repr(client.protocol.request)


def test_what_a_policy_says_of_the_same_field_holds() -> None:
    wire = Guarded(forward_user=True)
    changes = Verdict(upstream=Changes([("authorization", "Bearer theirs")], ["Authorization"]))
    policed = Policed(Chain([Scripted(changes)]), wire.forward)
    wire.site.root = HTTPAuth(wire.guard, UpstreamLogin(SECRET, policed))
    seen = wire.lets_in(wire.asks(b"X-API-Key: " + KEY))
    assert fields(seen, b"Authorization") == [b"Bearer theirs"]
    assert fields(seen, b"X-Forwarded-User") == [b"ci"]
