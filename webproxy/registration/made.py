"""A registration as the settings want it.

Rule of this file: settings in, a registration out, or none; what cannot be had is told before anything starts. The
libraries behind it are imported only where there is a router: 60 ms that nobody else pays.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from webproxy.errors import SettingsError
from webproxy.net.destination import in_short
from webproxy.settings.places import state_folder
from webproxy.settings.router_options import check_token
from webproxy.settings.wrong import TextError

LONGEST = 128
"""Characters that the protocol has room for."""

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from webproxy.registration.registration import Registration
    from webproxy.registration.words import Lease
    from webproxy.settings.model import Settings


def registration_of(
    settings: Settings, environ: Mapping[str, str], reactor: Any, changed: Callable[[Lease], None]
) -> Registration | None:
    """Make the registration that settings describe; None without a router.

    :param environ: variables, which say where the machine's key is kept.
    :param changed: is told of each lease that says anything new.
    :raises SettingsError: the file of certificates holds none.
    :raises StartError: the machine's key cannot be kept.
    """
    if not settings.router:
        return None
    from webproxy.registration.control_port import ControlPort  # noqa: PLC0415
    from webproxy.registration.machine_key import machine_key  # noqa: PLC0415
    from webproxy.registration.registration import Claim, Registration  # noqa: PLC0415

    try:
        control = ControlPort(reactor, settings.router, Path(settings.router_ca) if settings.router_ca else None)
    except (OSError, ValueError) as error:
        raise SettingsError("--router-ca", str(error), "give the file of the authority, as PEM") from error
    key = machine_key(state_folder(environ))
    claim = Claim(settings.port, settings.label, partial(_token, settings.router_token_file), key, _internal(settings))
    return Registration(control, claim, reactor, changed)


def _internal(settings: Settings) -> str:
    """Tell where we forward, if that can be told in the protocol's words."""
    text = in_short(str(settings.internal[0]))
    return text if text.isascii() and text.isprintable() and len(text) <= LONGEST else ""


def _token(path: str) -> str:
    """Read the token, which may be another one by now.

    :raises RouterAway: it cannot be read: nobody would answer without.
    """
    from webproxy.registration.words import RouterAway  # noqa: PLC0415

    try:
        return check_token(path)
    except TextError as error:
        raise RouterAway(f"there is no token for it: {error.what}") from None
