"""Files of users and their passwords' hashes, as Apache and nginx read them: ``name:hash``, one a line.

Rule of this file: bcrypt and nothing else. What others wrote there (MD5, SHA-1, crypt, the password itself) was made
to be fast, so whoever gets hold of the file gets hold of the passwords; such a line is refused with the command that
mends it.
"""

from __future__ import annotations

import re

from webproxy.access.wrong_lines import WrongLine, WrongLinesError

COST = 10
"""The cost of the hashes that we make: a password takes 50 ms."""

DEAREST = 15
"""The highest cost: a password takes two seconds there, and every step doubles that."""

LONGEST_NAME = 255
"""Bytes of a user's name."""

_BCRYPT = re.compile(rb"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

#: How hashes of other makes begin. {SHA} and {SSHA} are Apache's and LDAP's, the others crypt(5)'s.
_OTHERS = (
    (rb"\$apr1\$", "MD5"),
    (rb"\$1\$", "MD5"),
    (rb"\{S?SHA\}", "SHA-1"),
    (rb"\$5\$", "SHA-256"),
    (rb"\$6\$", "SHA-512"),
    (rb"\$argon2", "Argon2"),
    (rb"\$7\$|\$scrypt", "scrypt"),
    (rb"\$g?y\$", "yescrypt"),
    (rb"\$2x\$", "bcrypt with a known mistake in it ($2x$)"),
)


def parse(data: bytes, file: str = "FILE") -> dict[bytes, bytes]:
    """Read a file of users.

    :param data: the file's content; empty lines and those that begin with ``#`` say nothing.
    :param file: its path, for the commands that mend it.
    :returns: each user's hash, by name.
    :raises WrongLinesError: lines that cannot be used, all of them.
    """
    users: dict[bytes, bytes] = {}
    wrong: list[WrongLine] = []
    for number, line in enumerate(data.split(b"\n"), 1):
        text = line.strip()
        if not text or text.startswith(b"#"):
            continue
        name, colon, kept = text.partition(b":")
        fault = _without_name(name, colon) or _wrong_hash(name, kept, file)
        if fault is None and name in users:
            fault = (f"{shown(name)} stands in the file twice", "remove one of the two lines")
        if fault is not None:
            wrong.append(WrongLine(number, *fault))
        users[name] = kept
    if wrong:
        raise WrongLinesError(wrong)
    return users


def wrong_name(name: str) -> str | None:
    """Say what keeps ``name`` from being a user's; None if nothing does (RFC 7617 §2)."""
    if not name or name != name.strip():
        return "is empty" if not name else "begins or ends with a space"
    if ":" in name:
        return "contains a colon, which ends a name"
    if _CONTROL.search(name) or not name.isprintable():
        return "contains a control character"
    if name.startswith("#"):
        return "begins with #, as a remark does"
    return f"has more than {LONGEST_NAME} bytes" if len(name.encode()) > LONGEST_NAME else None


def with_user(data: bytes, name: bytes, kept: bytes) -> bytes:
    """Give a file's content with another hash for a user, or with one user more; other lines stay as they are."""
    lines = data.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    line = b"%b:%b" % (name, kept)
    places = [at for at, other in enumerate(lines) if other.strip().partition(b":")[0] == name]
    if places:
        lines[places[0]] = line
    else:
        lines.append(line)
    again = set(places[1:])
    return b"".join(b"%b\n" % other for at, other in enumerate(lines) if at not in again)


def shown(name: bytes) -> str:
    """Write a name for a sentence."""
    text = name.decode(errors="backslashreplace")
    return text if text.isprintable() else repr(text)


def _without_name(name: bytes, colon: bytes) -> tuple[str, str] | None:
    """Find a line that names nobody; it is not shown, for it may be a password."""
    if not colon:
        return "is not name:hash", "write users with webproxy passwd"
    if not name:
        return "names nobody", "write a name before the colon"
    try:
        fault = wrong_name(name.decode())
    except UnicodeDecodeError:
        return "has a name that is not UTF-8", "save the file as UTF-8"
    return None if fault is None else (f"has a name that {fault}", "give the user another name")


def _wrong_hash(name: bytes, kept: bytes, file: str) -> tuple[str, str] | None:
    who, mend = shown(name), f"set it anew: webproxy passwd {file} {shown(name)}"
    match = _BCRYPT.fullmatch(kept)
    if match is not None:
        cost = int(match[1])
        if 4 <= cost <= DEAREST:
            return None
        return f"the bcrypt cost of {who}'s password is {cost}, not 4 to {DEAREST}", mend
    if not kept:
        return f"{who} has no password", mend
    for beginning, called in _OTHERS:
        if re.match(beginning, kept):
            return f"{who}'s password is kept as {called}, and only bcrypt is safe enough", mend
    if kept.startswith(b"$2"):
        return f"the bcrypt hash of {who} is damaged: it is 60 characters long, and nothing follows it", mend
    return f"{who}'s password is not kept as bcrypt", mend
