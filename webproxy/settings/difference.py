"""What other settings would change, and what of it can hold at once.

Rule of this file: two values in, names of options out; whatever is not known to change under a running proxy needs a
restart.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, NamedTuple

from webproxy.settings.credentials import CredentialSources

if TYPE_CHECKING:
    from collections.abc import Iterable

    from webproxy.settings.model import Settings

#: Fields of the settings that the service takes over while it runs; see ``ProxyService.apply``.
AT_ONCE = frozenset(
    {
        "access_log",
        "allow",
        "connect_timeout",
        "cors_origins",
        "credentials",
        "deny",
        "direct",
        "drain",
        "forward_user",
        "hsts",
        "internal",
        "log_format",
        "log_level",
        "max_body",
        "max_connections",
        "max_connections_per_address",
        "min_upload_rate",
        "on_disconnect",
        "policies",
        "preflight",
        "proxy_protocol",
        "public_url",
        "trust",
        "upstream_authorization",
        "upgrade_drain",
        "upstream_host",
        "wait_upstream",
        "websocket",
        "websocket_max_frame",
        "websocket_max_message",
        "websocket_ping",
    }
)

#: Options that have another name than their field.
_NAMES = {
    "policies": "policy",
    "cors_origins": "cors-origin",
    "upstream_authorization": "upstream-authorization-file",
}


class Difference(NamedTuple):
    """What becomes of new settings.

    :ivar settings: those that hold at once: the new ones, but for what needs a restart.
    :ivar at_once: names of options that change now.
    :ivar at_restart: names of options that would, were it restarted.
    """

    settings: Settings
    at_once: tuple[str, ...]
    at_restart: tuple[str, ...]


def difference(before: Settings, after: Settings) -> Difference:
    """Compare settings.

    :param before: those that hold.
    :param after: those that are wanted.
    """
    changed = [field.name for field in fields(after) if not _same(before, after, field.name)]
    fixed = [name for name in changed if name not in AT_ONCE]
    settings = replace(after, **{name: getattr(before, name) for name in fixed})
    at_once = _options(name for name in changed if name in AT_ONCE)
    if "credentials" in changed:
        at_once = (*(name for name in at_once if name != "credentials"), *_credentials(before, after))
    return Difference(settings, at_once, _options(fixed))


def _credentials(before: Settings, after: Settings) -> tuple[str, ...]:
    """Name the options that say who may come in, and say something else now."""
    nobody = CredentialSources()
    old, new = before.credentials or nobody, after.credentials or nobody
    names = [field.name for field in fields(CredentialSources) if getattr(old, field.name) != getattr(new, field.name)]
    return _options(names)


def _same(before: Settings, after: Settings, name: str) -> bool:
    """Compare one field; of policies not the place where they are written: a line more above it changes nothing."""
    if name != "policies":
        return bool(getattr(before, name) == getattr(after, name))
    pairs = zip(before.policies, after.policies, strict=False)
    return len(before.policies) == len(after.policies) and all(one.like(other) for one, other in pairs)


def _options(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(_NAMES.get(name, name.replace("_", "-")) for name in names)
