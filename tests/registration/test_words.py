"""What is signed, and what of a reply is believed."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from webproxy.registration.words import (
    Lease,
    Padlock,
    Reply,
    UnsoundReply,
    encoded,
    lease_in,
    nonce_in,
    read_reply,
    signed,
)

GIVEN: dict[str, Any] = {
    "name": "app-fox-chi",
    "url": "https://app-fox-chi.secure.example.com",
    "routers": ["10.0.0.2"],
    "lease": 90,
    "renew": 30,
}


def test_what_is_signed_names_the_token_by_its_hash() -> None:
    digest = hashlib.sha256(b"secret").hexdigest()
    assert signed("register", "nonce", "secret", 12345, "app") == (
        b"webproxy-router 1\nregister\nnonce\n%b\n12345\napp\n" % digest.encode()
    )
    assert signed("renew", "nonce", "secret", 1).endswith(b"\n1\n\n")


def test_bytes_are_written_without_padding() -> None:
    assert encoded(b"\xff\xfe\xfd\xfc") == "__79_A"


def test_a_lease_is_read() -> None:
    assert lease_in(Reply(200, GIVEN)) == Lease(
        "app-fox-chi", "https://app-fox-chi.secure.example.com", ("10.0.0.2",), 90.0, 30.0
    )


def test_addresses_are_written_as_the_system_does_and_once() -> None:
    said = GIVEN | {"routers": ["2001:DB8::0:1", "10.0.0.2", "10.0.0.2"]}
    assert lease_in(Reply(200, said)).routers == ("10.0.0.2", "2001:db8::1")


def test_a_url_may_have_a_port() -> None:
    said = GIVEN | {"url": "https://app-fox-chi.secure.example.com:8443/"}
    assert lease_in(Reply(200, said)).url == "https://app-fox-chi.secure.example.com:8443"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("name", "other-fox-chi"),
        ("name", None),
        ("url", None),
        ("url", "http://app-fox-chi.secure.example.com"),
        ("url", "https://app-fox-chi.secure.example.com/path"),
        ("url", "https://app-fox-chi.secure.example.com\n"),
        ("url", "https://app-fox-chi.<script>"),
        ("routers", []),
        ("routers", "10.0.0.2"),
        ("routers", ["10.0.0.0/8"]),
        ("routers", ["0.0.0.0"]),
        ("routers", ["::"]),
        ("routers", ["224.0.0.1"]),
        ("routers", [167772162]),
        ("routers", ["10.0.0.2", None]),
        ("routers", ["10.0.0.2"] * 65),
        ("lease", 0),
        ("lease", None),
        ("lease", True),
        ("lease", float("nan")),
        ("lease", 1e9),
        ("renew", 90),
        ("renew", "30"),
    ],
)
def test_a_promise_that_cannot_be_held_is_none(member: str, value: object) -> None:
    with pytest.raises(UnsoundReply):
        lease_in(Reply(200, GIVEN | {member: value}))


@pytest.mark.parametrize("body", [b"", b"\xff", b"<html>", b"[" * 20000])
def test_what_is_no_json_is_no_reply(body: bytes) -> None:
    with pytest.raises(UnsoundReply, match="answered 404 without JSON: is that the router's control port"):
        read_reply(404, body)


def test_what_is_no_object_is_no_reply() -> None:
    with pytest.raises(UnsoundReply, match="without a JSON object"):
        read_reply(200, b"[]")


@pytest.mark.parametrize(("field", "seconds"), [(b"7", 7.0), (None, 0.0), (b"Wed, 21 Oct", 0.0), (b"9" * 400, 0.0)])
def test_how_long_to_wait(field: bytes | None, seconds: float) -> None:
    assert read_reply(429, b"{}", field).retry_after == seconds


def test_a_nonce_is_read() -> None:
    assert nonce_in(Reply(200, {"nonce": "abc", "nonce_seconds": 180})) == ("abc", 180.0)
    assert nonce_in(Reply(428, {"nonce": "abc"})) == ("abc", 30.0)


@pytest.mark.parametrize("said", [{}, {"nonce": ""}, {"nonce": "a\nb"}, {"nonce": "a" * 129}, {"nonce": "ä"}])
def test_what_is_no_nonce(said: dict[str, object]) -> None:
    assert nonce_in(Reply(200, said)) is None
    assert nonce_in(Reply(200, {"nonce": "abc", "nonce_seconds": "x"})) is None


def test_a_refusal_is_told_in_one_printable_line() -> None:
    assert Reply(403, {"error": "refused", "told": "not\nyours\x1b[31m"}).told == "not yours [31m"
    assert Reply(403, {}).told == "status 403"
    assert Reply(403, {"error": "refused"}).word == "refused"


@pytest.mark.parametrize(
    ("said", "padlock"),
    [
        ({"state": "active", "not_after": 5, "why": ""}, Padlock("active", 5.0)),
        (
            {"state": "failed", "not_after": None, "why": "it says:\nno"},
            Padlock("failed", None, "it says: no"),
        ),
        ({"state": "pending", "not_after": True, "why": 5}, Padlock("pending")),
        ({"state": "shiny"}, Padlock()),
        ("active", Padlock()),
        (None, Padlock()),
    ],
)
def test_a_certificate_is_shown_if_it_makes_sense(said: object, padlock: Padlock) -> None:
    assert lease_in(Reply(200, GIVEN | {"certificate": said})).padlock == padlock
