"""Whether words come as they are made."""

from __future__ import annotations

import pytest

from tests.doctor.fakes import Buffering, Fake, Ollama, Vllm, serving
from webproxy.doctor.application import APPLICATIONS
from webproxy.doctor.streams import _model, stream

BY_NAME = {application.name: application for application in APPLICATIONS}


class Empty(Vllm):
    pages = {**Vllm.pages, "/v1/models": b'{"object": "list", "data": []}'}  # noqa: RUF012


class Broken(Vllm):
    def do_POST(self) -> None:  # noqa: N802 - the library's name
        self.answer(500, b"")


@pytest.mark.parametrize(
    ("fake", "name", "level", "words"),
    [
        (Vllm, "vLLM", "good", "vLLM streams: "),
        (Ollama, "Ollama", "good", "Ollama streams: "),
        (Buffering, "vLLM", "problem", "in one piece"),
        (Empty, "vLLM", "note", "lists no model"),
        (Broken, "vLLM", "note", "answered 500"),
    ],
)
def test_how_words_come(fake: type[Fake], name: str, level: str, words: str) -> None:
    with serving(fake) as place:
        found = stream(place, BY_NAME[name], {"Host": "localhost"})
    assert (found.level, words in found.seen) == (level, True), found


@pytest.mark.parametrize(
    ("body", "model"),
    [
        (b'{"data": [{"id": "a"}]}', "a"),
        (b'{"models": [{"name": "b"}]}', "b"),
        (b"", ""),
        (b"[]", ""),
        (b'{"data": [7]}', ""),
        (b'{"data": {}}', ""),
        (b'{"data": {"a": 1}}', ""),
    ],
)
def test_a_list_of_models(body: bytes, model: str) -> None:
    assert _model(body) == model
