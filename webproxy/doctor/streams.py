"""Whether a service that generates sends its words as they come, or all at once at the end.

Rule of this file: the smallest generation there is, asked for only where an application was recognised that does it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from webproxy.doctor.asking import ask, listen_to
from webproxy.doctor.finding import good, note, problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from webproxy.doctor.application import Application
    from webproxy.doctor.finding import Finding
    from webproxy.net.destination import Destination

TOKENS = 12
SLOW = 0.3
"""Seconds: an answer that takes less says nothing about how it comes."""
PATIENCE = 60.0


def stream(place: Destination, application: Application, fields: Mapping[str, str]) -> Finding:
    """Ask for a few words, and watch how they come."""
    model = _model(ask(place, application.models, fields).body)
    if not model:
        return note("stream", f"{application.name} lists no model: whether it streams was not tried")
    asked = {"model": model, "stream": True, "messages": [{"role": "user", "content": "Count from one to ten."}]}
    asked |= {"options": {"num_predict": TOKENS}} if application.chat == "/api/chat" else {"max_tokens": TOKENS}
    body = json.dumps(asked).encode()
    came = listen_to(place, application.chat, {**fields, "Content-Type": "application/json"}, body, PATIENCE)
    if came.status != 200:
        return note("stream", f"{application.chat} answered {came.status or 'nothing'}: whether it streams is unknown")
    if came.pieces == 1 and came.last > SLOW and came.first > 0.9 * came.last:
        return problem(
            "stream",
            f"{application.name} sent its whole answer in one piece after {came.first:.1f} s: something between here "
            "and the model collects it, and webproxy cannot undo that",
            "ask the model's server itself, without a proxy or gateway in between; in an nginx on the way set "
            "proxy_buffering off",
        )
    return good("stream", f"{application.name} streams: {came.pieces} pieces, the first after {came.first:.1f} s")


def _model(body: bytes) -> str:
    """Read the first model of a list, in the style of OpenAI or of Ollama."""
    try:
        listed = json.loads(body)
        models = listed.get("data") or listed.get("models") or []
        return str(models[0].get("id") or models[0].get("name") or "") if models else ""
    except (ValueError, AttributeError, TypeError, KeyError):
        return ""
