"""A service whose endpoints should not be reached, on the router that is named: ``routers.py starlette PATH...``.

It prints its port, and answers ``GET /reached`` with the targets of the requests that have reached an endpoint since
the last time. ``lenient`` is a router as bad as can be: it forgives every spelling before it routes.
"""

from __future__ import annotations

import json
import posixpath
import re
import socket
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Callable

MOUNTS = ("", "/ollama", "/proxy/11434", "/user/alice/proxy/11434")

reached: list[str] = []


def report() -> str:
    """What was reached, told once."""
    told = json.dumps(reached)
    reached.clear()
    return told


def routed(paths: list[str]) -> list[str]:
    return [mount + path for mount in MOUNTS for path in paths]


def serve_starlette(paths: list[str], listening: socket.socket, *, forgive: bool = False) -> None:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    def endpoint(request: Any) -> Any:
        reached.append(str(request.scope["raw_path"], "latin-1"))
        return PlainTextResponse("reached")

    everything = ["GET", "POST", "DELETE"]
    routes = [Route(path, endpoint, methods=everything) for path in routed(paths)]
    app: Any = Starlette(routes=[Route("/reached", lambda _: PlainTextResponse(report())), *routes])

    async def forgiving(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope["path"] = forgiven(str(scope["raw_path"], "latin-1"))
        await app(scope, receive, send)

    config = uvicorn.Config(forgiving if forgive else app, log_level="error", lifespan="off")
    uvicorn.Server(config).run([listening])


def forgiven(path: str) -> str:
    """The path as the most obliging of servers reads it."""
    path = unquote(unquote(path, errors="ignore"), errors="ignore").replace("\\", "/").split("?")[0].split("#")[0]
    path = re.sub(r";[^/]*|[\x00-\x1f].*", "", path).lower()
    return posixpath.normpath(re.sub("/+", "/", path))


def serve_lenient(paths: list[str], listening: socket.socket) -> None:
    serve_starlette(paths, listening, forgive=True)


def serve_aiohttp(paths: list[str], listening: socket.socket) -> None:
    from aiohttp import web

    async def endpoint(request: web.Request) -> web.Response:
        reached.append(request.raw_path)
        return web.Response(text="reached")

    async def tell(_: web.Request) -> web.Response:
        return web.Response(text=report())

    app = web.Application(middlewares=[web.normalize_path_middleware(remove_slash=True, append_slash=False)])
    app.router.add_get("/reached", tell)
    for path in routed(paths):
        app.router.add_route("*", path, endpoint)
    web.run_app(app, sock=listening, print=None)


def serve_tornado(paths: list[str], listening: socket.socket) -> None:
    from tornado.httpserver import HTTPServer
    from tornado.ioloop import IOLoop
    from tornado.web import Application, RequestHandler

    class Endpoint(RequestHandler):
        def prepare(self) -> None:
            reached.append(self.request.uri or "")
            self.finish("reached")

    class Tell(RequestHandler):
        def get(self) -> None:
            self.finish(report())

    endpoints: list[Any] = [(re.escape(path), Endpoint) for path in routed(paths)]
    app = Application([("/reached", Tell), *endpoints], log_function=lambda _: None)
    listening.setblocking(False)
    HTTPServer(app).add_socket(listening)
    IOLoop.current().start()


ROUTERS: dict[str, Callable[[list[str], socket.socket], None]] = {
    "starlette": serve_starlette,
    "lenient": serve_lenient,
    "aiohttp": serve_aiohttp,
    "tornado": serve_tornado,
}

if __name__ == "__main__":
    name, *given = sys.argv[1:]
    with socket.create_server(("127.0.0.1", 0)) as opened:
        print(opened.getsockname()[1], flush=True)  # noqa: T201 - a program prints
        ROUTERS[name](given, opened)
