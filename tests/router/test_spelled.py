"""Texts of options: a domain, an address, a port."""

from __future__ import annotations

import pytest

from webproxy.router.spelled import address, domain, port_or_none
from webproxy.settings.wrong import TextError


def test_what_is_meant() -> None:
    assert domain("*.Secure.Example.com.") == "secure.example.com"
    assert address("2001:DB8::0") == "2001:db8::"
    assert (port_or_none("none"), port_or_none("53")) == (None, 53)


@pytest.mark.parametrize(
    ("read", "text"),
    [(domain, "localhost"), (domain, "a.b.1"), (domain, "-a.b"), (address, "10.0.0.0/8"), (port_or_none, "no")],
)
def test_what_is_wrong(read: object, text: str) -> None:
    assert callable(read)
    with pytest.raises(TextError):
        read(text)
