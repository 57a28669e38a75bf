"""What users run against the external port: curl, wget, aria2c, a browser, and the clients of OpenAI and Ollama.

The demo service stands behind the proxy. pytest runs this file inside the newcomer's machine, in an environment that
holds these clients and nothing of ours; ``WEBPROXY_URL`` says where the proxy is.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import time
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import ollama
import openai
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

URL = os.environ["WEBPROXY_URL"]
SIZE = 64 * 1024 * 1024
DRIVER = "http://127.0.0.1:9515"
MESSAGES = [{"role": "user", "content": "What do you see?"}]


def run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=120).stdout


def asked(url: str, body: object = None) -> Any:
    """The JSON that a URL answers with; a POST when there is a body."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, {"Content-Type": "application/json"})
    with urlopen(request, timeout=60) as answer:
        return json.load(answer)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.fixture(scope="module")
def digest() -> str:
    """What a download of SIZE bytes must come to, by the service's own word."""
    return str(asked(f"{URL}/download/sha256?size={SIZE}")["sha256"])


def arrivals(process: subprocess.Popen[bytes], prefix: bytes) -> list[float]:
    """When each line with this prefix came out of a program."""
    assert process.stdout is not None
    times = [time.monotonic() for line in process.stdout if line.startswith(prefix)]
    assert process.wait() == 0
    return times


def assert_evenly(times: list[float], count: int, interval: float) -> None:
    """Pieces sent at an interval arrive at that interval, not in clumps: the whole takes its time, most gaps theirs.

    A busy machine may hold up a few of them; what collects pieces makes most gaps short and some long.
    """
    gaps = [after - before for before, after in pairwise(times)]
    assert len(times) >= count
    assert sum(gaps) >= 0.9 * interval * (count - 1)
    assert sorted(gaps)[len(gaps) // 4] > 0.3 * interval, gaps
    assert max(gaps) < 20 * interval, gaps


def test_curl_gets_the_page() -> None:
    assert "<title>webproxy demo</title>" in run("curl", "-fsS", f"{URL}/")


def test_curl_sees_events_as_they_are_sent() -> None:
    with subprocess.Popen(
        ["curl", "-fsSN", f"{URL}/events?count=40&interval=0.05"], stdout=subprocess.PIPE, bufsize=0
    ) as curl:
        assert_evenly(arrivals(curl, b"data:"), 40, 0.05)


def test_curl_sees_ndjson_line_by_line() -> None:
    question = json.dumps({"model": "demo", "messages": MESSAGES})
    with subprocess.Popen(
        ["curl", "-fsSN", f"{URL}/api/chat?count=40&interval=0.05", "-d", question], stdout=subprocess.PIPE, bufsize=0
    ) as curl:
        assert_evenly(arrivals(curl, b"{"), 40, 0.05)


def test_curl_gets_a_range() -> None:
    head = run("curl", "-fsS", "-o", os.devnull, "-D", "-", "-r", "1000-1999", f"{URL}/download?size={SIZE}")
    assert head.startswith("HTTP/1.1 206 ")
    assert f"content-range: bytes 1000-1999/{SIZE}" in head.lower()


@pytest.mark.parametrize("how", [["-T"], ["-X", "POST", "-H", "Transfer-Encoding: chunked", "-T"]])
def test_curl_uploads(how: list[str], tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(os.urandom(SIZE))
    said = json.loads(run("curl", "-fsS", *how, body, f"{URL}/upload"))
    assert (said["bytes"], said["sha256"]) == (SIZE, sha256(body))


def test_wget_goes_on_where_it_stopped(digest: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    run("curl", "-fsS", "-r", f"0-{SIZE // 3}", "-o", file, f"{URL}/download?size={SIZE}")
    run("wget", "-q", "-c", "-O", file, f"{URL}/download?size={SIZE}")
    assert sha256(file) == digest


def test_aria2_downloads_over_eight_connections(digest: str, tmp_path: Path) -> None:
    url = f"{URL}/download?size={SIZE}"
    run("aria2c", "-q", "-x8", "-s8", "-k1M", "--dir", tmp_path, "--out", "file", url)
    assert sha256(tmp_path / "file") == digest


def test_openai_client_streams() -> None:
    client = openai.OpenAI(base_url=f"{URL}/v1", api_key="none", max_retries=0)
    stream = client.chat.completions.create(
        model="demo", messages=MESSAGES, stream=True, extra_query={"count": 40, "interval": 0.05}
    )
    times = [time.monotonic() for chunk in stream if chunk.choices[0].delta.content]
    assert_evenly(times, 40, 0.05)


def test_openai_client_waits_for_the_whole() -> None:
    client = openai.OpenAI(base_url=f"{URL}/v1", api_key="none", max_retries=0)
    reply = client.chat.completions.create(model="demo", messages=MESSAGES, extra_query={"count": 20})
    assert reply.choices[0].message.content
    assert reply.usage
    assert reply.usage.completion_tokens == 20
    assert [model.id for model in client.models.list()]


def test_ollama_client_streams() -> None:
    client = ollama.Client(host=URL)
    times = []
    for part in client.chat(model="demo", messages=MESSAGES, stream=True):
        times.append(time.monotonic())
        last = part
    assert last.done
    assert_evenly(times, 20, 0.05)


def test_ollama_client_waits_for_the_whole() -> None:
    client = ollama.Client(host=URL)
    assert client.generate(model="demo", prompt="Why?", options={"num_predict": 20}).response
    assert client.list().models


@pytest.fixture
def browser() -> Iterator[str]:
    """A WebDriver session (W3C WebDriver §8) with Chromium; its address."""
    options = {"args": ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]}
    wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
    with subprocess.Popen(["chromedriver", "--port=9515", "--silent"]) as driver:
        try:
            for _ in range(100):
                with suppress(OSError):
                    asked(f"{DRIVER}/status")
                    break
                time.sleep(0.1)
            session = f"{DRIVER}/session/{asked(f'{DRIVER}/session', wanted)['value']['sessionId']}"
            yield session
            with urlopen(Request(session, method="DELETE"), timeout=60):
                pass
        finally:
            driver.terminate()


def test_browser_gets_page_streams_socket_download_and_upload(browser: str) -> None:
    """The page runs every experiment itself, and says whether all of it works."""

    def text(script: str) -> str:
        return str(asked(f"{browser}/execute/sync", {"script": script, "args": []})["value"])

    asked(f"{browser}/url", {"url": f"{URL}/"})
    deadline = time.monotonic() + 120
    while not (state := text("return document.getElementById('run-all-state').textContent")).endswith("."):
        assert time.monotonic() < deadline, text("return document.body.innerText")
        if not state:  # a click before the page's script has come does nothing
            text("document.getElementById('run-all').click()")
        time.sleep(0.2)
    assert state == "All of it works.", text("return document.body.innerText")
