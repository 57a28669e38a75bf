"""What the commands about instances have in common: which folder, which units, words or JSON."""

from __future__ import annotations

import json
import os
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from webproxy.instances.files import Folder
from webproxy.instances.units import Units
from webproxy.settings.places import folder

if TYPE_CHECKING:
    from collections.abc import Callable


class Place:
    """This machine's instances, or this user's.

    :ivar folder: of their files.
    :ivar units: of theirs.
    """

    def __init__(self) -> None:
        self.folder = Folder(folder(os.environ))
        self.units = Units(self.folder.path)


def _complete(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete the port of an instance."""
    try:
        return [str(port) for port in Place().folder.ports() if str(port).startswith(incomplete)]
    except Exception:  # noqa: BLE001 - a shell that completes wants no error
        return []


#: The instance that a command is about.
port_argument: Callable[[Callable[..., Any]], Callable[..., Any]] = click.argument(
    "port", type=click.IntRange(1, 65535), shell_complete=_complete
)

#: Whether a program reads what is said.
json_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON."
)


def tell(as_json: bool, told: dict[str, Any], *lines: str) -> None:
    """Say what was done.

    :param told: to programs.
    :param lines: to people; empty ones are left out.
    """
    if as_json:
        click.echo(json.dumps(told))
    else:
        for line in filter(None, lines):
            click.echo(line)


def left_undone(why: str, what: str, instead: str) -> str:
    """Say what could not be done, and what to do instead; nothing where nothing is missing."""
    return f"{what}: {why}; {instead}" if why else ""


#: How an instance is run where there are no units.
run_it = partial("webproxy run --config {}".format)
