"""Programs that people really put on both ends of a WebSocket, through the proxy in both modes.

A service like ComfyUI's (status as text, previews as bytes), one of the ``websockets`` package, and socket.io with its
change from polling to a WebSocket; their clients in a process of their own.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.integration.programs import listening, proxied
from tests.modules import with_modules

if TYPE_CHECKING:
    from collections.abc import Iterator

COMFY = """
import asyncio, json, struct, sys
from aiohttp import WSMsgType, web

PREVIEW = struct.pack(">II", 1, 2) + bytes(range(256)) * 800

async def socket(request):
    connection = web.WebSocketResponse()
    await connection.prepare(request)
    await connection.send_json({"type": "status", "data": {"sid": request.query["clientId"]}})
    async for message in connection:
        if message.type is WSMsgType.TEXT:
            for step in range(20):
                await connection.send_json({"type": "progress", "data": {"value": step, "max": 20}})
                await connection.send_bytes(PREVIEW)
            await connection.send_json({"type": "executed", "data": json.loads(message.data)})
    return connection

application = web.Application()
application.router.add_get("/ws", socket)
web.run_app(application, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)
"""

COMFY_CLIENT = """
import asyncio, json, sys
import aiohttp

async def main():
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(f"http://127.0.0.1:{sys.argv[1]}/ws?clientId=abc") as connection:
            assert (await connection.receive_json())["data"]["sid"] == "abc"
            await connection.send_str(json.dumps({"prompt": "ein Bär 🐻"}))
            kinds = []
            while True:
                message = await connection.receive(timeout=30)
                if message.type is aiohttp.WSMsgType.BINARY:
                    assert message.data[8:] == bytes(range(256)) * 800
                    kinds.append("preview")
                else:
                    told = json.loads(message.data)
                    kinds.append(told["type"])
                    if told["type"] == "executed":
                        assert told["data"]["prompt"] == "ein Bär 🐻"
                        break
            assert kinds == ["progress", "preview"] * 20 + ["executed"], kinds
            await connection.close(code=1000)

asyncio.run(main())
"""

WEBSOCKETS = """
import asyncio, sys
from websockets.asyncio.server import serve

async def talk(connection):
    assert connection.subprotocol == "chat", connection.subprotocol
    async for message in connection:
        await connection.send(message)
    assert connection.close_code == 4001, connection.close_code

async def main():
    async with serve(talk, "127.0.0.1", int(sys.argv[1]), subprotocols=["chat"], max_size=None) as server:
        await server.serve_forever()

asyncio.run(main())
"""

WEBSOCKETS_CLIENT = """
import asyncio, sys
from websockets.asyncio.client import connect

async def main():
    async with connect(f"ws://127.0.0.1:{sys.argv[1]}/", subprotocols=["other", "chat"], max_size=None) as connection:
        assert connection.subprotocol == "chat"
        for message in ("ä" * 100000, bytes(3_000_000), "", b""):
            await connection.send(message)
            assert await connection.recv() == message
        latency = await (await connection.ping())
        assert latency < 30
        await connection.close(4001, "that is all")

asyncio.run(main())
"""

SOCKET_IO = """
import sys
import socketio
from aiohttp import web

server = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*")

@server.event
async def ask(sid, data):
    await server.emit("told", {"echo": data["words"], "bytes": b"\\0" * 70000}, to=sid)

application = web.Application()
server.attach(application)
web.run_app(application, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)
"""

SOCKET_IO_CLIENT = """
import asyncio, sys
import socketio

async def main():
    client, told = socketio.AsyncClient(), asyncio.Queue()
    client.on("told", told.put)
    await client.connect(f"http://127.0.0.1:{sys.argv[1]}", wait_timeout=30)
    for _ in range(100):  # begins with polling, then changes
        if client.transport() == "websocket":
            break
        await asyncio.sleep(0.1)
    assert client.transport() == "websocket"
    await client.emit("ask", {"words": "hello"})
    answer = await asyncio.wait_for(told.get(), 30)
    assert answer["echo"] == "hello" and len(answer["bytes"]) == 70000
    await client.disconnect()

asyncio.run(main())
"""

PAIRS = {
    "ComfyUI's like, aiohttp": (COMFY, COMFY_CLIENT),
    "websockets": (WEBSOCKETS, WEBSOCKETS_CLIENT),
    "socket.io": (SOCKET_IO, SOCKET_IO_CLIENT),
}


@pytest.fixture(scope="module", params=PAIRS)
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[int, str]]:
    """A service that runs, and the program of its client."""
    service, client = PAIRS[request.param]
    with listening("-c", service) as port:
        yield port, client


@pytest.mark.parametrize("mode", ["tunnel", "frames"])
def test_they_talk(pair: tuple[int, str], mode: str) -> None:
    port, client = pair
    with proxied(port, "--websocket", mode) as outside:
        ran = subprocess.run(
            [sys.executable, "-c", client, str(outside)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=with_modules(),
        )
    assert ran.returncode == 0, ran.stderr
