"""Alerts, as OpenSSL reads them."""

from __future__ import annotations

import contextlib
import ssl

import pytest

from webproxy.router.alerts import INTERNAL_ERROR, NO_APPLICATION_PROTOCOL, UNRECOGNIZED_NAME


@pytest.mark.parametrize(
    ("alert", "words"),
    [
        (UNRECOGNIZED_NAME, "unrecognized name"),
        (INTERNAL_ERROR, "internal error"),
        (NO_APPLICATION_PROTOCOL, "no application protocol"),
    ],
)
def test_a_client_understands(alert: bytes, words: str) -> None:
    incoming = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(incoming, ssl.MemoryBIO(), server_hostname="a.example")
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    incoming.write(alert)
    with pytest.raises(ssl.SSLError) as caught:
        client.do_handshake()
    assert words in str(caught.value).lower().replace("_", " ")
