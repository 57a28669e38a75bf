"""The demo service and the clients that people really use: the ``openai`` and ``ollama`` packages, wget, aria2."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.ports import free_port
from tests.integration.test_demo import Program
from tests.modules import with_modules

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE = 5_000_000
TWISTD = Path(sys.executable).with_name("twistd")


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    program = Program()
    yield program
    assert program.end() == (0, "")


@contextlib.contextmanager
def twistd(*options: str) -> Iterator[None]:
    """``twistd -n webproxy`` with these options, from when it accepts connections on."""
    port = int(options[-1])
    command = [str(TWISTD), "-n", "--pidfile=", "webproxy", *options]
    environment = with_modules()
    with subprocess.Popen(command, cwd="/", env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 20
            while True:
                with contextlib.suppress(ConnectionRefusedError):
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                assert process.poll() is None, "twistd has ended"
                assert time.monotonic() < deadline
                time.sleep(0.02)
            yield
        finally:
            process.terminate()


@pytest.fixture(scope="module", params=["alone", "behind webproxy"])
def port(request: pytest.FixtureRequest, program: Program) -> Iterator[int]:
    """The port that the clients are told."""
    if request.param == "alone":
        yield program.port
        return
    free = free_port()
    with twistd("--internal", str(program.port), "--listen", "127.0.0.1", "--port", str(free)):
        yield free


def test_openai(port: int) -> None:
    openai = pytest.importorskip("openai")
    with openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="none") as client:
        messages = [{"role": "user", "content": "Hello"}]
        fast = {"interval": 0}
        assert [model.id for model in client.models.list()] == ["webproxy-demo"]
        stream = client.chat.completions.create(model="any", messages=messages, stream=True, extra_query=fast)
        streamed = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
        assert streamed.startswith("You wrote “Hello”. ")
        whole = client.chat.completions.create(model="any", messages=messages, max_tokens=3, extra_query=fast)
        assert whole.choices[0].message.content == "You wrote “Hello”."
        assert whole.choices[0].finish_reason == "length"
        with pytest.raises(openai.BadRequestError, match="messages: a list of objects"):
            client.chat.completions.create(model="any", messages=[])


def test_ollama(port: int) -> None:
    ollama = pytest.importorskip("ollama")
    options = {"num_predict": 5}
    messages = [{"role": "user", "content": "Hello"}]
    with ollama.Client(host=f"http://127.0.0.1:{port}") as client:
        assert [model.model for model in client.list().models] == ["webproxy-demo"]
        streamed = list(client.chat("any", messages, stream=True, options=options))
        assert "".join(part.message.content for part in streamed) == "You wrote “Hello”. These words"
        assert [part.done for part in streamed] == [False] * 5 + [True]
        assert client.generate("any", "Hello", options=options).response == "You wrote “Hello”. These words"
        with pytest.raises(ollama.ResponseError, match="messages: a list of objects"):
            client.chat("any", [])


@pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not installed")
def test_wget_continues_a_download(program: Program, port: int, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{port}/download?size={SIZE}"
    file = tmp_path / "file"
    subprocess.run(["wget", "-q", "-O", file, url], check=True, timeout=60)
    whole = file.read_bytes()
    file.write_bytes(whole[:1_234_567])
    subprocess.run(["wget", "-q", "-c", "-O", file, url], check=True, timeout=60)
    assert file.read_bytes() == whole
    assert hashlib.sha256(whole).hexdigest() == program.get(f"/download/sha256?size={SIZE}")["sha256"]


@pytest.mark.skipif(shutil.which("aria2c") is None, reason="aria2 is not installed")
def test_aria2_downloads_in_parts(program: Program, port: int, tmp_path: Path) -> None:
    """At a rate at which there is time for it to ask for several."""
    url = f"http://127.0.0.1:{port}/download?size={SIZE}&rate=1000000"
    quiet = ["--quiet", "--no-conf", "--min-split-size=1M", f"--dir={tmp_path}", "--out=file"]
    before = ended(program)
    subprocess.run(["aria2c", "-x8", *quiet, url], check=True, timeout=60)
    found = hashlib.sha256((tmp_path / "file").read_bytes()).hexdigest()
    assert found == program.get(f"/download/sha256?size={SIZE}")["sha256"]
    deadline = time.monotonic() + 20  # the service learns of an end a little later than the client
    while ended(program) - before < 2:
        assert time.monotonic() < deadline, "it came in one part"
        time.sleep(0.05)


def ended(program: Program) -> int:
    """How many downloads the service has seen the end of: aria2 leaves those that it does not need in the middle."""
    downloads = program.get("/stats")["downloads"]
    count: int = downloads["finished"] + downloads["left"]
    return count
