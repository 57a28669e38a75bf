"""Settings -> the text of an instance's file, and changes of such a text.

Rule of this file: text in, text out. What an operator wrote stays as it is, remarks, order and layout included
(tomlkit keeps them); what is written here means, when it is read again, what was asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import tomlkit
from tomlkit.exceptions import TOMLKitError

from webproxy.errors import SettingsError
from webproxy.settings.options import BY_NAME, OPTIONS
from webproxy.settings.unknown import unknown_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from webproxy.settings.settle import Given

HEADER = """\
# An instance of webproxy: the service on port {port}. webproxy config schema lists the keys.
# Yours to change: webproxy set {port} key=value, or here, and then systemctl reload webproxy@{port}
"""


class Assignment(NamedTuple):
    """What is to be written.

    :ivar path: the key, and the keys inside of it.
    :ivar texts: as an option would have them; none: the key is to go.
    """

    path: tuple[str, ...]
    texts: tuple[str, ...]


def new_text(port: int, said: Mapping[str, Given]) -> str:
    """Write the file of a new instance.

    :param said: what it is to say, by name of option.
    """
    document = tomlkit.document()
    for option in OPTIONS:
        if option.name != "port" and option.name in said:
            document[option.name] = _value(option.name, said[option.name].texts)
    return HEADER.format(port=port) + "\n" + tomlkit.dumps(document)


def assignments(words: Iterable[str]) -> list[Assignment]:
    """Read ``key=value key.inside=value``; the same key several times is a list, nothing after ``=`` takes it away.

    :raises SettingsError: no assignment, or a key that there is not.
    """
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals:
            raise SettingsError(word, "is no assignment", f"write {key}=value, or {key}= for the default")
        path = tuple(key.split("."))
        _check(path)
        before = found.get(path)
        if before is not None and (len(path) > 1 or not BY_NAME[path[0]].repeatable or not text or not before):
            raise SettingsError(key, "is given twice", "give it once")
        found[path] = (*(before or ()), *((text,) if text else ()))
    return [Assignment(path, texts) for path, texts in found.items()]


def _check(path: tuple[str, ...]) -> None:
    """Check that there is such a key, and that it may be set."""
    if path[0] == "port":
        right = "webproxy add makes an instance on another port, webproxy remove takes this one away"
        raise SettingsError("port", "is the instance's name", right)
    if path[0] not in BY_NAME:
        raise unknown_key(path[0], path[0])
    deepest = {"timeout": 2, "policy": 3}.get(path[0], 1)
    if len(path) > deepest or (path[0] == "policy" and len(path) == 2):
        shape = {"timeout": "timeout.long=20m", "policy": "policy=NAME or policy.NAME.key=value"}
        raise SettingsError(".".join(path), "there is no such key", f"write {shape.get(path[0], f'{path[0]}=value')}")


def changed(text: str, wanted: Sequence[Assignment]) -> str:
    """Change a text.

    :param text: TOML, as it was read.
    :raises SettingsError: a key's place is taken by something else.
    """
    document = tomlkit.parse(text)
    meant = tomlkit.parse(text).unwrap()
    for assignment in wanted:
        where = ".".join(assignment.path)
        try:
            _assign(document, assignment)
            _assign(meant, assignment)
        except TOMLKitError as error:
            raise SettingsError(where, f"cannot be written: {error}", "change the file by hand") from None
    after = tomlkit.dumps(document)
    if tomlkit.parse(after).unwrap() != meant:
        raise SettingsError(where, "cannot be written where it stands", "change the file by hand")
    return after


def _assign(document: dict[str, Any], assignment: Assignment) -> None:
    *outer, last = assignment.path
    table: Any = document
    for at, key in enumerate(outer, 1):
        if key not in table:
            if not assignment.texts:
                return
            table[key] = tomlkit.table(is_super_table=at < len(outer))
        table = table[key]
        if not isinstance(table, dict):
            where = ".".join(outer[:at])
            raise SettingsError(where, "is not a table in the file", f"write {where}=..., or change the file")
    if not assignment.texts:
        table.pop(last, None)
        return
    value = _value(assignment.path[0] if not outer else "", assignment.texts)
    if last in table and table[last] == value:
        return
    if isinstance(table.get(last), dict):  # what is no table stands before all tables
        del table[last]
    table[last] = value


def _value(name: str, texts: Sequence[str]) -> Any:
    """Write texts as TOML has them: numbers bare, several as a list."""
    option = BY_NAME.get(name)
    if name == "policy":
        return list(texts)
    if option is not None and option.repeatable and len(texts) != 1:
        return [_scalar(text) for text in texts]
    return _scalar(texts[0])


def _scalar(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() and str(int(text)) == text else text
