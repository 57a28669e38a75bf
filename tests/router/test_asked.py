"""Bodies of requests: exactly as documented, or refused in a sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from webproxy.router.asked import Asked, Malformed, read
from webproxy.router.proof import encoded

SOUND: dict[str, Any] = {
    "machine": encoded(b"k" * 32),
    "port": 12345,
    "label": "app",
    "nonce": "n" * 32,
    "signature": encoded(b"s" * 64),
}


def renewal(**other: Any) -> bytes:
    said = {**SOUND, **other}
    del said["label"]
    return json.dumps(said).encode()


def test_what_is_sound_is_read() -> None:
    assert read("challenge", b"{}") == Asked("challenge")
    whole = Asked("register", b"k" * 32, 12345, "app", "n" * 32, b"s" * 64)
    assert read("register", json.dumps(SOUND).encode()) == whole
    assert read("renew", renewal()) == whole._replace(does="renew", label="")
    assert read("release", renewal()).does == "release"
    assert read("renew", renewal(internal="8080")) == whole._replace(does="renew", label="", internal="8080")
    assert read("register", json.dumps({**SOUND, "internal": ""}).encode()).internal == ""


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[" * 3000, "no JSON"),
        (b"[]", "no JSON object"),
        (b'{"port": 1, "port": 2}', "no JSON"),
        (b"{}", "the members of renew are machine, nonce, port, signature"),
        (json.dumps(SOUND).encode(), "the members of renew are"),
        (renewal(address="10.0.0.1"), "the members of renew are"),
        (renewal(internal=8080), "internal is a short text"),
        (renewal(port=True), "port is a number"),
        (renewal(port=0), "port is a number"),
        (renewal(port=65536), "port is a number"),
        (renewal(port="12345"), "port is a number"),
        (renewal(machine=encoded(b"k" * 31)), "machine is 32 bytes"),
        (renewal(signature="!" * 86), "signature is 64 bytes"),
        (renewal(nonce=5), "nonce is a short text"),
        (renewal(nonce="n" * 129), "nonce is a short text"),
        (renewal(nonce="a\nb"), "nonce is a short text"),
    ],
)
def test_what_is_not(body: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        read("renew", body)


def test_a_challenge_takes_nothing() -> None:
    with pytest.raises(Malformed, match="the members of challenge are none"):
        read("challenge", b'{"port": 1}')
