"""TOML's own types mean what the option's text means."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from webproxy.errors import SettingsError
from webproxy.settings.address import key_address
from webproxy.settings.natural import given
from webproxy.settings.options import BY_NAME
from webproxy.settings.policies import settings_written


def said(name: str, value: Any) -> tuple[str, ...]:
    return given(BY_NAME[name], value, key_address("a.toml", (name,), {})).texts


def refusal(name: str, value: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        said(name, value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "texts"),
    [
        ("internal", 8080, ("8080",)),
        ("internal", "unix:/run/a", ("unix:/run/a",)),
        ("drain", 1.5, ("1.5",)),
        ("trust", ["::1", "10.0.0.0/8"], ("::1", "10.0.0.0/8")),
        ("trust", "::1", ("::1",)),
        ("trust", [], ()),
        ("timeout", {"long": "20m", "default": "5s"}, ("long=20m,default=5s",)),
        ("timeout", "long=20m", ("long=20m",)),
        ("timeout", {}, ("",)),
        ("forward-user", True, ("yes",)),
        ("forward-user", False, ("no",)),
        ("forward-user", "yes", ("yes",)),
        ("policy", "queue", ("queue",)),
        ("policy", ["queue:slots=2", "guard"], ("queue:slots=2", "guard")),
        (
            "policy",
            [{"name": "queue", "slots": 2, "deny": ["/a", "/b"], "fair": True}],
            ("queue:slots=2,deny=/a,/b,fair=true",),
        ),
        ("policy", {"queue": {"slots": 2}, "guard": {}}, ("queue:slots=2", "guard")),
        ("policy", [], ()),
        ("policy", {}, ()),
    ],
)
def test_says(name: str, value: Any, texts: tuple[str, ...]) -> None:
    assert said(name, value) == texts


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("internal", [8080], "a.toml: internal: is a list; write internal = 8080"),
        ("drain", {"a": 1}, 'a.toml: drain: is a table; write drain = "30s"'),
        ("access-log", False, "a.toml: access-log: is false; give PATH|-|none as a text"),
        ("drain", dt.date(2026, 1, 1), "a.toml: drain: is a date or a time; write it as a text, in quotes"),
        ("trust", [["::1"]], 'a.toml: trust[0]: is a list; write trust = "192.0.2.7"'),
        ("timeout", {"long": {}}, "a.toml: timeout.long: is a table; write it as a text, in quotes"),
        (
            "timeout",
            {"long": "1s,default=2s"},
            "a.toml: timeout: a value in it reads like another key; leave out the comma before name=",
        ),
        ("timeout", {"Long": "1s"}, "a.toml: timeout: 'Long=1s' names no key; write key=value"),
        ("policy", [{"slots": 2}], 'a.toml: policy[0]: names no policy; write { name = "NAME", key = value }'),
        ("policy", [3], 'a.toml: policy[0]: is a number; write policy = ["NAME:key=value"]'),
        ("policy", {"queue": 2}, 'a.toml: policy.queue: is a number; write [policy.queue], or policy = ["queue"]'),
        (
            "policy",
            {"Queue!": {}},
            ("a.toml: policy.Queue!: 'Queue!' names no policy; write NAME or NAME:key=value,key=value"),
        ),
    ],
)
def test_refuses(name: str, value: Any, sentence: str) -> None:
    assert refusal(name, value) == sentence


def test_each_text_of_a_list_has_its_place() -> None:
    where = key_address("a.toml", ("trust",), {("trust",): 4})
    assert given(BY_NAME["trust"], ["::1", "x"], where).places == ("a.toml:4: trust[0]", "a.toml:4: trust[1]")


def test_a_list_in_a_table_keeps_its_commas() -> None:
    """The text that a table becomes says the same as the table."""
    (text,) = said("policy", {"queue": {"deny": ["/a", "/b"], "slots": 2}})
    assert settings_written(text.partition(":")[2]) == {"deny": "/a,/b", "slots": "2"}
