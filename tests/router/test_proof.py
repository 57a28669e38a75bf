"""The machine's proof: what is signed, and what does not count as signed."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from webproxy.router.proof import KEY, decoded, encoded, proved, signed

NONCE, TOKEN = "n" * 32, b"token"


def test_what_is_signed_is_as_documented() -> None:
    assert signed("register", NONCE, TOKEN, 12345, "app") == (
        b"webproxy-router 1\nregister\nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\n"
        b"3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0\n12345\napp\n"
    )
    assert signed("renew", NONCE, TOKEN, 1).endswith(b"\n1\n\n")


def test_only_the_key_itself_proves_it() -> None:
    key = Ed25519PrivateKey.generate()
    machine, what = key.public_key().public_bytes_raw(), signed("renew", NONCE, TOKEN, 12345)
    signature = key.sign(what)
    assert proved(machine, signature, what)
    assert not proved(machine, signature, signed("release", NONCE, TOKEN, 12345))
    assert not proved(machine, signature, signed("renew", NONCE, b"other", 12345))
    assert not proved(machine, signature, signed("renew", NONCE, TOKEN, 12346))
    assert not proved(Ed25519PrivateKey.generate().public_key().public_bytes_raw(), signature, what)
    assert not proved(machine, bytes(64), what)
    assert not proved(b"short", signature, what)


def test_bytes_are_written_in_one_way_only() -> None:
    data = bytes(range(240, 256)) * 2
    text = encoded(data)
    assert decoded(text, KEY) == data
    for other in (text + "=", text[:-1] + "9", text.replace("_", "/"), text[:-4], "ä" * 43, "", text + " "):
        with pytest.raises(ValueError, match="base64url"):
            decoded(other, KEY)
