"""Where a setting is written, for errors: an option, a variable, or a key of a file with its line.

Rule of this file: an address is a text that can be shown as it is; one of a file's keys also knows the keys inside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    KeyPath = tuple[str, ...]


class KeyAddress(str):
    """A key of a settings file: ``/etc/webproxy/instances/12345.toml:7: timeout.long``; see :func:`key_address`.

    :ivar file: the file, as it is shown.
    :ivar path: the keys that lead there from the top.
    :ivar lines: of every key path that was found in the text.
    """

    __slots__ = ("file", "lines", "path")

    file: str
    path: KeyPath
    lines: Mapping[KeyPath, int]

    def inside(self, *keys: str) -> KeyAddress:
        """Give the address of a key further in."""
        return key_address(self.file, (*self.path, *keys), self.lines)


def key_address(file: str, path: KeyPath, lines: Mapping[KeyPath, int]) -> KeyAddress:
    """Write the address of a key."""
    address = KeyAddress(f"{file}{_line(path, lines)}: {_dotted(path)}")
    address.file, address.path, address.lines = file, path, lines
    return address


def inside(where: str, *keys: str) -> str:
    """Give the address of something inside of a setting: ``--policy queue``, ``12345.toml:7: policy.queue``.

    :param keys: what leads there; one in brackets is a place in a list.
    """
    if isinstance(where, KeyAddress):
        return where.inside(*keys)
    return f"{where} {':'.join(keys)}"


def _line(path: KeyPath, lines: Mapping[KeyPath, int]) -> str:
    """Name the line of a path, or of the nearest one above it."""
    for length in range(len(path), 0, -1):
        if line := lines.get(path[:length]):
            return f":{line}"
    return ""


def _dotted(path: KeyPath) -> str:
    return "".join(key if key.startswith("[") else f".{key}" for key in path).removeprefix(".")
