"""The settings files as JSON Schema (draft 2020-12), for editors that complete and check TOML.

Rule of this file: made from the table of options; it tells types and words, and leaves the rest to
``webproxy config check``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from webproxy.policy.timeout import TimeoutPolicy
from webproxy.settings.choices import switch
from webproxy.settings.model import LogFormat, LogLevel, OnDisconnect, Preflight, WebSocketMode
from webproxy.settings.options import OPTIONS
from webproxy.settings.port_range import DEFAULT

if TYPE_CHECKING:
    from webproxy.settings.options import Option

DIALECT = "https://json-schema.org/draft/2020-12/schema"

#: Options whose values are a few words.
_WORDS = {
    "on-disconnect": get_args(OnDisconnect),
    "log-format": get_args(LogFormat),
    "log-level": get_args(LogLevel),
    "preflight": get_args(Preflight),
    "websocket": get_args(WebSocketMode),
}

_TEXT: dict[str, Any] = {"type": "string"}
_NUMBER_OR_TEXT: dict[str, Any] = {"type": ["integer", "string"]}
_SETTING: dict[str, Any] = {"type": ["integer", "number", "string", "boolean", "array"]}
_SETTINGS: dict[str, Any] = {"type": "object", "additionalProperties": _SETTING}


def schema() -> dict[str, Any]:
    """Describe a settings file."""
    properties = {option.name: {**_type(option), "description": option.help} for option in OPTIONS}
    for option in OPTIONS:
        if option.default:
            properties[option.name]["default"] = option.default
    ports = "The range of ports for new instances; in webproxy.toml alone."
    properties["ports"] = {"type": "string", "pattern": "^ *[0-9]+ *- *[0-9]+ *$", "description": ports}
    properties["ports"]["default"] = DEFAULT
    return {
        "$schema": DIALECT,
        "title": "Settings of webproxy",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def _type(option: Option) -> dict[str, Any]:
    """Say of which type a setting's value is."""
    if option.name == "policy":
        member = {"anyOf": [_TEXT, {**_SETTINGS, "required": ["name"]}]}
        table = {"type": "object", "additionalProperties": _SETTINGS}
        return {"anyOf": [_TEXT, {"type": "array", "items": member}, table]}
    if option.name == "timeout":
        limits = {setting.name: {**_TEXT, "description": setting.help} for setting in TimeoutPolicy.settings}
        return {"anyOf": [_TEXT, {"type": "object", "properties": limits, "additionalProperties": False}]}
    if option.name in _WORDS:
        return {"enum": list(_WORDS[option.name])}
    if option.parse is switch:
        return {"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no"]}]}
    one = _NUMBER_OR_TEXT if _is_number(option) else _TEXT
    return {"anyOf": [one, {"type": "array", "items": one}]} if option.repeatable else dict(one)


def _is_number(option: Option) -> bool:
    return option.example.isdecimal()
