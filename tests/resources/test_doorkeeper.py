"""Requests of clients whose address may not come."""

from __future__ import annotations

from tests.guarded import KEY, Guarded, asking
from tests.scripted import status
from webproxy.downstream.doors import Doors
from webproxy.net.address import Networks
from webproxy.resources.doorkeeper import Doorkeeper

DOORS = Doors(deny=Networks(("198.51.100.0/24",)))


def wire(trusted: tuple[str, ...] = ()) -> Guarded:
    new = Guarded(trusted=trusted)
    new.site.root = Doorkeeper(DOORS, new.site.root)  # type: ignore[arg-type]
    return new


def test_of_those_a_trusted_proxy_speaks_for_each_is_judged_by_itself() -> None:
    scene = wire(trusted=("203.0.113.7",))
    scene.site.doors = Doors(allow=Networks(("192.0.2.0/24",)))  # the proxy's own address is no client's
    client = scene.client()
    for address, kept_out in ((b"198.51.100.1", True), (b"192.0.2.1", False), (b"198.51.100.1", True)):
        client.says(asking(b"X-API-Key: " + KEY, b"X-Forwarded-For: " + address))
        if kept_out:
            assert status(client.sees()) == 403
            assert (scene.records[-1].closed_by, scene.records[-1].user) == ("access", None)
        else:
            scene.lets_in(client)
    assert client.end == ""


def test_whoever_came_in_before_other_settings_held_is_kept_out_from_the_next_request_on() -> None:
    scene = wire()
    client = scene.asks(b"X-API-Key: " + KEY, host="198.51.100.9")
    assert (status(client.sees()), client.end) == (403, "closed")
