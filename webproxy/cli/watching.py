"""``webproxy status --watch``: the live page in a terminal, a picture a second.

Rule of this file: asks, draws, waits, until somebody interrupts; what is drawn is ``observe/terminal``'s.
"""

from __future__ import annotations

import shutil
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from webproxy.errors import StartError
from webproxy.observe.terminal import screen

if TYPE_CHECKING:
    from webproxy.observe.admin_client import AdminClient

HOME = "\x1b[H\x1b[J"
"""To the upper left corner, and nothing below it (ECMA-48: CUP, ED)."""


def watch(client: AdminClient, every: float = 1.0) -> None:
    """Draw until somebody interrupts.

    :param every: seconds between two pictures.
    :raises StartError: nobody answers at the beginning.
    """
    now: dict[str, Any] | None = client.now()
    before: dict[str, Any] | None = None
    try:
        while True:
            size = shutil.get_terminal_size()
            lines = screen(now, before, size.columns, size.lines - 1) if now else ["webproxy does not answer"]
            click.echo((HOME if sys.stdout.isatty() else "") + "\n".join(lines))
            time.sleep(every)
            before, now = now, _asked(client)
    except KeyboardInterrupt:
        pass


def _asked(client: AdminClient) -> dict[str, Any] | None:
    """Ask once more; None while nobody answers, as between two processes."""
    try:
        return client.now()
    except StartError:
        return None
