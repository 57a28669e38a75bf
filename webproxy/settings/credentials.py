"""Where it is written who may come in: ``--user`` with a password, or ``--htpasswd``, and ``--keys``.

Rule of this file: texts -> a value; what the files hold is read by whoever guards the chain, again and again. A text
that may contain a password is never repeated.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from webproxy.access.htpasswd import wrong_name
from webproxy.access.secret import Secret
from webproxy.settings.wrong import TextError

if TYPE_CHECKING:
    from collections.abc import Callable

STDIN = "-"
"""As a file: standard input."""

_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")

LONGEST_LINE = 8192
"""Bytes of a file that holds one secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialSources:
    """Where credentials come from; at least one of user, htpasswd and keys.

    :param user: the name of the one user; empty: there is none of this kind.
    :param password: of that user; None until it has been obtained.
    :param password_file: where that is written: the absolute path of a file, ``-`` for standard input, or empty.
    :param htpasswd: the absolute path of a file of users, or empty.
    :param keys: the absolute path of a file of API keys, or empty.
    """

    user: str = ""
    password: Secret | None = None
    password_file: str = ""
    htpasswd: str = ""
    keys: str = ""


def credential_sources(values: dict[str, Any]) -> CredentialSources | None:
    """Take out of the parsed options what is said of credentials.

    :returns: None when nothing is: everybody may come in.
    """
    said = {name: values.pop(name) for name in ("user", "password-file", "htpasswd", "keys") if name in values}
    return CredentialSources(**{name.replace("-", "_"): value for name, value in said.items()}) if said else None


def user_name(text: str) -> str:
    """Read the one user's name.

    :raises TextError: no name that Basic can carry.
    """
    fault = wrong_name(text)
    if fault and ":" in text:
        raise TextError("a name has no colon in it", "give the name alone; the password comes with --password-file")
    if fault:
        raise TextError(f"the name {fault}", "give a name, as in anna")
    return text


def password_file(text: str) -> str:
    """Read where the one user's password is written.

    :returns: ``-`` or an absolute path.
    :raises TextError: there is no such file, or this user may not read it.
    """
    return text if text == STDIN else existing("one line with the password in it, chmod 600")(text)


def existing(mend: str) -> Callable[[str], str]:
    """Make the parser of the path of a file that must be there.

    :param mend: how the file is made; ``{}`` is its path.
    """

    def parse(text: str) -> str:
        """Read the path.

        :returns: an absolute path: a daemon changes its working directory.
        :raises TextError: not a file, or not readable for this user.
        """
        if not text or "\0" in text:
            raise TextError(f"{text!r} is no path", "give a file")
        path = Path(text).absolute()
        if path.is_dir():
            raise TextError(f"{path} is a folder", "give a file in it")
        if not path.exists():
            raise TextError(f"{path} does not exist", f"make it: {mend.format(path)}")
        if not os.access(path, os.R_OK):
            raise TextError(f"{path} cannot be read", "let this user read it, or give another file")
        return str(path)

    return parse


def upstream_authorization(text: str) -> Secret:
    """Read the file that holds what the internal service gets as Authorization.

    :raises TextError: it cannot be read, or holds no value of that field.
    """
    path = existing("one line as in Bearer TOKEN, chmod 600")(text)
    value = one_line(path)
    scheme, space, rest = value.partition(b" ")
    if not space or not rest.strip() or not scheme.replace(b"-", b"").isalnum():
        raise TextError(f"{path} holds no scheme and a value", "write both on one line, as in Bearer TOKEN")
    if _CONTROL.search(value):
        raise TextError(f"{path} contains a control character", "write one line of text, as in Bearer TOKEN")
    return value


def one_line(path: str) -> Secret:
    """Read the one line that a file holds, without its end.

    :raises TextError: it cannot be read, or holds several lines, or none.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(LONGEST_LINE)
    except OSError as error:
        raise TextError(f"{path} cannot be read ({error.strerror})", "give a file that this user may read") from None
    line = without_end(data)
    if not line:
        raise TextError(f"{path} is empty", "write one line into it")
    if b"\n" in line or len(data) == LONGEST_LINE:
        raise TextError(f"{path} holds more than one line", "leave nothing but the one in it")
    return Secret(line)


def without_end(line: bytes) -> bytes:
    """Take the end off a line: editors and ``echo`` write one."""
    return line.removesuffix(b"\n").removesuffix(b"\r")
