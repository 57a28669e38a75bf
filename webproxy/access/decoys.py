"""What the password of a user that does not exist is compared with, so that it takes as long as any other.

Rule of this file: unknown names have the costs of the known ones, in the same shares, and each always the same one:
whoever asks twice learns nothing.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# A salt and a digest as bcrypt writes them (22 and 31 characters). No password is known to give it; if one were, it
# would still open nothing.
_REST = b"$" + b"K" * 21 + b"e" + b"w" * 30 + b"e"


class Decoys:
    """Hashes for unknown users.

    :param hashes: those of the known ones.
    :param key: secret, so that nobody can reckon which cost a name will have.
    """

    def __init__(self, hashes: Iterable[bytes], key: bytes) -> None:
        self._heads = sorted(known[:6] for known in hashes)  # "$2b$10"
        self._key = key

    def hash_for(self, user: bytes) -> bytes | None:
        """Give a hash to compare with; ``None`` when there are no users at all, and nothing to hide."""
        heads = self._heads
        if not heads:
            return None
        number = int.from_bytes(blake2b(user, digest_size=8, key=self._key).digest(), "big")
        return heads[number % len(heads)] + _REST
