"""Clients of a server under test: ``traffic.py KIND URL [USER:PASSWORD]``.

Rule of this file: a program that runs in the server's network and imports nothing of ours. It says ``under way`` after
its first answer, goes on until its standard input ends, and prints as JSON what it saw. A request that fails is
reported, never repeated: whoever loses one must be found out.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from base64 import b64encode
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, TextMessage
from wsproto.events import Request as Upgrade

LIMIT = 20.0
PAUSE = 0.03
CLIENTS = 4


class Clients:
    """What all kinds have: where to, with which fields, and until when."""

    def __init__(self, url: str, credentials: str) -> None:
        parts = urlsplit(url)
        self.host, self.port, self.path = parts.hostname or "", parts.port or 80, parts.path
        self.target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        word = b64encode(credentials.encode()).decode()
        self.fields = {"Authorization": f"Basic {word}"} if credentials else {}
        self.under_way = Event()
        self.enough = Event()

    def connection(self) -> HTTPConnection:
        return HTTPConnection(self.host, self.port, timeout=LIMIT)


class Requests(Clients):
    """Requests without end: of clients that keep their connection, and of clients that open one each time."""

    def __init__(self, url: str, credentials: str) -> None:
        super().__init__(url, credentials)
        self.done = 0
        self.failed: list[str] = []

    def ask(self, connection: HTTPConnection) -> None:
        began = time.monotonic()
        try:
            connection.request("GET", self.target, headers=self.fields)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                self.failed.append(f"{answer.status} {answer.reason}")
        except (OSError, HTTPException) as error:
            fresh = "kept" if connection.keeps else "new"  # type: ignore[attr-defined]
            self.failed.append(f"{fresh} connection, after {time.monotonic() - began:.3f} s: {error!r}")
            connection.close()
        self.done += 1
        self.under_way.set()

    def keep_on(self, *, keeps: bool) -> None:
        connection = self.connection()
        connection.keeps = keeps  # type: ignore[attr-defined]
        while not self.enough.is_set():
            self.ask(connection)
            if not keeps:
                connection.close()
            time.sleep(0.002)
        connection.close()

    def run(self) -> dict[str, Any]:
        threads = [Thread(target=self.keep_on, kwargs={"keeps": number % 2 == 0}) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {"requests": self.done, "failed": self.failed}


class Stream(Clients):
    """One stream of numbered events, read to its end."""

    def run(self) -> dict[str, Any]:
        connection = self.connection()
        connection.request("GET", self.target, headers=self.fields)
        answer = connection.getresponse()
        numbers = []
        try:
            for line in answer:
                if line.startswith(b"id: "):
                    numbers.append(int(line[4:]))
                    self.under_way.set()
        except (OSError, HTTPException) as error:
            return {"status": answer.status, "events": len(numbers), "failed": [repr(error)]}
        gaps = numbers != list(range(1, len(numbers) + 1))
        return {"status": answer.status, "events": len(numbers), "failed": ["events are missing"] if gaps else []}


class Echo(Clients):
    """One WebSocket, on which every message comes back."""

    def run(self) -> dict[str, Any]:
        self.wire = socket.create_connection((self.host, self.port), LIMIT)
        self.socket = WSConnection(ConnectionType.CLIENT)
        fields = [(name.encode(), value.encode()) for name, value in self.fields.items()]
        try:
            self.say(Upgrade(host=f"{self.host}:{self.port}", target=self.target, extra_headers=fields))
            self.expect(AcceptConnection)
            return {"echoed": self.echo(), "failed": []}
        except (OSError, AssertionError) as error:
            return {"echoed": -1, "failed": [repr(error)]}

    def echo(self) -> int:
        count = 0
        while not self.enough.wait(PAUSE):
            count += 1
            self.say(TextMessage(data=f"message {count}"))
            message = self.expect(TextMessage)
            assert message.data == f"message {count}", message
            self.under_way.set()
        self.say(CloseConnection(code=1000))
        self.expect(CloseConnection)
        return count

    def say(self, event: Any) -> None:
        self.wire.sendall(self.socket.send(event))

    def expect(self, kind: type[Any]) -> Any:
        while True:
            for event in self.socket.events():
                assert isinstance(event, kind), event
                return event
            data = self.wire.recv(65536)
            assert data, "the connection has ended"
            self.socket.receive_data(data)


KINDS: dict[str, type[Any]] = {"requests": Requests, "stream": Stream, "websocket": Echo}


def main(kind: str, url: str, credentials: str = "") -> None:
    clients = KINDS[kind](url, credentials)
    told: dict[str, Any] = {}
    thread = Thread(target=lambda: told.update(clients.run()))
    thread.start()
    while thread.is_alive() and not clients.under_way.wait(0.05):
        pass
    sys.stdout.write("under way\n")
    sys.stdout.flush()
    sys.stdin.read()
    clients.enough.set()
    thread.join()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
