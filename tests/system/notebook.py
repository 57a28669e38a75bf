"""What a notebook's page does with its kernel: start it, run code over its WebSocket, answer it, stop it; a program.

``python notebook.py BASE TOKEN [SUBPROTOCOL]``: fails, with what came instead, unless all went as it should. Messages
are Jupyter's own: JSON in text, or parts behind a table of offsets in binary where the subprotocol is
``v1.kernel.websocket.jupyter.org``.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import uuid
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

PATIENCE = 60.0
LARGE = 8_000_000
"""Characters that a cell prints: more than what all buffers on the way hold."""


class Notebook:
    """A page that has one kernel.

    :param base: the server, ``http://host:port``.
    :param protocol: the subprotocol to ask for; empty for none.
    """

    def __init__(self, base: str, token: str, protocol: str) -> None:
        self.base, self.fields, self.protocol = base, {"Authorization": f"token {token}"}, protocol
        self.session = uuid.uuid4().hex
        self.kernel = ""
        self.socket: WebSocketClientConnection

    async def ask(self, method: str, path: str) -> Any:
        """Ask the server's HTTP side; what came, as JSON."""
        body = "{}" if method == "POST" else None
        request = HTTPRequest(self.base + path, method, self.fields, body, request_timeout=PATIENCE)
        answer = await AsyncHTTPClient().fetch(request)
        return json.loads(answer.body or "null")

    async def open(self) -> None:
        """Start a kernel, and connect to its channels."""
        self.kernel = (await self.ask("POST", "/api/kernels"))["id"]
        path = f"/api/kernels/{self.kernel}/channels?session_id={self.session}"
        request = HTTPRequest(self.base.replace("http", "ws", 1) + path, headers=self.fields)
        offered = [self.protocol] if self.protocol else None
        self.socket = await websocket_connect(request, subprotocols=offered, max_message_size=1 << 30)
        assert (self.socket.selected_subprotocol or "") == self.protocol, self.socket.selected_subprotocol

    async def say(self, channel: str, kind: str, content: object) -> str:
        """Send a message; its id."""
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "session": self.session,
            "username": "",
            "version": "5.3",
        }
        parts: list[object] = [header, {}, {}, content]
        if self.protocol:
            await self.socket.write_message(packed(channel, parts), binary=True)
        else:
            names = ("header", "parent_header", "metadata", "content")
            message = dict(zip(names, parts, strict=True), channel=channel, buffers=[])
            await self.socket.write_message(json.dumps(message))
        return str(header["msg_id"])

    async def hear(self) -> dict[str, Any]:
        """Receive a message."""
        data = await asyncio.wait_for(self.socket.read_message(), PATIENCE)
        assert data is not None, "the server closed"
        if isinstance(data, bytes):
            return unpacked(data)
        message: dict[str, Any] = json.loads(data)
        return message

    async def run(self, code: str, answer: str = "") -> dict[str, Any]:
        """Run code to its end: what it printed, showed, and how it ended."""
        asked = await self.say(
            "shell", "execute_request", {"code": code, "silent": False, "store_history": True, "allow_stdin": True}
        )
        seen: dict[str, Any] = {"stream": "", "data": [], "status": ""}
        idle = False
        while not (idle and seen["status"]):
            message = await self.hear()
            if message["parent_header"].get("msg_id") != asked:
                continue
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "stream":
                seen["stream"] += content["text"]
            elif kind in {"display_data", "execute_result"}:
                seen["data"].append(content["data"])
            elif kind == "input_request":
                await self.say("stdin", "input_reply", {"value": answer})
            elif kind == "execute_reply":
                seen["status"] = content["status"] + content.get("ename", "")
            elif kind == "status":
                idle = content["execution_state"] == "idle"
        return seen

    async def interrupted(self) -> dict[str, Any]:
        """Run what would run long, and interrupt it."""
        running = asyncio.ensure_future(self.run("import time\nprint('begun', flush=True)\ntime.sleep(600)"))
        await asyncio.sleep(1)
        await self.ask("POST", f"/api/kernels/{self.kernel}/interrupt")
        return await running


def packed(channel: str, parts: list[object]) -> bytes:
    """Write a message as the subprotocol wants it: how many offsets, the offsets, and what they point at."""
    pieces = [channel.encode(), *(json.dumps(part).encode() for part in parts)]
    offsets = [8 * (len(pieces) + 2)]
    for piece in pieces:
        offsets.append(offsets[-1] + len(piece))
    table = b"".join(number.to_bytes(8, "little") for number in (len(offsets), *offsets))
    return table + b"".join(pieces)


def unpacked(data: bytes) -> dict[str, Any]:
    """Read one."""
    count = int.from_bytes(data[:8], "little")
    offsets = [int.from_bytes(data[8 * at : 8 * at + 8], "little") for at in range(1, count + 1)]
    pieces = [data[begin:end] for begin, end in itertools.pairwise(offsets)]
    header, parent, metadata, content = (json.loads(piece) for piece in pieces[1:5])
    return {"header": header, "parent_header": parent, "metadata": metadata, "content": content}


async def is_refused(notebook: Notebook) -> int:
    """Connect without the right token; the status of the answer."""
    path = f"/api/kernels/{notebook.kernel}/channels"
    request = HTTPRequest(notebook.base.replace("http", "ws", 1) + path, headers={"Authorization": "token wrong"})
    try:
        (await websocket_connect(request)).close()
    except HTTPClientError as error:
        return error.code
    return 101


async def main(base: str, token: str, protocol: str = "") -> None:
    """Do all of it."""
    notebook = Notebook(base, token, protocol)
    await notebook.open()
    assert await is_refused(notebook) == 403
    said = await notebook.run("name = input('who? ')\nprint('hello', name)\n6 * 7", answer="ein Bär 🐻")
    assert said["stream"] == "hello ein Bär 🐻\n", said
    assert said["data"][0]["text/plain"] == "42", said
    large = await notebook.run(f"print('x' * {LARGE})")
    assert (len(large["stream"]), large["status"]) == (LARGE + 1, "ok")
    shown = "from IPython.display import display\ndisplay({'image/png': 'A' * 500_000}, raw=True)"
    assert len((await notebook.run(shown))["data"][0]["image/png"]) == 500_000
    assert (await notebook.run("1 / 0"))["status"] == "errorZeroDivisionError"
    stopped = await notebook.interrupted()
    assert (stopped["stream"], stopped["status"]) == ("begun\n", "errorKeyboardInterrupt"), stopped
    assert (await notebook.run("name"))["data"][0]["text/plain"] == repr("ein Bär 🐻")
    notebook.socket.close()
    await notebook.ask("DELETE", f"/api/kernels/{notebook.kernel}")
    assert await notebook.ask("GET", "/api/kernels") == []


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
