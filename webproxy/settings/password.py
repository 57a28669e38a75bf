"""The one user's password: from a file, standard input, a variable, a credential of systemd, or the terminal.

Rule of this file: it is asked for once, before the start, while standard input is still the operator's; what held it
is emptied; and it is never shown, neither whole nor in part. A password that nobody can log in with, and one that
nobody knows the user of, are refused: the operator believes to be protected.
"""

from __future__ import annotations

import getpass
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from webproxy.access.password import wrong_password
from webproxy.access.secret import Secret
from webproxy.errors import SettingsError
from webproxy.settings.credentials import LONGEST_LINE, STDIN, one_line, without_end
from webproxy.settings.wrong import TextError

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from webproxy.settings.model import Settings

VARIABLE = "WEBPROXY_PASSWORD"

#: The name of systemd's credential (systemd.exec(5), LoadCredential=).
CREDENTIAL = "password"

_WAYS = f"give --password-file FILE, set {VARIABLE}, or start it on a terminal to be asked"


def with_password(settings: Settings, environ: MutableMapping[str, str]) -> Settings:
    """Obtain the password of ``--user``, if there is one.

    :param environ: the variables of this process; the password is taken out, so that no child inherits it.
    :raises SettingsError: there is no password, none that can be used, or one without a user.
    """
    variable = environ.pop(VARIABLE, "")
    credentials = settings.credentials
    if credentials is None or not credentials.user:
        _refuse_without_user(variable, environ)
        return settings
    if variable and credentials.password_file:
        raise SettingsError(VARIABLE, "is set, and --password-file is given, too", "leave one of them out")
    where, password = _obtain(credentials.user, credentials.password_file, variable, environ)
    return replace(settings, credentials=replace(credentials, password=checked(password, where)))


def with_password_of(before: Settings, settings: Settings) -> Settings:
    """Give the user of other settings a password, while we run: the one that holds, or the one of a file, read again.

    :raises SettingsError: the file's cannot be used, or another user has none: nobody can be asked now.
    """
    held, credentials = before.credentials, settings.credentials
    if credentials is None or not credentials.user:
        return settings
    if credentials.password_file not in ("", STDIN):
        password = checked(_from_file(credentials.password_file, "--password-file"), "--password-file")
    elif held is not None and held.password is not None and held.user == credentials.user:
        password = held.password
    else:
        right = "give --password-file FILE or --htpasswd FILE, or start webproxy anew"
        raise SettingsError(
            "--user", f"no password is given for {credentials.user}, and nobody can be asked now", right
        )
    return replace(settings, credentials=replace(credentials, password=password))


def bequest(settings: Settings, environ: Mapping[str, str]) -> tuple[dict[str, str], bytes]:
    """Give what a process that takes our place needs to obtain the same password: we have emptied what held it.

    :param settings: those that hold.
    :returns: its variables, and what it finds on standard input.
    """
    credentials = settings.credentials
    given = dict(environ)
    if credentials is None or credentials.password is None or not credentials.user:
        return given, b""
    password = bytes(credentials.password)
    if credentials.password_file == STDIN:
        return given, password + b"\n"
    if not credentials.password_file and _credential(environ) is None:
        given[VARIABLE] = password.decode(errors="surrogateescape")
    return given, b""


def checked(password: bytes, where: str) -> Secret:
    """Give a password that can be used.

    :raises SettingsError: it cannot.
    """
    fault = wrong_password(password)
    if fault:
        raise SettingsError(where, f"the password {fault}", "choose another one")
    return Secret(password)


def from_stdin(where: str) -> bytes:
    """Read a password from standard input: one line.

    :raises SettingsError: there is none, or more than one.
    """
    stream = sys.stdin.buffer
    line, rest = stream.readline(LONGEST_LINE), b""
    if not sys.stdin.isatty():
        rest = stream.read(1)
    if rest or len(line) == LONGEST_LINE:
        raise SettingsError(where, "standard input holds more than one line", "give it one line, the password")
    return without_end(line)


def from_terminal(user: str, where: str, right: str = _WAYS) -> bytes:
    """Ask for a new password, twice.

    :param right: what else would do, where nobody answers.
    :raises SettingsError: nobody answers, or not twice the same.
    """
    try:
        password = getpass.getpass(f"Password for {user}: ")
        again = getpass.getpass("The same once more: ")
    except (EOFError, KeyboardInterrupt):
        raise SettingsError(where, "no password was given", right) from None
    if password != again:
        raise SettingsError(where, "the two passwords are not the same", "try once more")
    return password.encode(errors="surrogateescape")


def _obtain(user: str, file: str, variable: str, environ: Mapping[str, str]) -> tuple[str, bytes]:
    """Find the password.

    :returns: where it was found, for errors, and the password.
    """
    if file == STDIN:
        return "--password-file", from_stdin("--password-file")
    if file:
        return "--password-file", _from_file(file, "--password-file")
    if variable:
        return VARIABLE, variable.encode(errors="surrogateescape")
    credential = _credential(environ)
    if credential is not None:
        return str(credential), _from_file(str(credential), str(credential))
    if not sys.stdin.isatty():
        raise SettingsError("--user", f"no password is given for {user}", _WAYS)
    return "--user", from_terminal(user, "--user")


def _refuse_without_user(variable: str, environ: Mapping[str, str]) -> None:
    """Refuse a password that is nobody's: who gave it believes that the service is protected."""
    credential = _credential(environ)
    if variable or credential is not None:
        where = VARIABLE if variable else str(credential)
        raise SettingsError(where, "is a password, and no user is named", "give --user NAME, too, or take it away")


def _credential(environ: Mapping[str, str]) -> Path | None:
    folder = environ.get("CREDENTIALS_DIRECTORY")
    path = Path(folder, CREDENTIAL) if folder else None
    return path if path is not None and path.exists() else None


def _from_file(path: str, where: str) -> bytes:
    try:
        return one_line(path)
    except TextError as wrong:
        raise SettingsError(where, wrong.what, wrong.right) from None
