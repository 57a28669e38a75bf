"""API keys: what they look like, and the file that holds their hashes.

Rule of this file: a key is 256 random bits, so a plain hash of it is safe to keep and quick to compare; the key itself
is shown once, when it is made, and kept nowhere. A line of the file is ``name hash expiry note``.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from hashlib import sha256
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from webproxy.access.wrong_lines import WrongLine, WrongLinesError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PREFIX = b"wpk_"
"""How every key begins: so that scanners for leaked secrets and we know one when we see it."""

BITS = 256

HEAD = "# API keys of webproxy, a line each: name, SHA-256 of the key, when it expires (or never), a note.\n"

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 43  # digits of base 62 that hold 256 bits
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_HASH = re.compile(r"[0-9a-f]{64}")
_NEVER = "never"
_FORM = "%Y-%m-%dT%H:%M:%SZ"


class Key(NamedTuple):
    """What is known of a key.

    :ivar name: whose or what it is for.
    :ivar digest: SHA-256 of the key, 32 bytes.
    :ivar expires: seconds since the epoch; ``math.inf``: never.
    :ivar note: the operator's remark.
    """

    name: str
    digest: bytes
    expires: float = inf
    note: str = ""


def key_of(number: int) -> bytes:
    """Write a random number as a key: letters and digits only, so that a double click takes all of it.

    :param number: of :data:`BITS` bits, from a source fit for secrets.
    """
    digits = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, 62)
        digits.append(_DIGITS[digit])
    return PREFIX + "".join(reversed(digits)).encode()


def looks_like_key(value: bytes) -> bool:
    """Tell whether ``value`` is, or was meant to be, one of ours: none of it goes on to the internal service."""
    return value.startswith(PREFIX)


def digest_of(key: bytes) -> bytes:
    """Give what is kept of a key."""
    return sha256(key).digest()


def parse(data: bytes) -> list[Key]:
    """Read a file of keys.

    :param data: its content; empty lines and those that begin with ``#`` say nothing.
    :returns: the keys in the file's order, those that have expired as well.
    :raises WrongLinesError: lines that cannot be used, all of them.
    """
    keys: dict[str, Key] = {}
    wrong: list[WrongLine] = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip() or line.lstrip().startswith(b"#"):
            continue
        try:
            key = _key(line.decode(), keys)
        except UnicodeDecodeError:
            wrong.append(WrongLine(number, "is not UTF-8", "save the file as UTF-8"))
        except ValueError as fault:
            wrong.append(WrongLine(number, *fault.args))
        else:
            keys[key.name] = key
    if wrong:
        raise WrongLinesError(wrong)
    return list(keys.values())


def format_keys(keys: Iterable[Key]) -> bytes:
    """Write a file of keys."""
    return (HEAD + "".join(f"{_line(key)}\n" for key in keys)).encode()


def is_name(text: str) -> bool:
    """Tell whether a key may be called so."""
    return _NAME.fullmatch(text) is not None


def expiry_written(expires: float) -> str:
    """Write when a key expires: ``never``, or UTC to the second."""
    return _NEVER if expires == inf else datetime.fromtimestamp(expires, timezone.utc).strftime(_FORM)


def _line(key: Key) -> str:
    return f"{key.name} {key.digest.hex()} {expiry_written(key.expires)} {key.note}".rstrip()


def _key(line: str, before: Mapping[str, Key]) -> Key:
    """Read a line.

    :raises ValueError: it is none, with what is wrong and what would be right.
    """
    name, kept, expires, note = (*line.split(None, 3), "", "", "", "")[:4]
    if not is_name(name) or not _HASH.fullmatch(kept):
        raise ValueError("is not a key: name, hash, expiry and note", "add keys with webproxy key add")
    if name in before:
        raise ValueError(f"the key {name} stands in the file twice", "revoke it, and add it anew")
    return Key(name, bytes.fromhex(kept), _expiry(name, expires), note.rstrip())


def _expiry(name: str, text: str) -> float:
    if text == _NEVER:
        return inf
    try:
        return datetime.strptime(text, _FORM).replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        raise ValueError(
            f"the key {name} expires at a time that is none", f"write {_NEVER}, or 2027-01-31T12:00:00Z"
        ) from None
