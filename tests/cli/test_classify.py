"""``webproxy classify``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from webproxy.cli.classify import classify
from webproxy.errors import SettingsError
from webproxy.policy import Policy, Verdict, Wait, reject
from webproxy.policy.timeout import TimeoutPolicy
from webproxy.settings import policies

if TYPE_CHECKING:
    from webproxy.policy import RequestHead


def told(*words: str) -> str:
    result = CliRunner().invoke(classify, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def refused(*words: str) -> str:
    with pytest.raises(SettingsError) as caught:
        told(*words)
    return str(caught.value)


def test_says_the_class_of_a_request() -> None:
    assert (
        told("POST", "/api/chat", "-H", "Accept: text/event-stream") == "class=LONG limit=10m policy=timeout why=path\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        ("-H", "Accept: a/b", "--response", "200", "-H", "Content-Disposition: attachment"),
        ("--response=200", "-HContent-Disposition:attachment", "-H", "Content-Length: 5"),
    ],
)
def test_says_what_the_answer_makes_of_it(words: tuple[str, ...]) -> None:
    assert told("GET", "/report", *words) == (
        "request:  class=DEFAULT limit=60s policy=timeout why=default\n"
        "response: class=DOWNLOAD limit=30m policy=timeout why=content-disposition\n"
    )


def test_fields_before_the_answer_are_the_requests() -> None:
    assert "why=range" in told("GET", "/", "-H", "Range: bytes=0-", "--response", "200", "-H", "Content-Length: 5")


def test_speaks_json() -> None:
    assert json.loads(told("POST", "/api/chat", "--json")) == {
        "class": "LONG",
        "limit": 600.0,
        "policy": "timeout",
        "why": "path",
    }


def test_json_has_the_answers_class_and_the_requests_too() -> None:
    upgrade = ("-H", "Connection: Upgrade", "-H", "Upgrade: websocket")
    assert json.loads(told("GET", "/ws", "--json", *upgrade, "--response", "101", *upgrade)) == {
        "class": "WEBSOCKET",
        "limit": None,
        "policy": "timeout",
        "why": "upgrade",
        "request": {"class": "DEFAULT", "limit": 60.0, "policy": "timeout", "why": "default"},
    }


def test_limits_are_those_given() -> None:
    assert told("GET", "/", "--timeout", "default=5s") == "class=DEFAULT limit=5s policy=timeout why=default\n"
    assert told("GET", "/a.zip", "--policy", "timeout:download=1h") == (
        "class=DOWNLOAD limit=60m policy=timeout why=extension\n"
    )


class Guard(Policy):
    def request_received(self, request: RequestHead) -> Verdict | Wait | None:
        if request.path == "/oops":
            raise ValueError("oops")
        return reject(429, "Not now.", 5)


@pytest.fixture
def guard(monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[str, Any] = {"guard": Guard, "timeout": TimeoutPolicy}
    monkeypatch.setattr(policies, "load", lambda name, _where: known[name])


@pytest.mark.usefixtures("guard")
def test_says_who_rejects() -> None:
    assert told("GET", "/", "--policy", "guard", "--response", "200") == (
        "class=DEFAULT limit=60s policy=timeout why=default, but guard rejects it: 429, Not now.\n"
    )
    assert json.loads(told("GET", "/", "--policy", "guard", "--json"))["rejection"] == {
        "policy": "guard",
        "status": 429,
        "reason": "Not now.",
        "retry_after": 5,
    }


@pytest.mark.usefixtures("guard")
def test_says_who_fails() -> None:
    result = CliRunner().invoke(classify, ["GET", "/oops", "--policy", "guard"])
    assert result.stderr == "the policy guard failed: ValueError('oops')\n"
    assert result.stdout == "class=DEFAULT limit=60s policy=timeout why=default\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("GET", "/a b"), "GET /a b: no policy would see this request: 400, "),
        (
            ("GET", "/", "--response", "200", "-H", "Content-Length: x"),
            "GET / --response 200: no client would see this: ",
        ),
        (("GET", "/", "-H", "Accept"), "-H: 'Accept' is no field; write 'Name: value'"),
        (("GET", "/", "--policy", "guard:x"), "--policy: 'x' names no key; write key=value"),
        (("GET", "/", "--timeout", "x"), "--timeout: 'x' names no key; write key=value"),
        (("GET", "/", "--policy", "nobody-has-this"), "--policy nobody-has-this: no policy of that name is installed"),
    ],
)
def test_what_cannot_be_asked(words: tuple[str, ...], sentence: str) -> None:
    assert refused(*words).startswith(sentence)
