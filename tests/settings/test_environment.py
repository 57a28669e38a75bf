"""Variables say what options say."""

from __future__ import annotations

import pytest

from webproxy.settings.environment import read_environment, variable
from webproxy.settings.options import OPTIONS
from webproxy.settings.settle import Given


def test_every_option_has_its_variable() -> None:
    environ = {variable(option.name): "x" for option in OPTIONS}
    said, wrong = read_environment(environ)
    assert said == {option.name: Given(("x",), variable(option.name)) for option in OPTIONS}
    assert wrong == []
    assert "WEBPROXY_ON_DISCONNECT" in environ


def test_several_values_are_words() -> None:
    said, _ = read_environment({"WEBPROXY_POLICY": "queue:slots=2 'guard:say=not here'"})
    assert said["policy"].texts == ("queue:slots=2", "guard:say=not here")


def test_others_are_left_alone() -> None:
    """What Kubernetes sets for a service of our name, the tests' own variable, and what is empty."""
    environ = {"WEBPROXY_SERVICE_HOST": "10.0.0.1", "WEBPROXY_TEST_REACTOR": "epoll", "WEBPROXY_DRAIN": "", "HOME": "/"}
    assert read_environment(environ) == ({}, [])


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("WEBPROXY_DRIAN", "5s", "WEBPROXY_DRIAN: there is no such setting; did you mean WEBPROXY_DRAIN?"),
        ("WEBPROXY_MAXBODY", "1", "WEBPROXY_MAXBODY: there is no such setting; did you mean WEBPROXY_MAX_BODY?"),
        ("WEBPROXY_TRUST", "'::1", 'WEBPROXY_TRUST: "\'::1" opens a quote and does not close it; close it'),
    ],
)
def test_refuses(name: str, text: str, sentence: str) -> None:
    said, wrong = read_environment({name: text})
    assert said == {}
    assert [str(error) for error in wrong] == [sentence]
