"""``--internal``: what it may say, and what people paste into it instead."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.net.destination import Destination, Tcp, Unix
from webproxy.settings.destinations import destinations
from webproxy.settings.wrong import TextError


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("8080", (Tcp("127.0.0.1", 8080), Tcp("::1", 8080))),
        ("localhost:8080", (Tcp("127.0.0.1", 8080), Tcp("::1", 8080))),
        ("127.0.0.1:8080", (Tcp("127.0.0.1", 8080),)),
        ("[::1]:8080", (Tcp("::1", 8080),)),
        ("[2001:DB8::0:1]:80", (Tcp("2001:db8::1", 80),)),
        ("gpu-box.internal:80", (Tcp("gpu-box.internal", 80),)),
        ("my_service:80", (Tcp("my_service", 80),)),
        ("unix:/run/service.sock", (Unix("/run/service.sock"),)),
        ("unix:/run/a:b", (Unix("/run/a:b"),)),
    ],
)
def test_reads_candidates_in_their_order(text: str, candidates: tuple[Destination, ...]) -> None:
    assert destinations(text) == candidates


@pytest.mark.parametrize(
    ("text", "what", "right"),
    [
        ("0", "0 is not a port", "ports go from 1 to 65535"),
        ("65536", "65536 is not a port", "ports go from 1 to 65535"),
        ("-8080", "'-8080' is not a port", "give a number from 1 to 65535"),
        ("127.0.0.1:http", "'http' is not a port", "give a number from 1 to 65535"),
        ("127.0.0.1:", "'' is not a port", "give a number from 1 to 65535"),
        ("127.0.0.1", "'127.0.0.1' names no port", "write a port"),
        ("gpu-box", "'gpu-box' names no port", "write a port"),
        ("", "'' names no port", "write a port"),
        (":8080", "':8080' names no host", "write a port"),
        ("my host:80", "'my host:80' names no host", "write a port"),
        ("user@host:80", "'user@host:80' names no host", "write a port"),
        ("::1:8080", "'::1:8080' could be read in two ways", "write an IPv6 address in brackets"),
        ("[127.0.0.1]:80", "'[127.0.0.1]:80' has no IPv6 address in its brackets", "write [::1]:8080"),
        ("127.0.0.256:80", "'127.0.0.256:80' has no IPv4 address before its port", "write 127.0.0.1:8080"),
        ("/run/x.sock", "'/run/x.sock' is a path", "for a Unix socket write unix:/run/x.sock"),
        ("unix:run/x.sock", "'unix:run/x.sock' is not an absolute path", "write unix:/path/to/socket"),
        ("unix:/" + "x" * 107, "is too long", "the path of a Unix socket has at most 107 bytes"),
        ("http://localhost:8080/ui", "is a URL", "give host and port alone: localhost:8080"),
        ("https://localhost:8443", "asks for TLS", "give the host:port where the service speaks plain HTTP"),
        ("ssl:127.0.0.1:8443", "asks for TLS", "the internal service is spoken to in plain HTTP; give host:port"),
        ("tls:8443", "asks for TLS", "the internal service is spoken to in plain HTTP; give host:port"),
    ],
)
def test_refuses(text: str, what: str, right: str) -> None:
    with pytest.raises(TextError) as caught:
        destinations(text)
    assert caught.value.what.endswith(what)
    assert caught.value.right.startswith(right)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(TextError):  # and no other error
        assert destinations(text)


@given(st.ip_addresses(), st.integers(1, 65535))
def test_reads_what_destinations_write(address: object, port: int) -> None:
    written = Tcp(str(address), port)
    assert destinations(str(written)) == (written,)
