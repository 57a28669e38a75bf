"""``webproxy policies`` and ``webproxy policies show``."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from webproxy.cli import policies as command
from webproxy.cli.policies import policies
from webproxy.errors import SettingsError
from webproxy.policy import Policy, Setting, duration
from webproxy.settings.policies import Installed


class Guard(Policy):
    """Keeps the door.

    And more.
    """

    fail_closed = True
    settings = (
        Setting("key", str, None, "The key."),
        Setting("deny", str, "", "What is denied."),
        Setting("wait", duration, "5s", "How long."),
    )


@pytest.fixture
def guard(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Installed("guard", "guards:Guard", "guards 1.5"), Installed("q", "queues:Queue", "queues 2")]
    known: dict[str, Any] = {"guard": Guard, "plain": type("Plain", (Policy,), {})}
    monkeypatch.setattr(command, "installed", lambda: found)
    monkeypatch.setattr(command, "load", lambda name, _where: known[name])


def told(*words: str) -> str:
    result = CliRunner().invoke(policies, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.usefixtures("guard")
def test_lists_what_is_installed() -> None:
    assert told() == "guard  guards 1.5  (guards:Guard)\nq      queues 2  (queues:Queue)\n"
    assert json.loads(told("--json"))[1] == {"name": "q", "value": "queues:Queue", "distribution": "queues 2"}


@pytest.mark.usefixtures("guard")
def test_shows_a_policy() -> None:
    assert told("show", "guard").splitlines() == [
        "Keeps the door.",
        "When it fails: 503.",
        "Write it: --policy guard:key=...,deny=,wait=5s",
        "  key: The key. (must be given)",
        "  deny: What is denied. (default empty)",
        "  wait: How long. (default 5s)",
    ]
    assert json.loads(told("show", "guard", "--json")) == {
        "name": "guard",
        "summary": "Keeps the door.",
        "fail_closed": True,
        "settings": [
            {"name": "key", "default": None, "help": "The key."},
            {"name": "deny", "default": "", "help": "What is denied."},
            {"name": "wait", "default": "5s", "help": "How long."},
        ],
    }


@pytest.mark.usefixtures("guard")
def test_shows_a_policy_that_says_nothing_of_itself() -> None:
    assert told("show", "plain").splitlines() == [
        "When it fails: the request goes on without it.",
        "Write it: --policy plain",
    ]


def test_shows_the_built_in_policy() -> None:
    shown = told("show", "timeout")
    assert shown.startswith("Gives every exchange its traffic class.\n")
    assert "Write it: --timeout default=60s,long=10m,download=30m,websocket=none\n" in shown


def test_nothing_of_that_name() -> None:
    with pytest.raises(SettingsError, match="policies show nobody-has-this: no policy of that name is installed"):
        told("show", "nobody-has-this")
