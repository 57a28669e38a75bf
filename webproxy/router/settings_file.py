"""A file of the router's settings -> what it says of which option: ``run --config FILE``.

Rule of this file: every key is an option's name, every value means what the option's text means, and all that is wrong
is gathered with its line, so that one run tells all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.errors import SettingsError
from webproxy.settings import natural
from webproxy.settings.document import read_document
from webproxy.settings.settle import Given
from webproxy.settings.wrong import near_miss

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from webproxy.settings.option import Option


def said_in(path: Path, known: Mapping[str, Option]) -> tuple[dict[str, Given], list[SettingsError]]:
    """Read a file.

    :param known: options by their names.
    :returns: what it says, and what cannot be used of it.
    :raises SettingsError: it cannot be read at all.
    """
    if not path.exists():
        raise SettingsError(str(path), "there is no such file", 'write one, such as: domain = "secure.example.com"')
    document = read_document(path)
    said: dict[str, Given] = {}
    wrong: list[SettingsError] = []
    for key, value in document.values.items():
        where = document.address(key)
        option = known.get(key)
        if option is None:
            meant = near_miss(key.lower().replace("_", "-"), known)
            right = f"did you mean {meant}?" if meant else "webproxy-router run --help lists those there are"
            wrong.append(SettingsError(where, "there is no such setting", right))
            continue
        try:
            said[key] = natural.given(option, value, where)
        except SettingsError as error:
            wrong.append(error)
            said[key] = Given((), error.where)
    return said, wrong
