"""Chromium, driven over the DevTools protocol: open a page, press what a user presses, read what a user reads.

The browser listens on no port. It speaks on a pair of pipes (``--remote-debugging-pipe``: JSON, each message ended by
NUL), so the driver needs no WebSocket and the browser ends with the test.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.process import reapAllProcesses
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.task import deferLater

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twisted.python.failure import Failure

CHROMIUM = shutil.which("chromium")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
DEMO = "MAP demo.example 127.0.0.1"
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

    def childDataReceived(self, childFD: int, data: bytes) -> None:  # noqa: N802, N803 - Twisted's names
        if childFD != ANSWERS:  # what Chromium complains about on stderr concerns nobody here
            return
        *complete, self._buffer = (self._buffer + data).split(b"\0")
        for text in complete:
            message = json.loads(text)
            if "id" in message:
                self._waiting[message["id"]].callback(message)
            else:
                self.events.append(message)

    def processExited(self, reason: Failure) -> None:  # noqa: N802 - Twisted's name
        self.ended.callback(None)


def trust(home: str, authority: Path) -> None:
    """Import a certificate into the store that Chromium reads (NSS, below the user's home)."""
    store = Path(home) / ".pki" / "nssdb"
    store.mkdir(parents=True)
    for words in (("-N", "--empty-password"), ("-A", "-t", "C,,", "-n", "test", "-i", str(authority))):
        subprocess.run(["certutil", "-d", f"sql:{store}", *words], check=True, timeout=60)


class Page:
    """One tab."""

    def __init__(self, browser: Browser, target: str, session: str) -> None:
        self._browser = browser
        self._target = target
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

    async def log_in(self, url: str, user: str, password: str) -> int:
        """Go to a page that asks for a password, and answer the browser's own login; how often it asked."""
        await self.call("Fetch.enable", handleAuthRequests=True)
        opened: Deferred[None] = Deferred.fromCoroutine(self.open(url))
        asked = 0
        while not opened.called:
            for event in self._browser.take("Fetch.", self._session):
                request = {"requestId": event["params"]["requestId"]}
                if event["method"] == "Fetch.requestPaused":
                    with contextlib.suppress(BrowserError):  # the page may not want it any more
                        await self.call("Fetch.continueRequest", **request)
                    continue
                asked += 1
                answer = {"response": "ProvideCredentials", "username": user, "password": password}
                if asked > 1:
                    answer = {"response": "CancelAuth"}
                await self.call("Fetch.continueWithAuth", **request, authChallengeResponse=answer)
            await deferLater(self._browser.reactor, 0.01, lambda: None)
        await opened
        await self.call("Fetch.disable")  # which lets go on what is still held
        return asked

    async def evaluate(self, expression: str) -> Any:
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

    async def press(self, key: str) -> None:
        """Press a key: ``Tab`` or ``Enter``."""
        code, text = {"Tab": (9, "\t"), "Enter": (13, "\r")}[key]
        event = {"key": key, "code": key, "windowsVirtualKeyCode": code, "text": text}
        await self.call("Input.dispatchKeyEvent", type="keyDown", **event)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    async def choose(self, selector: str, file: Path) -> None:
        """Choose a file in a file input."""
        root = await self.call("DOM.getDocument")
        found = await self.call("DOM.querySelector", nodeId=root["root"]["nodeId"], selector=selector)
        await self.call("DOM.setFileInputFiles", nodeId=found["nodeId"], files=[str(file)])

    async def look(self, width: int, scheme: str) -> bytes:
        """Look at the whole page; gives the picture as PNG.

        :param width: of the window, in CSS pixels.
        :param scheme: ``light`` or ``dark``.
        """
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        await self.call("Emulation.setEmulatedMedia", features=features)
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        await self.call("Emulation.setDeviceMetricsOverride", **size)
        picture = await self.call("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(picture["data"])

    async def close(self) -> None:
        """Close the tab, and every connection that only it used."""
        await self._browser.call("Target.closeTarget", targetId=self._target)


class Browser:
    """A browser with a profile of its own, which goes with it.

    :param reactor: the running reactor.
    :param names: where names lead, as Chromium's rules say it.
    :param authority: a certificate that it trusts, as a user's import makes it do.
    :param through: the words of a command that starts it elsewhere.
    """

    def __init__(
        self, reactor: Any, names: str = DEMO, authority: Path | None = None, through: Sequence[str] = ()
    ) -> None:
        assert CHROMIUM, "Chromium is not installed"
        self.reactor = reactor
        self._profile = TemporaryDirectory(ignore_cleanup_errors=True)
        self._pipe = Pipe()
        if authority is not None:
            trust(self._profile.name, authority)
        rules = f"--host-resolver-rules={names}"
        arguments = [*through, CHROMIUM, *OPTIONS, rules, f"--user-data-dir={self._profile.name}"]
        descriptors: dict[int, int | str] = {0: "w", 1: "r", 2: "r", COMMANDS: "w", ANSWERS: "r"}
        environment = {**os.environ, "HOME": self._profile.name}  # else crash reports go to the user's home
        self._process = reactor.spawnProcess(self._pipe, arguments[0], arguments, env=environment, childFDs=descriptors)

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

    def take(self, domain: str, session: str) -> list[dict[str, Any]]:
        """Take the events of a domain in a tab that came since the last time."""
        taken = [one for one in self._pipe.events if one["method"].startswith(domain) and one["sessionId"] == session]
        for event in taken:
            self._pipe.events.remove(event)
        return taken

    async def call(self, method: str, session: str | None = None, **parameters: object) -> dict[str, Any]:
        """One command of the DevTools protocol."""
        sent = self._pipe.send(method, parameters, session)
        answer = await sent.addTimeout(PATIENCE, self.reactor)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    async def page(self, url: str, *, strange: bool = False) -> Page:
        """Open a page in a new tab.

        :param strange: of a profile that knows nothing yet: no login, no cookie.
        """
        profile = await self.call("Target.createBrowserContext") if strange else {}
        target = await self.call("Target.createTarget", url="about:blank", **profile)
        attached = await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        page = Page(self, target["targetId"], attached["sessionId"])
        for domain in ("Page", "Runtime", "Log"):
            await page.call(f"{domain}.enable")
        await page.open(url)
        return page

    async def close(self) -> None:
        """End the browser and remove its profile."""
        self._process.signalProcess("KILL")
        while not self._pipe.ended.called:  # a SIGCHLD among several may be lost: ask the system, too
            reapAllProcesses()
            await deferLater(self.reactor, 0.05, lambda: None)
        self._profile.cleanup()
