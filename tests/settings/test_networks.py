"""Networks of peers whose word counts."""

from __future__ import annotations

import pytest

from webproxy.net.address import Networks
from webproxy.settings.networks import network
from webproxy.settings.wrong import TextError


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/8"),
        ("2001:DB8::/32", "2001:db8::/32"),
        ("::1", "::1/128"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("::/0", "::/0"),
    ],
)
def test_a_network_or_an_address(text: str, read: str) -> None:
    assert network(text) == read
    assert read.partition("/")[0] in Networks((network(text),))


@pytest.mark.parametrize(
    ("text", "what", "right"),
    [
        ("10.0.0.7/8", "10.0.0.7/8 is an address inside of a network", "write 10.0.0.0/8 or 10.0.0.7"),
        ("10.0.0.0/8,192.0.2.7", "'10.0.0.0/8,192.0.2.7' names several", "give the option once for each"),
        ("10.0.0.1 10.0.0.2", "'10.0.0.1 10.0.0.2' names several", "give the option once for each"),
        ("10.0.0.0/33", "'10.0.0.0/33' is not a network", "give an address or a network"),
        ("lb.example", "'lb.example' is not a network", "give an address or a network"),
        ("localhost", "'localhost' is not a network", "give 127.0.0.1, ::1, or both"),
        ("", "'' is not a network", "0.0.0.0/0 and ::/0 are everybody"),
        ("*", "'*' is not a network", "0.0.0.0/0 and ::/0 are everybody"),
        ("192.0.2.7:80", "'192.0.2.7:80' is not a network", "give the address alone, without brackets and port"),
        ("[::1]", "'[::1]' is not a network", "give the address alone, without brackets and port"),
        ("fe80::1%eth0", "'fe80::1%eth0' has a zone, which a peer's address has not", "write fe80::1"),
        ("::ffff:10.0.0.0/104", "::ffff:10.0.0.0/104 is IPv4 written as IPv6", "write 10.0.0.0/8"),
        ("::ffff:10.0.0.7.8", "'::ffff:10.0.0.7.8' is not a network", "write the IPv4 address alone"),
    ],
)
def test_what_is_none(text: str, what: str, right: str) -> None:
    with pytest.raises(TextError) as caught:
        network(text)
    assert caught.value.what == what
    assert right in caught.value.right
