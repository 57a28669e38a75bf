"""How secrets are recognised without being kept: by a digest that nobody without the key can reckon.

Rule of this file: a key per process and per use, never written anywhere. 0.75 us for a field, 0.9 for a whole head.
"""

from __future__ import annotations

from hashlib import blake2b


class KeyedDigest:
    """A digest of 128 bits.

    :param key: 16 to 64 secret bytes.
    """

    __slots__ = ("_begin",)

    def __init__(self, key: bytes) -> None:
        self._begin = blake2b(key=key, digest_size=16).copy

    def __call__(self, value: bytes) -> bytes:
        """Reckon the digest of ``value``."""
        digest = self._begin()  # keyed beforehand: 0.2 us less
        digest.update(value)
        return digest.digest()
