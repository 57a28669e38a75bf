"""Chromium, driven over the DevTools protocol: open a page, press what a user presses, read what a user reads.

The browser listens on no port. It speaks on a pair of pipes (``--remote-debugging-pipe``: JSON, each message ended by
NUL), so the driver needs no WebSocket and the browser ends with the test.
"""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.task import deferLater

if TYPE_CHECKING:
    from twisted.python.failure import Failure

CHROMIUM = shutil.which("chromium")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
COMMANDS, ANSWERS = 3, 4  # the descriptors that Chromium reads from and writes to
PATIENCE = 30.0  # seconds that anything may take on a busy machine


class BrowserError(AssertionError):
    """The browser refused a command, or the page did not come to where it should."""


class Pipe(ProcessProtocol):
    """The browser's process, and the messages on its pipes."""

    def __init__(self) -> None:
        self.ended: Deferred[None] = Deferred()
        self.events: list[dict[str, Any]] = []
        self._waiting: dict[int, Deferred[dict[str, Any]]] = {}
        self._buffer = b""

    def send(self, method: str, parameters: dict[str, Any], session: str | None) -> Deferred[dict[str, Any]]:
        number = len(self._waiting) + 1
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        assert self.transport is not None
        self.transport.writeToChild(COMMANDS, json.dumps(message).encode() + b"\0")
        self._waiting[number] = Deferred()
        return self._waiting[number]

    def childDataReceived(self, childFD: int, data: bytes) -> None:  # noqa: N803
        if childFD != ANSWERS:  # what Chromium complains about on stderr concerns nobody here
            return
        *complete, self._buffer = (self._buffer + data).split(b"\0")
        for text in complete:
            message = json.loads(text)
            if "id" in message:
                self._waiting[message["id"]].callback(message)
            else:
                self.events.append(message)

    def processEnded(self, reason: Failure) -> None:
        self.ended.callback(None)


class Page:
    """One tab."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session

    async def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """One command of the DevTools protocol, to this tab."""
        return await self._browser.call(method, self._session, **parameters)

    async def open(self, url: str) -> None:
        """Go to a page and wait until it has loaded."""
        answer = await self.call("Page.navigate", url=url)
        if "errorText" in answer:
            raise BrowserError(f"{url}: {answer['errorText']}")
        await self.until("document.readyState === 'complete'")

    async def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - whatever the page says
        """The value of an expression of JavaScript in the page."""
        answer = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {answer['exceptionDetails']['exception']['description']}")
        return answer["result"].get("value")

    async def until(self, condition: str, seconds: float = PATIENCE) -> None:
        """Wait until an expression is true."""
        clock = self._browser.reactor
        deadline = clock.seconds() + seconds
        while not await self.evaluate(f"Boolean({condition})"):
            if clock.seconds() > deadline:
                seen = await self.evaluate("document.body.innerText")
                raise BrowserError(f"still not true after {seconds} s: {condition}\nthe page says:\n{seen}")
            await deferLater(clock, 0.02, lambda: None)

    async def click(self, selector: str) -> None:
        """Press what the selector names, as soon as it can be pressed."""
        wanted = f"document.querySelector({json.dumps(selector)})"
        await self.until(f"{wanted} && !{wanted}.disabled")
        await self.evaluate(f"{wanted}.click()")

    async def text(self, selector: str) -> str:
        """What stands in what the selector names."""
        return str(await self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText"))

    async def screenshot(self, file: Path, width: int, scheme: str) -> None:
        """A picture of the whole page.

        :param width: of the window, in CSS pixels.
        :param scheme: ``light`` or ``dark``.
        """
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        await self.call("Emulation.setEmulatedMedia", features=features)
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        await self.call("Emulation.setDeviceMetricsOverride", **size)
        picture = await self.call("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(picture["data"]))


class Browser:
    """A browser with a profile of its own, which goes with it.

    :param reactor: the running reactor.
    """

    def __init__(self, reactor: Any) -> None:  # noqa: ANN401 - whichever reactor the tests run on
        assert CHROMIUM, "Chromium is not installed"
        self.reactor = reactor
        self._profile = TemporaryDirectory(ignore_cleanup_errors=True)
        self._pipe = Pipe()
        arguments = [CHROMIUM, *OPTIONS, f"--user-data-dir={self._profile.name}"]
        descriptors: dict[int, int | str] = {0: "w", 1: "r", 2: "r", COMMANDS: "w", ANSWERS: "r"}
        self._process = reactor.spawnProcess(self._pipe, CHROMIUM, arguments, env=None, childFDs=descriptors)

    @property
    def errors(self) -> list[str]:
        """What went wrong in the pages: uncaught exceptions, and what the browser logged as an error."""
        found = []
        for event in self._pipe.events:
            if event["method"] == "Runtime.exceptionThrown":
                details = event["params"]["exceptionDetails"]
                found.append(details.get("exception", {}).get("description", details["text"]))
            entry = event["params"].get("entry", {})
            if event["method"] == "Log.entryAdded" and entry["level"] == "error":
                found.append(f"{entry['text']} {entry.get('url', '')}")
        return found

    async def call(self, method: str, session: str | None = None, **parameters: object) -> dict[str, Any]:
        """One command of the DevTools protocol."""
        sent = self._pipe.send(method, parameters, session)
        answer = await sent.addTimeout(PATIENCE, self.reactor)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    async def page(self, url: str) -> Page:
        """Open a page in a new tab."""
        target = await self.call("Target.createTarget", url="about:blank")
        attached = await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        page = Page(self, attached["sessionId"])
        for domain in ("Page", "Runtime", "Log"):
            await page.call(f"{domain}.enable")
        await page.open(url)
        return page

    async def close(self) -> None:
        """End the browser and remove its profile."""
        self._process.signalProcess("KILL")
        await self._pipe.ended
        self._profile.cleanup()
