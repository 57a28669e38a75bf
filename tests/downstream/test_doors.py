"""Which addresses may come at all."""

from __future__ import annotations

import pytest

from tests.scripted import GET, status
from tests.wire import Wire
from webproxy.downstream.doors import Doors
from webproxy.net.address import Networks


def doors(allow: tuple[str, ...] = (), deny: tuple[str, ...] = ()) -> Doors:
    return Doors(allow=Networks(allow), deny=Networks(deny))


@pytest.mark.parametrize(
    ("given", "client", "may"),
    [
        (doors(), "192.0.2.1", True),
        (doors(), "", True),
        (doors(allow=("192.0.2.0/24",)), "192.0.2.1", True),
        (doors(allow=("192.0.2.0/24",)), "198.51.100.1", False),
        (doors(allow=("192.0.2.0/24",)), "2001:db8::1", False),
        (doors(allow=("192.0.2.0/24",)), "", False),
        (doors(deny=("192.0.2.0/24",)), "192.0.2.1", False),
        (doors(deny=("192.0.2.0/24",)), "2001:db8::1", True),
        (doors(allow=("192.0.2.0/24",), deny=("192.0.2.7/32",)), "192.0.2.7", False),
        (doors(allow=("2001:db8::/32",)), "2001:db8::1", True),
    ],
)
def test_deny_outweighs_allow(given: Doors, client: str, may: bool) -> None:
    assert (client in given) is may


def test_nobody_named_is_nobody_kept_out() -> None:
    assert not doors()
    assert doors(deny=("::/0",))
    assert doors(allow=("::/0",))


def test_a_connection_is_turned_away_before_it_says_a_word() -> None:
    wire = Wire()
    wire.site.doors = doors(deny=("203.0.113.0/24",))
    client = wire.client()
    answer = client.sees()
    assert (status(answer), client.end) == (403, "finished")
    assert b"clients of your address may not come in here" in answer
    client.says(GET)
    assert (client.sees(), wire.attempts) == (b"", 0)
    other = wire.client("198.51.100.1")
    other.says(GET)
    assert wire.attempts == 1


def test_the_peer_that_a_layer_4_proxy_names_counts() -> None:
    wire = Wire(layer_4=("198.51.100.1",))
    wire.site.doors = doors(allow=("203.0.113.0/24",))
    for source, attempts in ((b"192.0.2.1", 0), (b"203.0.113.9", 1)):
        client = wire.client("198.51.100.1")
        client.says(b"PROXY TCP4 " + source + b" 192.0.2.2 5 6\r\n" + GET)
        assert wire.attempts == attempts
