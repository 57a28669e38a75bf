"""``webproxy passwd FILE USER``: set a user's password.

Rule of this file: the password comes from the terminal or from standard input, never as a word: every user of the
machine can read those.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import bcrypt
import click

from webproxy.access.htpasswd import COST, parse, with_user, wrong_name
from webproxy.access.wrong_lines import WrongLinesError
from webproxy.errors import SettingsError
from webproxy.settings.password import checked, from_stdin, from_terminal
from webproxy.settings.rewritten import read_whole, rewrite

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("user")
@click.argument("words", nargs=-1, metavar="")
def passwd(file: Path, user: str, words: Sequence[str]) -> None:
    """Set the password of USER in FILE, which --htpasswd reads; both are made if they are not there.

    It is asked for on the terminal, or read from standard input: one line.
    """
    if words:
        what = "a password is not taken as a word: every user of this machine can read it there"
        raise SettingsError("passwd", what, "leave it out to be asked, or write it to standard input")
    fault = wrong_name(user)
    if fault:
        raise SettingsError("USER", f"the name {fault}", "choose another name")
    password = (
        from_terminal(user, "passwd", "type one, or write it to standard input")
        if sys.stdin.isatty()
        else from_stdin("passwd")
    )
    kept = bcrypt.hashpw(bytes(checked(password, "passwd")), bcrypt.gensalt(COST))
    rewrite(file, lambda before: with_user(before, user.encode(), kept))
    click.echo(f"{file}: the password of {user} is set")
    _tell_of_others(file)


def _tell_of_others(file: Path) -> None:
    """Tell which lines would keep the file from being used."""
    try:
        parse(read_whole(file), str(file))
    except WrongLinesError as error:
        for line in error.wrong:
            click.echo(f"{file}:{line.number}: {line.what}; {line.right}", err=True)
