"""Which groups a handshake may agree on, in memory, on both kinds of contexts."""

from __future__ import annotations

import contextlib
import ctypes
import ssl
import sys
from types import ModuleType
from typing import TYPE_CHECKING

from OpenSSL import SSL

from tests.integration.edge import certificate
from webproxy.net import tls_groups
from webproxy.net.tls import server_context
from webproxy.net.tls_groups import ELLIPTIC, HYBRID, groups_of, restrict

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

ALLOWED = ("X25519", "prime256v1", "secp384r1")
REFUSED = ("X448", "secp521r1")

Bytes = tuple[ssl.MemoryBIO, ssl.MemoryBIO]


def client(group: str) -> tuple[ssl.SSLObject, Bytes]:
    """A client that knows one group only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3  # before, the certificate's own group must be among them
    # its own set_ecdh_curve knows no X25519 and no X448 where OpenSSL is 3.0
    control = tls_groups._control(sys.modules["_ssl"])
    assert control is not None
    pointer = ctypes.c_void_p.from_address(id(context) + object.__basicsize__)
    assert control(pointer, tls_groups._SET_GROUPS_LIST, 0, group.encode())
    ways = ssl.MemoryBIO(), ssl.MemoryBIO()
    return context.wrap_bio(*ways), ways


def agree(context: ssl.SSLContext, group: str) -> bool:
    """Whether a handshake comes about."""
    one, (to_client, to_server) = client(group)
    server = context.wrap_bio(to_server, to_client, server_side=True)
    with contextlib.suppress(ssl.SSLError):
        for side in (one, server) * 4:
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
        return one.cipher() is not None
    return False


def agree_portably(context: SSL.Context, group: str) -> bool:
    one, (to_client, to_server) = client(group)
    server = SSL.Connection(context)
    server.set_accept_state()
    with contextlib.suppress(ssl.SSLError, SSL.Error):
        for _ in range(4):
            with contextlib.suppress(ssl.SSLWantReadError):
                one.do_handshake()
            if data := to_server.read():
                server.bio_write(data)
            with contextlib.suppress(SSL.WantReadError):
                server.do_handshake()
            with contextlib.suppress(SSL.WantReadError):
                to_client.write(server.bio_read(1 << 16))
        return one.cipher() is not None
    return False


def test_those_of_mozilla_and_no_others(tmp_path: Path) -> None:
    made = server_context(*certificate(tmp_path, "a.example"))
    portable = made.portable()
    for group in ALLOWED:
        assert agree(made.native, group)
        assert agree_portably(portable, group)
    for group in REFUSED:
        assert not agree(made.native, group)
        assert not agree_portably(portable, group)


def test_an_openssl_that_has_it_prefers_the_hybrid_group() -> None:
    assert groups_of((3, 0)) == ELLIPTIC
    assert groups_of((3, 5)) == groups_of((4, 0)) == HYBRID


def test_where_it_cannot_be_set_openssl_s_own_choice_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(tmp_path, "a.example"))
    monkeypatch.setattr(tls_groups, "_ssl", ModuleType("_ssl"))  # linked in: there is no file
    assert not restrict(context)
    monkeypatch.undo()
    monkeypatch.setattr(tls_groups, "_KNOWN", False)
    assert not restrict(context)
    assert agree(context, "X448")


def test_it_can_be_set_here() -> None:
    assert sys.implementation.name != "cpython" or restrict(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
