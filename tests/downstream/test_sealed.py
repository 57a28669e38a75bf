"""Connections whose client logs in with every request: known again, and nothing of the secret kept."""

from __future__ import annotations

import pytest

from tests.guarded import KEY, Guarded, asking, basic, fields
from tests.scripted import status

RIGHT = basic("ada", "right")


@pytest.mark.parametrize("line", [RIGHT, b"Authorization: Bearer " + KEY, b"X-API-Key: " + KEY])
def test_a_head_that_repeats_is_let_in_by_its_digest_until_its_credential_ends(line: bytes) -> None:
    wire = Guarded()
    client = wire.asks(line)
    wire.trials.happen()
    first = wire.lets_in(client)
    channel = client.protocol
    for known in (False, True, True):
        sealed = channel.sealed
        assert (sealed is not None) is known
        client.says(asking(line))
        seen = wire.lets_in(client)
        assert fields(seen, b"Authorization") == fields(seen, b"X-API-Key") == []
        assert len(seen) == len(first)
        assert not known or channel.sealed is sealed
    assert {record.user for record in wire.records} == {"ada" if line == RIGHT else "ci"}
    channel.sealed.grant.end()
    wire.ledger.keys.clear()
    wire.ledger.users.clear()
    client.says(asking(line))
    wire.trials.happen()
    assert status(client.sees()) == 401


def test_nothing_of_a_secret_is_remembered() -> None:
    wire = Guarded()
    client = wire.asks(b"X-API-Key: " + KEY)
    wire.lets_in(client)
    for _ in range(3):
        client.says(asking(b"X-API-Key: " + KEY))
        wire.lets_in(client)
    channel = client.protocol
    kept = repr(
        [getattr(channel, name, None) for kind in type(channel).__mro__ for name in getattr(kind, "__slots__", ())]
    )
    assert KEY.decode() not in kept
    assert all(KEY not in value for _, value in channel.sealed.head.fields)
    assert KEY not in channel.remembered[2]


def test_a_head_with_other_secrets_in_it_is_not_remembered() -> None:
    wire = Guarded()
    lines = (b"X-API-Key: " + KEY, b"Cookie: own=1")
    client = wire.asks(*lines)
    wire.lets_in(client)
    for _ in range(3):
        client.says(asking(*lines))
        assert fields(wire.lets_in(client), b"Cookie") == [b"own=1"]
    assert client.protocol.sealed is None


def test_other_settings_hold_for_heads_that_were_known() -> None:
    wire = Guarded()
    client = wire.asks(b"X-API-Key: " + KEY)
    wire.lets_in(client)
    for _ in range(2):
        client.says(asking(b"X-API-Key: " + KEY))
        wire.lets_in(client)
    assert client.protocol.sealed is not None
    wire.site.change(wire.site.root, idle=60.0, limits=wire.site.limits, trust=wire.site.trust)
    assert client.protocol.sealed is None
    client.says(asking(b"X-API-Key: " + KEY))
    assert KEY not in wire.lets_in(client)


def test_a_given_away_connection_and_an_open_proxy_know_nothing_of_seals() -> None:
    wire = Guarded()
    wire.site.sealing = None
    wire.site.root = wire.forward
    client = wire.asks(b"X-API-Key: " + KEY)
    assert KEY in wire.lets_in(client)
    assert not hasattr(client.protocol, "sealed")
