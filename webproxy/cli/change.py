"""``webproxy set PORT key=value ...``: change an instance's settings, and let them hold.

Rule of this file: nothing is written before all of it has been found right; then the file is written as a whole, and
the instance reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from webproxy.cli.instance import Place, json_option, left_undone, port_argument, tell
from webproxy.errors import SettingsError
from webproxy.instances.written import assignments, changed
from webproxy.settings.difference import difference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webproxy.settings.difference import Difference


@click.command("set")
@port_argument
@click.argument("words", nargs=-1, required=True, metavar="KEY=VALUE...")
@json_option
def set_(port: int, words: Sequence[str], *, as_json: bool) -> None:
    """Change settings, as in: webproxy set 12345 drain=5m trust=10.0.0.0/8 timeout.long=20m.

    KEY= takes a setting away, so that its default holds; a key given several times is a list. Exit status: 0 when they
    hold or nothing had to be changed, 1 when the instance did not take them, 2 when one is wrong: then nothing changes.
    """
    wanted = assignments(words)
    place = Place()
    before = place.folder.text(port)
    after = changed(before, wanted)
    settings = place.folder.settings_of(port, after)
    try:
        differs = difference(place.folder.settings_of(port, before), settings)
    except SettingsError:  # what was wrong is right now; nothing is known of before
        differs = difference(settings, settings)
    written = place.folder.change(port, lambda _: after)
    undone = _obey(place, port, differs, settings.listen) if written else ""
    told = {
        "port": port,
        "file": str(place.folder.file(port)),
        "changed": written,
        "at_once": list(differs.at_once),
        "at_restart": list(differs.at_restart),
        "undone": undone,
    }
    tell(as_json, told, _line(port, written, differs), undone)


def _obey(place: Place, port: int, differs: Difference, listen: Sequence[str]) -> str:
    """Have the instance read its settings; what could not be done.

    :param listen: the addresses that its socket is to be bound to from its next start on.
    """
    why = place.units.not_changed()
    if why:
        return left_undone(why, "not reloaded", f"kill -HUP its process, or start webproxy run for port {port} anew")
    if "listen" in differs.at_restart:
        place.units.bind_to(port, listen)
    if place.units.state(port).active in ("active", "reloading"):
        place.units.reload(port)
    return ""


def _line(port: int, written: bool, differs: Difference) -> str:
    if not written:
        return f"instance {port}: nothing to change"
    line = f"instance {port}: changed{''.join(f', {name}' for name in differs.at_once).replace(',', ':', 1)}"
    if differs.at_restart:
        line += f"; after webproxy disable {port} and webproxy enable {port} will hold: {', '.join(differs.at_restart)}"
    return line
