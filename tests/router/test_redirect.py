"""Port 80: what it answers, decided from values; and that nobody stays."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from webproxy.router import redirect
from webproxy.router.redirect import LARGEST, Redirect, answer


def ours(host: str) -> bool:
    return host == "app.example.com"


def said(target: str, host: str | None = "app.example.com", port: int = 443) -> tuple[bytes, bytes | None]:
    fields = "" if host is None else f"Host: {host}\r\n"
    lines = answer(f"GET {target} HTTP/1.1\r\n{fields}\r\n".encode("latin-1"), ours, port).split(b"\r\n")
    locations = [line.removeprefix(b"Location: ") for line in lines if line.startswith(b"Location")]
    return lines[0].split()[1], locations[0] if locations else None


def test_ours_are_sent_to_https() -> None:
    assert said("/a?b=c") == (b"308", b"https://app.example.com/a?b=c")
    assert said("/", "APP.example.com:80") == (b"308", b"https://app.example.com/")
    assert said("/", port=8443) == (b"308", b"https://app.example.com:8443/")
    assert said("http://app.example.com/x", "other.example.com") == (b"308", b"https://app.example.com/x")


@pytest.mark.parametrize("host", ["other.example.com", "app.example.com.", "[::1]", "", "app.example.com\x0bx", "é"])
def test_others_are_not(host: str) -> None:
    assert said("/", host) == (b"404", None)


@pytest.mark.parametrize(("target", "host"), [("*", "app.example.com"), ("/a b", "app.example.com"), ("/", None)])
def test_what_is_no_request(target: str, host: str | None) -> None:
    assert said(target, host) == (b"400", None)


def test_rfc8555_8_3_proofs_are_answered_and_never_sent_on() -> None:
    def proof(host: str, token: str) -> str | None:
        return "abc.key" if (host, token) == ("app.example.com", "abc") else None

    def asked(path: str, host: str = "app.example.com") -> tuple[bytes, bytes]:
        head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        said = answer(head, ours, 443, proof)
        return said.split()[1], said.partition(b"\r\n\r\n")[2]

    assert asked("/.well-known/acme-challenge/abc") == (b"200", b"abc.key")
    assert asked("/.well-known/acme-challenge/abc", "APP.example.com:80") == (b"200", b"abc.key")
    for path, host in (
        ("/.well-known/acme-challenge/abd", "app.example.com"),
        ("/.well-known/acme-challenge/", "app.example.com"),
        ("/.well-known/acme-challenge/abc", "other.example.com"),
    ):
        assert asked(path, host) == (b"404", b"Nobody waits for this proof.\n")
    assert said("/.well-known/acme-challenge/abc")[0] == b"404"


def test_two_hosts_are_no_request() -> None:
    head = b"GET / HTTP/1.1\r\nHost: app.example.com\r\nHost: app.example.com\r\n\r\n"
    assert answer(head, ours, 443).startswith(b"HTTP/1.1 400 ")


class Link(StringTransport):
    """A transport that remembers its end."""

    ended = ""

    def loseConnection(self) -> None:
        self.ended = self.ended or "closed"

    def abortConnection(self) -> None:
        self.ended = "aborted"


def visitor(factory: Redirect, host: str = "192.0.2.1") -> tuple[Any, Link]:
    protocol = factory.buildProtocol(IPv4Address("TCP", host, 5))
    link = Link()
    if protocol is not None:
        protocol.makeConnection(link)
    return protocol, link


def test_one_answer_and_the_end() -> None:
    clock = Clock()
    factory = Redirect(clock, ours, 443)
    protocol, link = visitor(factory)
    protocol.dataReceived(b"GET / HTTP/1.1\r\nHost: app.exa")
    assert not link.value()
    protocol.dataReceived(b"mple.com\r\n\r\n")
    protocol.dataReceived(b"GET / HTTP/1.1\r\n\r\n")
    assert link.value().count(b"HTTP/1.1 308 ") == link.value().count(b"HTTP/1.1 ") == 1
    assert link.ended == "closed"
    clock.advance(redirect.PATIENCE)
    assert link.ended == "aborted", "it does not take its answer"
    protocol.connectionLost()
    assert repr(factory) == "<Redirect connections=0>"


def test_who_says_too_much_or_nothing() -> None:
    clock = Clock()
    factory = Redirect(clock, ours, 443)
    protocol, link = visitor(factory)
    protocol.dataReceived(b"x" * (LARGEST + 1))
    assert link.value().startswith(b"HTTP/1.1 400 ")
    protocol.connectionLost()
    _, silent = visitor(factory)
    clock.advance(redirect.PATIENCE)
    assert silent.ended == "aborted"


def test_no_more_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redirect, "MOST", 3)
    monkeypatch.setattr(redirect, "EACH", 2)
    factory = Redirect(Clock(), ours, 443)
    first, _ = visitor(factory)
    visitor(factory)
    assert visitor(factory)[0] is None
    assert visitor(factory, "192.0.2.2")[0] is not None
    assert visitor(factory, "192.0.2.3")[0] is None
    first.connectionLost()
    assert visitor(factory)[0] is not None
