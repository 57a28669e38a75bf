"""Values of TOML -> the texts that an option would have: a port as a number, networks as a list, limits as a table.

Rule of this file: what a file says in TOML's own types means exactly what the option's text means; there is one parser
for both. Errors carry the key's address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from webproxy.errors import SettingsError
from webproxy.settings.choices import switch
from webproxy.settings.policies import Named, named, settings_written
from webproxy.settings.settle import Given, literal
from webproxy.settings.wrong import TextError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from webproxy.settings.address import KeyAddress
    from webproxy.settings.options import Option

#: What TOML's types are called in a sentence.
_KINDS = {dict: "a table", list: "a list", bool: "true or false", float: "a number", int: "a number", str: "a text"}


def given(option: Option, value: Any, where: KeyAddress) -> Given:
    """Say in texts what ``value`` says of ``option``.

    :raises SettingsError: a type that says nothing of it.
    """
    if option.name == "policy":
        texts, places = zip(*_policies(value, where), strict=True) if value else ((), ())
        return Given(texts, where, places)
    if option.name == "timeout" and isinstance(value, dict):
        return Given((_joined(value, where),), where)
    if option.repeatable and isinstance(value, list):
        places = tuple(where.inside(f"[{at}]") for at in range(len(value)))
        return Given(tuple(_text(option, one, place) for one, place in zip(value, places, strict=True)), where, places)
    return Given((_text(option, value, where),), where)


def _policies(value: Any, where: KeyAddress) -> Iterator[tuple[str, str]]:
    """Read policies: ``["queue:slots=2", {name = "queue", slots = 2}]``, ``[policy.queue]``, or one text."""
    if isinstance(value, dict):
        for name, settings in value.items():
            place = where.inside(name)
            if not isinstance(settings, dict):
                raise SettingsError(place, f"is {kind(settings)}", f'write [policy.{name}], or policy = ["{name}"]')
            yield _policy(name, settings, place), place
        return
    for at, one in enumerate(value if isinstance(value, list) else [value]):
        place = where.inside(f"[{at}]")
        if isinstance(one, dict):
            settings = dict(one)
            name = settings.pop("name", None)
            if not isinstance(name, str):
                raise SettingsError(place, "names no policy", 'write { name = "NAME", key = value }')
            yield _policy(name, settings, place), place
        elif isinstance(one, str):
            yield one, place
        else:
            raise SettingsError(place, f"is {kind(one)}", 'write policy = ["NAME:key=value"]')


def _policy(name: str, settings: dict[str, Any], where: KeyAddress) -> str:
    joined = _joined(settings, where)
    text = f"{name}:{joined}" if joined else name
    return _unchanged(text, named, Named(name, _texts(settings, where)), where)


def _joined(table: dict[str, Any], where: KeyAddress) -> str:
    """Write a table as ``key=value,key=value``."""
    texts = _texts(table, where)
    text = ",".join(f"{key}={text}" for key, text in texts.items())
    return _unchanged(text, settings_written, texts, where)


def _texts(table: dict[str, Any], where: KeyAddress) -> dict[str, str]:
    return {key: _member(value, where.inside(key)) for key, value in table.items()}


def _member(value: Any, where: KeyAddress) -> str:
    """Write a policy's setting: one value, or a list of them."""
    if isinstance(value, list):
        return ",".join(_scalar(one, where) for one in value)
    return _scalar(value, where)


def _unchanged(text: str, parse: Callable[[str], Any], meant: Any, where: KeyAddress) -> str:
    """Check that a text means what the table said: a comma followed by ``key=`` would begin another key."""
    try:
        if parse(text) == meant:
            return text
    except TextError as wrong:
        raise SettingsError(where, wrong.what, wrong.right) from None
    raise SettingsError(where, "a value in it reads like another key", "leave out the comma before name=")


def _text(option: Option, value: Any, where: KeyAddress) -> str:
    """Write one value."""
    if isinstance(value, (dict, list)):
        right = f"write {option.name} = {literal(option.example or option.default or '')}"
        raise SettingsError(where, f"is {kind(value)}", right)
    if isinstance(value, bool) and option.parse is switch:
        return "yes" if value else "no"
    if isinstance(value, bool):
        raise SettingsError(where, f"is {str(value).lower()}", f"give {option.metavar} as a text")
    return _scalar(value, where)


def _scalar(value: Any, where: KeyAddress) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise SettingsError(where, f"is {kind(value)}", "write it as a text, in quotes")


def kind(value: Any) -> str:
    """Name a value's type."""
    return _KINDS.get(type(value), "a date or a time")
