"""A whole examination: each trouble is named with its mend, and nothing is found when all is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.doctor.fakes import (
    TLS_RECORD,
    Buffering,
    Comfy,
    Fake,
    Jupyter,
    Ollama,
    OpenOllama,
    Vllm,
    saying,
    serving,
)
from webproxy.doctor.examine import examine
from webproxy.net.destination import Tcp

if TYPE_CHECKING:
    from webproxy.doctor.finding import Finding


def problems(place: Tcp, rule: str = "auto", generate: bool = True) -> list[str]:
    return [finding.about for finding in found(place, rule, generate) if finding.level == "problem"]


def found(place: Tcp, rule: str = "auto", generate: bool = True) -> list[Finding]:
    return [*examine([place], rule=rule, generate=generate)]


@pytest.mark.parametrize("fake", [Fake, Ollama, Vllm, Comfy])
def test_nothing_is_found_when_all_is_well(fake: type[Fake]) -> None:
    with serving(fake) as place:
        assert problems(place) == []


@pytest.mark.parametrize(
    ("fake", "rule", "about"),
    [
        (Ollama, "preserve", ["host"]),
        (OpenOllama, "auto", ["origin"]),
        (Jupyter, "auto", ["origin"]),
        (Buffering, "auto", ["stream"]),
    ],
)
def test_each_trouble_is_named(fake: type[Fake], rule: str, about: list[str]) -> None:
    with serving(fake) as place:
        assert problems(place, rule) == about


def test_troubles_below_http() -> None:
    with saying(TLS_RECORD) as place:
        assert problems(place) == ["service"]
    assert problems(place) == ["service"]
    with serving(Vllm, "0.0.0.0") as place:
        assert problems(place, generate=False) == ["service"]


def test_sockets_and_what_was_left_out() -> None:
    with serving(Comfy) as place:
        assert [finding.level for finding in found(place) if finding.about == "websocket"] == ["good"]
    with serving(Vllm) as place:
        assert [finding for finding in found(place, generate=False) if finding.about == "stream"] == []


def test_the_port() -> None:
    levels = [finding.level for finding in examine([Tcp("127.0.0.1", 1)], port=1, ours=True, generate=False)]
    assert levels[:2] == ["problem", "good"]
