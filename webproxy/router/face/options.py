"""The options that say where the router can be looked at, and what they come to together.

Rule of this file: as ``router/options``, whose table these rows join.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.errors import SettingsError
from webproxy.net.destination import Tcp
from webproxy.settings.admin import admin
from webproxy.settings.files import readable_file
from webproxy.settings.option import Option

if TYPE_CHECKING:
    from collections.abc import Mapping

OPTIONS = (
    Option(
        name="admin",
        metavar="auto|unix:/PATH|127.0.0.1:PORT|none",
        help="Where metrics, the JSON API and the page are served, to this machine only; auto: the socket admin.sock, "
        "in the folder that systemd makes for it, else in that of the state.",
        parse=admin,
        default="auto",
        example="127.0.0.1:9101",
    ),
    Option(
        name="admin-token-file",
        metavar="FILE",
        help="The file with the token that whoever asks there over TCP must send.",
        parse=readable_file,
        default="",
        example="/etc/webproxy-router/admin-token",
    ),
)


def wrong(values: Mapping[str, object]) -> list[SettingsError]:
    """Find an admin endpoint that every user of this machine could ask.

    :param values: of all options.
    """
    place = values.get("admin")
    if not isinstance(place, Tcp) or values.get("admin-token-file"):
        return []
    right = "give --admin-token-file, or a Unix socket: unix:/path"
    return [SettingsError("--admin", f"{place} can be reached by every user of this machine", right)]
