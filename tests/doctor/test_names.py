"""Under which names a service lets itself be called, and what that means."""

from __future__ import annotations

import pytest

from tests.doctor.fakes import Fake, Ollama, OpenOllama, serving
from webproxy.doctor.application import APPLICATIONS
from webproxy.doctor.names import Names, judge, try_names
from webproxy.net.destination import Unix

OLLAMA = APPLICATIONS[0]


@pytest.mark.parametrize(
    ("fake", "names"),
    [
        (Fake, Names(True, True, True, True)),
        (Ollama, Names(True, False, False, True)),
        (OpenOllama, Names(True, True, False, True)),
    ],
)
def test_what_it_answers_to(fake: type[Fake], names: Names) -> None:
    with serving(fake) as place:
        assert try_names(place) == names


def test_nobody_answers() -> None:
    assert try_names(Unix("/nowhere")) == Names(False, False, False, False)


@pytest.mark.parametrize(
    ("names", "rule", "told"),
    [
        (Names(True, True, True, True), "auto", [("host", "good"), ("origin", "good")]),
        (Names(True, False, False, True), "auto", [("host", "note"), ("origin", "good")]),
        (Names(True, False, False, True), "rewrite", [("host", "note"), ("origin", "good")]),
        (Names(True, False, False, True), "preserve", [("host", "problem")]),
        (Names(True, True, False, True), "auto", [("host", "good"), ("origin", "problem")]),
        (Names(True, True, False, False), "rewrite", [("host", "good"), ("origin", "problem")]),
        (Names(False, False, False, False), "auto", [("host", "note"), ("origin", "good")]),
    ],
)
def test_what_it_means(names: Names, rule: str, told: list[tuple[str, str]]) -> None:
    assert [(finding.about, finding.level) for finding in judge(names, rule, OLLAMA)] == told
    assert [finding.about for finding in judge(names, rule, None)] == [about for about, _ in told]


def test_the_mend_is_the_applications_own() -> None:
    found = list(judge(Names(True, True, False, True), "auto", OLLAMA))[-1]
    assert found.mend.startswith("--upstream-host rewrite")
    assert "OLLAMA_ORIGINS=https://your public name" in found.mend
    found = list(judge(Names(True, True, False, False), "auto", None))[-1]
    assert found.mend == "allow the public origin in its settings"
