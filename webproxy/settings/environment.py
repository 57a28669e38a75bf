"""Variables -> what they say of which option: ``WEBPROXY_DRAIN=5m`` is ``--drain 5m``.

Rule of this file: a variable's name is the option's in capitals, with ``_`` for ``-``; several values are words, as a
shell would read them. What an empty variable says is nothing. Names that are nobody's are left to others (Kubernetes
sets ``WEBPROXY_SERVICE_HOST`` for a service called webproxy) unless they are nearly ours.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from webproxy.errors import SettingsError
from webproxy.settings.options import OPTIONS
from webproxy.settings.settle import Given
from webproxy.settings.unknown import unknown_variable

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "WEBPROXY_"

#: The variable that names a settings file, as ``--config`` does.
CONFIG = f"{PREFIX}CONFIG"

#: Variables that are ours, and no option's.
OTHERS = frozenset({CONFIG, f"{PREFIX}PASSWORD"})


def variable(name: str) -> str:
    """Give the variable of an option."""
    return PREFIX + name.upper().replace("-", "_")


BY_VARIABLE = {variable(option.name): option for option in OPTIONS}


def read_environment(environ: Mapping[str, str]) -> tuple[dict[str, Given], list[SettingsError]]:
    """Read every variable of ours.

    :returns: what they say, by name of option, and what is wrong with the rest.
    """
    said: dict[str, Given] = {}
    errors: list[SettingsError] = []
    for key, text in sorted(environ.items()):
        if not key.startswith(PREFIX) or key in OTHERS or not text:
            continue
        option = BY_VARIABLE.get(key)
        if option is None:
            if wrong := unknown_variable(key, key.removeprefix(PREFIX).lower().replace("_", "-")):
                errors.append(wrong)
        elif option.repeatable:
            try:
                said[option.name] = Given(tuple(shlex.split(text)), key)
            except ValueError:
                errors.append(SettingsError(key, f"{text!r} opens a quote and does not close it", "close it"))
        else:
            said[option.name] = Given((text,), key)
    return said, errors
