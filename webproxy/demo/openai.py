"""OpenAI's shape: ``/v1/chat/completions`` as server-sent events or in one piece, and ``/v1/models``.

Source: the API reference of OpenAI (chat completions, streaming). As llama.cpp's server does when asked, every chunk
also carries ``timings``, so that a client can compare when a token was sent with when it arrived.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

from webproxy.demo.answer import Leaf, QueryError, answer_json, as_json
from webproxy.demo.chat import ChatResource, Question, Telling, last_message, model_name, whole_number
from webproxy.demo.flow import Last
from webproxy.demo.tokens import MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twisted.web.server import Request


class Completions(ChatResource):
    """``POST /v1/chat/completions``."""

    content_type = b"text/event-stream"

    def question(self, asked: dict[str, Any]) -> Question:
        """Read OpenAI's JSON: streamed only when asked for."""
        limit = asked.get("max_completion_tokens", asked.get("max_tokens"))
        return Question(
            model=model_name(asked),
            text=last_message(asked),
            stream=asked.get("stream") is True,
            limit=whole_number(limit, "max_tokens"),
        )

    def stream(self, telling: Telling) -> Iterator[bytes]:
        """One event a token: first the role, at last the reason and ``[DONE]``."""
        frame = _frame(telling, "chat.completion.chunk")
        yield _event(telling, frame, {"role": "assistant", "content": ""})
        for token in telling:
            yield _event(telling, frame, {"content": token})
        yield Last(_event(telling, frame, {}, _reason(telling)) + b"data: [DONE]\n\n")

    def whole(self, telling: Telling, text: str) -> bytes:
        """A ``chat.completion`` object."""
        message = {"role": "assistant", "content": text}
        return as_json(
            {
                **_frame(telling, "chat.completion"),
                "choices": [{"index": 0, "message": message, "finish_reason": _reason(telling)}],
                "usage": _usage(telling),
                "timings": _timings(telling),
            }
        )

    def refuse(self, request: Request, error: QueryError) -> bytes:
        """OpenAI's error object."""
        said = {"message": str(error), "type": "invalid_request_error", "param": None, "code": None}
        return answer_json(request, {"error": said}, error.status)


class Models(Leaf):
    """``GET /v1/models``."""

    def render_GET(self, request: Request) -> bytes:
        """The one model there is."""
        model = {"id": MODEL, "object": "model", "created": 0, "owned_by": "webproxy"}
        return answer_json(request, {"object": "list", "data": [model]})


def _frame(telling: Telling, kind: str) -> dict[str, object]:
    """What every chunk of one reply has in common."""
    return {
        "id": f"chatcmpl-{secrets.token_hex(12)}",
        "object": kind,
        "created": int(time.time()),
        "model": telling.question.model,
    }


def _event(telling: Telling, frame: dict[str, object], delta: dict[str, str], reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return b"data: " + as_json({**frame, "choices": [choice], "timings": _timings(telling)}) + b"\n\n"


def _reason(telling: Telling) -> str:
    return "length" if telling.cut else "stop"


def _usage(telling: Telling) -> dict[str, int]:
    return {
        "prompt_tokens": telling.heard,
        "completion_tokens": telling.sent,
        "total_tokens": telling.heard + telling.sent,
    }


def _timings(telling: Telling) -> dict[str, float]:
    return {"predicted_n": telling.sent, "predicted_ms": round(1000 * telling.took, 3)}
