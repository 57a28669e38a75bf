"""The context of Twisted's own TLS; its handshakes are in test_tls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from OpenSSL import SSL

from tests.integration.edge import certificate
from webproxy.net.tls import ALPN, CIPHERS
from webproxy.net.tls_twisted import context

if TYPE_CHECKING:
    from pathlib import Path


def test_a_context_holds_the_certificate(tmp_path: Path) -> None:
    made = context(*certificate(tmp_path, "a.example"), CIPHERS, ALPN)
    connection = SSL.Connection(made, None)
    found = connection.get_certificate()
    assert found is not None
    assert "a.example" in found.to_cryptography().subject.rfc4514_string()
    assert all(name.startswith(("ECDHE-", "TLS_")) for name in connection.get_cipher_list())


def test_a_key_that_is_another_certificates(tmp_path: Path) -> None:
    first = certificate(tmp_path, "a.example")[0].read_bytes()
    files = certificate(tmp_path, "b.example")
    files[0].write_bytes(first)
    with pytest.raises(SSL.Error):
        context(*files, CIPHERS, ALPN)
