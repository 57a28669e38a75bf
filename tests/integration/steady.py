"""A steady load: clients that ask again and again, and count every answer that they did not get.

Rule of this file: a client may lose nothing. It asks on a connection that stands, opens another one when an answer has
said that this is the last, and never asks twice.
"""

from __future__ import annotations

import threading
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

PATIENCE = 40.0


class SteadyLoad:
    """Some clients that keep their connections, and some that open one for each request.

    :ivar answers: how many were right.
    :ivar losses: what happened instead of an answer.
    """

    def __init__(self, port: int, keeping: int = 6, opening: int = 2) -> None:
        self.port = port
        self.answers = 0
        self.losses: list[str] = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._ask, args=(at < keeping,)) for at in range(keeping + opening)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Let the last answers come."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def more(self, count: int) -> None:
        """Wait for so many answers more."""
        wanted = self.answers + count
        waited = threading.Event()
        for _ in range(int(PATIENCE / 0.02)):
            if self.answers >= wanted or self.losses:
                return
            waited.wait(0.02)
        raise AssertionError(f"{self.answers} answers, not {wanted}")

    def _ask(self, keeps: bool) -> None:
        connection: HTTPConnection | None = None
        while not self._stop.is_set():
            connection = connection or HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            try:
                connection.request("POST", "/", body=b"x" * 100)
                answer = connection.getresponse()
                right = (answer.status, answer.read()) == (200, b"hello")
            except (OSError, HTTPException) as error:
                self._count(f"{type(error).__name__}: {error}")
                connection = None
                continue
            self._count("" if right else f"status {answer.status}")
            if answer.will_close or not keeps:
                connection.close()
                connection = None
            self._stop.wait(0.002)
        if connection:
            connection.close()

    def _count(self, loss: str) -> None:
        with self._lock:
            if loss:
                self.losses.append(loss)
            else:
                self.answers += 1
