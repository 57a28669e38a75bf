"""ClientHellos of OpenSSL and of GnuTLS-like makers, whole and in pieces, and everything that is none."""

from __future__ import annotations

import contextlib
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.router.client_hello import LARGEST, ClientHello, NoClientHello, read


def hello(name: str | None = "myapp-husky-delta.secure.example.com", alpn: tuple[str, ...] = ("http/1.1",)) -> bytes:
    """What OpenSSL says first."""
    context = ssl.create_default_context()
    context.check_hostname = name is not None
    if alpn:
        context.set_alpn_protocols(list(alpn))
    said = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), said, server_hostname=name)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return said.read()


def vector(size: int, data: bytes) -> bytes:
    return len(data).to_bytes(size, "big") + data


def made(extensions: bytes | None = b"", *, kind: int = 1) -> bytes:
    """A ClientHello by hand."""
    body = b"\3\3" + bytes(32) + vector(1, b"") + vector(2, b"\x13\x01") + vector(1, b"\0")
    if extensions is not None:
        body += vector(2, extensions)
    return records(bytes((kind,)) + vector(3, body))


def records(message: bytes, size: int = 16384) -> bytes:
    pieces = [message[at : at + size] for at in range(0, len(message), size)]
    return b"".join(b"\x16\3\1" + vector(2, piece) for piece in pieces)


def named(*names: tuple[int, bytes]) -> bytes:
    """The extension server_name."""
    listed = b"".join(bytes((kind,)) + vector(2, name) for kind, name in names)
    return b"\0\0" + vector(2, vector(2, listed))


def test_what_openssl_says() -> None:
    assert read(hello()) == ClientHello(b"myapp-husky-delta.secure.example.com", (b"http/1.1",))
    assert read(hello(None, ())) == ClientHello(b"", ())
    assert read(hello("A.EXAMPLE", ("h2", "http/1.1"))) == ClientHello(b"a.example", (b"h2", b"http/1.1"))


def test_it_comes_byte_by_byte_and_in_many_records() -> None:
    whole = hello()
    assert all(read(whole[:size]) is None for size in range(len(whole)))
    assert read(whole + b"more") == read(whole)
    message = whole[5:]
    for size in (1, 3, 4, 100):
        torn = records(message, size)
        assert read(torn) == read(whole)
        assert read(torn[:-1]) is None


def test_without_extensions() -> None:
    assert read(made(None)) == read(made()) == ClientHello(b"", ())


def test_other_kinds_of_names_are_passed_over() -> None:
    assert read(made(named((7, b"x"), (0, b"A.example")))) == ClientHello(b"a.example", ())


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n",
        b"\x16\2",
        b"\x15\3\3\0\2\2\x28",
        b"\x16\3\1\0\0",
        b"\x16\3\1\xff\xff",
        made(kind=2),
        records(b"\1" + (LARGEST + 1).to_bytes(3, "big")),
        records(b"\1" + vector(3, b"\3\3" + bytes(31))),
        records(b"\1" + vector(3, b"\3\3" + bytes(32) + b"\xff")),
        made(named((0, b"a.example"), (0, b"b.example"))),
        made(named((0, b"a.example")) + named((0, b"a.example"))),
        made(named((0, b""))),
        made(named((0, b"a..example"))),
        made(named((0, b"a.example."))),
        made(named((0, b"a b.example"))),
        made(named((0, b"\xc3\xa4.example"))),
        made(named((0, b"x" * 64 + b".example"))),
        made(named((0, b".".join([b"x" * 60] * 5)))),
        made(b"\0\0\0\5\0"),
        made(b"\0\x10\0\3\0\1\5"),
    ],
    ids=lambda data: repr(data[:24]),
)
def test_what_is_none(data: bytes) -> None:
    with pytest.raises(NoClientHello):
        read(data)


def test_one_that_never_ends_is_given_up() -> None:
    endless = records(b"\1" + (LARGEST - 100).to_bytes(3, "big") + bytes(LARGEST - 200), 1)
    with pytest.raises(NoClientHello):
        read(endless[: LARGEST + 1])


WHOLE = hello()


@given(st.binary(max_size=300))
def test_any_bytes_behind_a_sound_beginning(data: bytes) -> None:
    for beginning in (b"", b"\x16\3\1", WHOLE[:60]):
        with contextlib.suppress(NoClientHello):
            read(beginning + data)


@given(st.data())
def test_one_byte_changed(data: st.DataObject) -> None:
    whole = bytearray(WHOLE)
    whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(NoClientHello):
        read(bytes(whole))
