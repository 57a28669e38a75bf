"""The schema describes every setting, takes what may be written, and refuses what may not."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from webproxy.settings.options import BY_NAME
from webproxy.settings.schema import schema

CHECK = jsonschema.Draft202012Validator(schema())


def test_is_a_schema_of_every_setting() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["properties"].keys() == {*BY_NAME, "ports"}
    assert all(described["description"] for described in schema()["properties"].values())


@pytest.mark.parametrize(
    "document",
    [
        {"internal": 8080, "port": 12345, "drain": "5s", "max-connections": 100},
        {"internal": "unix:/run/a", "trust": ["10.0.0.0/8"], "listen": "::1", "on-disconnect": "drain"},
        {"timeout": {"long": "20m"}, "policy": {"queue": {"slots": 2, "deny": ["/a"]}}},
        {"timeout": "long=20m", "policy": ["guard", {"name": "queue", "fair": True}]},
        {"ports": "12000-12999"},
        {"forward-user": True, "preflight": "pass", "cors-origin": ["https://a"], "allow": "10.0.0.0/8"},
        {"forward-user": "yes", "user": "anna", "password-file": "/run/password"},
    ],
)
def test_takes(document: dict[str, Any]) -> None:
    CHECK.validate(document)


@pytest.mark.parametrize(
    "document",
    [
        {"prot": 1},
        {"drain": 5},
        {"internal": [8080]},
        {"on-disconnect": "cut"},
        {"timeout": {"lnog": "1s"}},
        {"policy": [{"slots": 2}]},
        {"policy": {"queue": 2}},
        {"ports": "all"},
        {"trust": [1]},
        {"forward-user": 1},
        {"password": "x"},
    ],
)
def test_refuses(document: dict[str, Any]) -> None:
    assert not CHECK.is_valid(document)
