"""Where settings files stand: ``/etc/webproxy`` for a machine, ``$XDG_CONFIG_HOME/webproxy`` for an ordinary user.

Rule of this file: paths only, that of what must outlast us among them; nothing is read or written. systemd's
``ConfigurationDirectory=`` and ``StateDirectory=`` decide for what it starts (systemd.exec(5)).
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MACHINE = Path("/etc/webproxy")
STATE = Path("/var/lib/webproxy")

#: Where the Debian package stands, and where it looks for policies that were installed on the machine; upgrades of the
#: package leave those alone.
PACKAGE = "/usr/lib/webproxy"
POLICIES = Path("/usr/local/lib/webproxy/policies")

DEFAULTS = "webproxy.toml"
INSTANCES = "instances"


def folder(environ: Mapping[str, str]) -> Path:
    """Give the folder that holds the defaults and the instances.

    :param environ: variables; ``CONFIGURATION_DIRECTORY`` and ``XDG_CONFIG_HOME`` count.
    """
    if ours := environ.get("CONFIGURATION_DIRECTORY"):
        return Path(ours.partition(":")[0])
    if os.geteuid() == 0:
        return MACHINE
    home = environ.get("XDG_CONFIG_HOME", "")
    base = Path(home) if home.startswith("/") else Path(environ.get("HOME", "~")).expanduser() / ".config"
    return base / "webproxy"


def state_folder(environ: Mapping[str, str]) -> Path:
    """Give the folder for what must outlast us: the key by which a router knows this machine.

    :param environ: variables; ``STATE_DIRECTORY`` (systemd.exec(5)) and ``XDG_STATE_HOME`` count.
    """
    if ours := environ.get("STATE_DIRECTORY"):
        return Path(ours.partition(":")[0])
    if os.geteuid() == 0:
        return STATE
    home = environ.get("XDG_STATE_HOME", "")
    base = Path(home) if home.startswith("/") else Path(environ.get("HOME", "~")).expanduser() / ".local" / "state"
    return base / "webproxy"


def policies_folder(prefix: str = sys.prefix) -> Path:
    """Give the folder that policies of third parties are installed into.

    :param prefix: of the environment that runs; where it is not the Debian package's, that holds them itself.
    """
    return POLICIES if prefix == PACKAGE else Path(sysconfig.get_path("purelib"))


def folder_of(instance: Path, environ: Mapping[str, str]) -> Path:
    """Give the folder whose defaults hold for a settings file: its own, if it is among instances."""
    return instance.parent.parent if instance.parent.name == INSTANCES else folder(environ)


def instance_file(folder: Path, port: int) -> Path:
    """Give the settings file of an instance."""
    return folder / INSTANCES / f"{port}.toml"


def port_of(file: Path) -> int | None:
    """Give the port that a settings file's name says: ``12345.toml``; None if it says none."""
    return int(file.stem) if file.suffix == ".toml" and file.stem.isascii() and file.stem.isdecimal() else None
