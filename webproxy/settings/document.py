"""A settings file as it was read: its values, and an address for each.

Rule of this file: path -> values of TOML, or one error with line and advice; what the values mean is
``instance_file``'s.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from webproxy.errors import SettingsError
from webproxy.settings.address import key_address
from webproxy.settings.lines import key_lines

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover - one of the two is there
    import tomli as tomllib

if TYPE_CHECKING:
    from pathlib import Path

    from webproxy.settings.address import KeyAddress

LARGEST = 1 << 20
"""Most bytes that are taken for a settings file."""

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_UNQUOTED = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=\s*([^\s\"'\[{#][^#]*?)\s*(?:#.*)?")


class Document(NamedTuple):
    """What a file says.

    :ivar file: its path, as errors show it.
    :ivar values: as TOML has them.
    :ivar lines: of the keys.
    """

    file: str
    values: dict[str, Any]
    lines: dict[tuple[str, ...], int]

    def address(self, *path: str) -> KeyAddress:
        """Give the address of a key."""
        return key_address(self.file, path, self.lines)


def read_document(path: Path) -> Document:
    """Read a settings file.

    :raises SettingsError: it is not there, cannot be read, or is not TOML.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise SettingsError(str(path), "there is no such file", "webproxy list shows the instances there are") from None
    except OSError as error:
        raise SettingsError(
            str(path), f"cannot be read: {error.strerror}", "give a file that this user may read"
        ) from (error)
    if len(data) > LARGEST:
        raise SettingsError(str(path), "is larger than a mebibyte", "give a settings file, in TOML")
    try:
        return parse_document(str(path), data.decode())
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}:{line}", "is not UTF-8", "save the file as UTF-8") from None


def parse_document(file: str, text: str) -> Document:
    """Read the text of a settings file.

    :param file: its path, for errors.
    :raises SettingsError: it is not TOML.
    """
    text = text.replace("\r\n", "\n")
    try:
        return Document(file, tomllib.loads(text), key_lines(text))
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(file, text, str(error)) from None
    except RecursionError:
        raise SettingsError(file, "is nested too deeply", 'write one value a line, as in drain = "30s"') from None


def _not_toml(file: str, text: str, message: str) -> SettingsError:
    """Say where TOML ends, and for the commonest slip what would be right: a text without quotes."""
    place = _PLACE.search(message)
    what = f"is not TOML: {message[: place.start()] if place else message}"
    if place is None or place[1] is None:
        return SettingsError(f"{file}:{text.count(chr(10)) + 1}", what, "close what was opened before the end")
    number = int(place[1])
    slip = _UNQUOTED.fullmatch(text.split("\n")[number - 1])
    if slip and _is_value(slip[2]):
        slip = None
    right = f'write {slip[1]} = "{slip[2]}"' if slip else f"look at column {place[2]}; a line is: key = value"
    return SettingsError(f"{file}:{number}", what, right)


def _is_value(text: str) -> bool:
    try:
        tomllib.loads(f"a = {text}")
    except tomllib.TOMLDecodeError:
        return False
    return True
