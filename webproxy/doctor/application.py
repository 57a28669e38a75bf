"""Which application answers: told from what it says of itself, by paths that only look.

Rule of this file: a table. Each row is a question, the sign in its answer, and what an operator of that application
must know; the most particular comes first. From the applications' sources and documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from webproxy.doctor.asking import ask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from webproxy.doctor.asking import Reply
    from webproxy.net.destination import Destination


class Application(NamedTuple):
    """An application, and how it is recognised.

    :ivar name: as its makers write it.
    :ivar path: what is asked.
    :ivar sign: what the answer's body, or its Server field, contains.
    :ivar origins: the setting by which it takes other origins; empty where there is none.
    :ivar chat: where it generates, in the style of OpenAI or Ollama; empty where it does not.
    :ivar models: where it lists its models.
    :ivar socket: where it takes WebSockets.
    """

    name: str
    path: str
    sign: bytes
    origins: str = ""
    chat: str = ""
    models: str = ""
    socket: str = ""


OPENAI = "/v1/chat/completions"
MODELS = "/v1/models"

APPLICATIONS = (
    Application("Ollama", "/", b"Ollama is running", "OLLAMA_ORIGINS=https://NAME", "/api/chat", "/api/tags"),
    Application("ComfyUI", "/system_stats", b'"comfyui_version"', "--enable-cors-header https://NAME", socket="/ws"),
    Application(
        "Jupyter Server",
        "/api",
        b'"version"',
        "--ServerApp.allow_remote_access=True --ServerApp.allow_origin=https://NAME",
    ),
    Application("Open WebUI", "/api/config", b'"name"', "CORS_ALLOW_ORIGIN=https://NAME", socket="/ws/socket.io/"),
    Application("Gradio", "/config", b'"api_prefix"', "root_path=https://NAME"),
    Application("Stable Diffusion web UI", "/sdapi/v1/cmd-flags", b'"api', "--cors-allow-origins=https://NAME"),
    Application("Streamlit", "/_stcore/health", b"ok", "--server.corsAllowedOrigins", socket="/_stcore/stream"),
    Application("llama.cpp", "/props", b'"default_generation_settings"', "", OPENAI, MODELS),
    Application("Text Generation Inference", "/info", b'"model_id"', "", OPENAI, MODELS),
    Application("vLLM", "/version", b'"version"', "--allowed-origins '[\"https://NAME\"]'", OPENAI, MODELS),
    Application("a server in the style of OpenAI", MODELS, b'"object"', "", OPENAI, MODELS),
)


def recognise(place: Destination, fields: Mapping[str, str]) -> Application | None:
    """Find out which application answers; None for none that is known here.

    :param fields: those of a visitor that the service takes.
    """
    answers: dict[str, Reply] = {}
    for application in APPLICATIONS:
        path = application.path
        if path not in answers:
            answers[path] = ask(place, path, fields)
        if answers[path].status == 200 and application.sign in answers[path].body:
            return application
    return None
