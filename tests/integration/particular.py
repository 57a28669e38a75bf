"""Services that are particular about the names they are called by, each with its own checks and nothing else.

What is checked, in which order and how it is refused is what their sources say: ollama/ollama server/routes.go
(allowedHostsMiddleware) behind gin-contrib/cors, Comfy-Org/ComfyUI server.py (create_origin_only_middleware, with the
Sec-Fetch-Site check of 2026), jupyter-server/jupyter_server base/handlers.py (check_host, check_origin, check_referer),
tornadoweb/tornado websocket.py (check_origin) and web.py (check_xsrf_cookie) for Streamlit.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.integration.answering import Asked, Told

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = Told(200, b"<!doctype html><title>it works</title>", (("Content-Type", "text/html"),))
DONE = Told(200, b'{"done": true}', (("Content-Type", "application/json"),))
WEBSOCKET = Told(101)


def moved(asked: Asked) -> Told:
    """A redirection with the whole address, made of the Host that the service was called by."""
    return Told(302, b"", (("Location", f"http://{asked.fields['host']}/elsewhere?a=b"),))


def ollama(asked: Asked) -> Told:
    """Refuses foreign Origins, then every Host that is not local."""
    host = asked.fields.get("host", "")
    origin = asked.fields.get("origin", "")
    same = origin in {"", f"http://{host}", f"https://{host}"}
    if not same and urlsplit(origin).hostname not in {"localhost", "127.0.0.1", "0.0.0.0"}:
        return Told(403)
    name = _hostname(host)
    if not (_is_loopback(name) or name == "" or name.endswith((".localhost", ".local", ".internal"))):
        return Told(403)
    if asked.target == "/moved":
        return moved(asked)
    return DONE if asked.method == "POST" else Told(200, b"Ollama is running")


def comfyui(asked: Asked) -> Told:
    """Refuses what comes from another site; called by a loopback name, also every Origin that is not the same."""
    if asked.fields.get("sec-fetch-site") == "cross-site":
        return Told(403)
    host, origin = asked.fields.get("host", ""), asked.fields.get("origin", "")
    if origin and _is_loopback(_hostname(host)) and urlsplit(origin).netloc != host:
        return Told(403)
    if asked.target.startswith("/ws"):
        return WEBSOCKET
    if asked.target == "/moved":
        return moved(asked)
    return DONE if asked.method == "POST" else PAGE


def jupyter(asked: Asked) -> Told:
    """Sends visitors on before it looks at anything; then Host must be local, and Origin or Referer the same."""
    if asked.target == "/":
        return Told(302, b"", (("Location", "/tree"),)) if asked.method == "GET" else Told(405)
    host, origin = asked.fields.get("host", ""), asked.fields.get("origin", "")
    if not _is_loopback(_hostname(host)):
        return Told(403)
    same = origin == "" or urlsplit(origin).netloc == host
    if asked.target.startswith("/api/events"):
        return WEBSOCKET if same else Told(403)
    if asked.target.startswith("/api/"):
        return DONE if same and _has_token(asked) else Told(404)
    if asked.target.startswith("/files/"):
        return PAGE if urlsplit(asked.fields.get("referer", "")).netloc == host else Told(403)
    if asked.target == "/moved":
        return moved(asked)
    return PAGE if asked.method == "GET" else Told(405)


def streamlit(asked: Asked) -> Told:
    """Takes any Host; a WebSocket's Origin must be the same, and an upload must bring the token back."""
    if asked.target == "/_stcore/stream":
        same = urlsplit(asked.fields.get("origin", "").lower()).netloc == asked.fields["host"]
        return WEBSOCKET if same else Told(403)
    if asked.method in {"PUT", "POST"}:
        return DONE if _has_token(asked) else Told(403)
    if asked.target == "/moved":
        return moved(asked)
    return PAGE._replace(fields=(*PAGE.fields, ("Set-Cookie", "_xsrf=2|7f|a; Path=/"), ("Set-Cookie", "user=b")))


def _has_token(asked: Asked) -> bool:
    """Tornado's: what the cookie says, a field says, too."""
    return f"_xsrf={asked.fields.get('x-xsrftoken', 'none')}" in asked.fields.get("cookie", "")


def _hostname(host: str) -> str:
    return urlsplit(f"//{host}").hostname or ""


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


SERVICES: dict[str, Callable[[Asked], Told]] = {
    "ollama": ollama,
    "comfyui": comfyui,
    "jupyter": jupyter,
    "streamlit": streamlit,
}
