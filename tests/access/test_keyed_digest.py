"""Digests that need a key."""

from __future__ import annotations

from hashlib import blake2b

from webproxy.access.keyed_digest import KeyedDigest


def test_it_is_keyed_blake2b_and_may_be_asked_again() -> None:
    digest = KeyedDigest(b"k" * 32)
    for value in (b"", b"a", b"a" * 5000, b"a"):
        assert digest(value) == blake2b(value, key=b"k" * 32, digest_size=16).digest()
    assert KeyedDigest(b"l" * 32)(b"a") != digest(b"a")
