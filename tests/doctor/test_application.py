"""Applications are known by what they say of themselves."""

from __future__ import annotations

import pytest

from tests.doctor.fakes import Comfy, Fake, Jupyter, Ollama, Vllm, serving
from webproxy.doctor.application import recognise


@pytest.mark.parametrize(
    ("fake", "name"),
    [(Ollama, "Ollama"), (Vllm, "vLLM"), (Comfy, "ComfyUI"), (Jupyter, "Jupyter Server"), (Fake, None)],
)
def test_who_answers(fake: type[Fake], name: str | None) -> None:
    with serving(fake) as place:
        found = recognise(place, {"Host": "localhost"})
    assert (found.name if found else None) == name
