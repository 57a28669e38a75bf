"""A crowd before two slots, over sockets: whatever happens, nobody is lost, and never more than two are inside."""

from __future__ import annotations

import random
import time
from threading import Lock, Thread
from typing import TYPE_CHECKING

import pytest

from webproxy.testing import Service, serving

if TYPE_CHECKING:
    from webproxy.testing import Asked, Client, Serving


class Crowd:
    """Clients that come, hear their answers or leave when they like, each in its own thread."""

    def __init__(self, proxy: Serving, seed: int) -> None:
        self._proxy = proxy
        self._drawn = random.Random(seed)
        self._lock = Lock()
        self.heard, self.left = 0, 0
        self.wrong: list[str] = []

    def draw(self) -> float:
        with self._lock:
            return self._drawn.random()

    def one(self, name: str) -> Client:
        """A client with a request; who they are is told by their addresses."""
        address = f"127.0.0.{2 + ord(name[0]) - ord('a')}"
        return self._proxy.client(address).asks("POST", f"/api/chat?{name}", b"{}")

    def come(self, letter: str, times: int) -> None:
        for number in range(times):
            client = self.one(f"{letter}{number}")
            if self.draw() < 0.3:
                time.sleep(self.draw() / 50)
                client.leaves()
                self.left += 1
                continue
            answer = client.hears()
            body = answer.read()
            if (answer.status, body) not in {(200, b"done"), (200, b"data: 1\n\ndata: 2\n\n")}:
                self.wrong.append(f"{letter}{number} got {answer.status} {body!r}")
            self.heard += 1

    def work(self, asked: Asked) -> None:
        """Answer in a while, at one go or as a stream."""
        time.sleep(self.draw() / 50)
        if self.draw() < 0.5:
            asked.answer(b"done")
            return
        asked.begin()
        asked.event(b"1")
        time.sleep(self.draw() / 50)
        asked.event(b"2")
        asked.end()


@pytest.mark.parametrize("reactor", ["", "epoll"])
def test_nobody_is_lost_in_a_crowd(reactor: str) -> None:
    policies = {"queue": "webproxy_queue:Queue"}
    with (
        Service() as service,
        serving(service.address, "--policy", "queue:slots=2", policies=policies, reactor=reactor) as proxy,
    ):
        crowd = Crowd(proxy, 7)
        threads = [Thread(target=crowd.come, args=(letter, 12)) for letter in "abcdefgh"]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            if not service.nobody():
                Thread(target=crowd.work, args=(service.next(),)).start()
            time.sleep(0.001)
        assert crowd.wrong == []
        assert crowd.heard + crowd.left == 8 * 12
        assert min(crowd.heard, crowd.left) > 8
        last = crowd.one("z1")
        while (asked := service.next()).target != "/api/chat?z1":
            asked.answer()  # it came for somebody who has left
        asked.answer()
        assert last.hears().status == 200
        assert service.most == 2
