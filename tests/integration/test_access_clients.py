"""Real clients with a password, a key or a session: curl, ``openai``, ``ollama``, wget, git; and without any."""

from __future__ import annotations

import functools
import hashlib
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from bench.ports import free_port
from tests.integration.protected import (
    BASIC,
    CHOSEN,
    PASSWORD,
    TWISTD,
    USER,
    Protected,
    Wire,
    protected,
    start,
    wait_until_open,
)
from tests.integration.test_demo import Program
from tests.modules import with_modules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZE = 5_000_000
PATIENCE = 60


class Setting(NamedTuple):
    """The demo, a wire that listens, and a proxy that asks for a password."""

    demo: Program
    wire: Wire
    proxy: Protected


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    demo = Program()
    wire = Wire(demo.port)
    with protected(tmp_path_factory.mktemp("proxy"), wire.port, "--upstream-host", "preserve") as proxy:
        yield Setting(demo, wire, proxy)
    wire.close()
    assert demo.end() == (0, "")


@pytest.fixture
def proxy(setting: Setting) -> Protected:
    return setting.proxy


def curl(proxy: Protected, path: str, *options: str) -> subprocess.CompletedProcess[bytes]:
    command = ["curl", "-q", "-sS", "--max-time", "30", *options, proxy.url + path]
    return subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)


WAYS = ["basic", "bearer", "x-api-key", "key as password", "cookie"]


def way(proxy: Protected, name: str) -> list[str]:
    """Options of curl that let it in."""
    return {
        "basic": ["-u", f"{USER}:{PASSWORD}"],
        "bearer": ["-H", f"Authorization: Bearer {proxy.key}"],
        "x-api-key": ["-H", f"X-API-Key: {proxy.key}"],
        "key as password": ["-u", f"whoever:{proxy.key}"],
        "cookie": ["-b", proxy.cookie() if name == "cookie" else ""],
    }[name]


HANDSHAKE = [
    *("-H", "Connection: Upgrade", "-H", "Upgrade: websocket", "-H", "Sec-WebSocket-Version: 13"),
    *("-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
]
ASKED = '{"messages": [{"role": "user", "content": "Hello"}]}'


@pytest.mark.parametrize("name", WAYS)
def test_curl(setting: Setting, tmp_path: Path, name: str) -> None:
    proxy, options = setting.proxy, way(setting.proxy, name)
    fields = {field.lower() for field, _ in json.loads(curl(proxy, "/fields", *options).stdout)["fields"]}
    assert {"authorization", "cookie", "x-api-key"}.isdisjoint(fields)
    assert curl(proxy, "/events?count=3&interval=0.01", "-N", *options).stdout.count(b"data:") == 3
    assert b"wrote" in curl(proxy, "/v1/chat/completions?interval=0", "-d", ASKED, *options).stdout
    file = curl(proxy, f"/download?size={SIZE}", *options).stdout
    assert hashlib.sha256(file).hexdigest() == setting.demo.get(f"/download/sha256?size={SIZE}")["sha256"]
    (tmp_path / "file").write_bytes(file)
    uploaded = curl(proxy, "/upload", "--data-binary", f"@{tmp_path}/file", *options).stdout
    assert json.loads(uploaded)["sha256"] == hashlib.sha256(file).hexdigest()
    command = ["curl", "-q", "-sv", "-N", "--max-time", "30", *HANDSHAKE, *options, f"{proxy.url}/echo"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as upgraded:
        assert upgraded.stderr is not None
        heard = next(line for line in upgraded.stderr if line.startswith(b"< HTTP/"))
        upgraded.terminate()
    assert heard.startswith(b"< HTTP/1.1 101 ")


@pytest.mark.parametrize(
    "brought",
    [
        [],
        ["-H", "Authorization: Bearer wpk_mistyped"],
        ["-H", "Authorization: Bearer somebody-elses"],
        ["-H", "X-API-Key: wpk_mistyped"],
        ["-b", "webproxy-session-1=u.1.0"],
    ],
    ids=" ".join,
)
def test_without_a_credential_nothing_gets_through(setting: Setting, brought: list[str]) -> None:
    before = len(setting.wire.seen)
    for path, *options in (
        ("/fields",),
        ("/events",),
        (f"/download?size={SIZE}",),
        ("/v1/chat/completions", "-d", ASKED),
        ("/upload", "-T", __file__),
        ("/echo", *HANDSHAKE),
        ("/", "-X", "OPTIONS"),
        ("/", "-I"),
    ):
        assert status(setting.proxy, path, *options, *brought) == "401"
    assert len(setting.wire.seen) == before


def status(proxy: Protected, path: str, *options: str) -> str:
    return curl(proxy, path, "-o", os.devnull, "-w", "%{http_code}", *options).stdout.decode()


def test_openai(proxy: Protected) -> None:
    openai = pytest.importorskip("openai")
    messages = [{"role": "user", "content": "Hello"}]
    with openai.OpenAI(base_url=f"{proxy.url}/v1", api_key=proxy.key) as client:
        assert [model.id for model in client.models.list()] == ["webproxy-demo"]
        stream = client.chat.completions.create(
            model="any", messages=messages, stream=True, extra_query={"interval": 0}
        )
        assert "".join(chunk.choices[0].delta.content or "" for chunk in stream).startswith("You wrote “Hello”. ")
    with openai.OpenAI(base_url=f"{proxy.url}/v1", api_key="sk-another", max_retries=0) as client:
        with pytest.raises(openai.AuthenticationError) as raised:
            client.models.list()
        assert raised.value.status_code == 401


def test_ollama(proxy: Protected) -> None:
    ollama = pytest.importorskip("ollama")
    messages = [{"role": "user", "content": "Hello"}]
    bearer = {"Authorization": f"Bearer {proxy.key}"}
    with ollama.Client(host=proxy.url, headers=bearer) as client:
        streamed = list(client.chat("any", messages, stream=True, options={"num_predict": 5}))
        assert "".join(part.message.content for part in streamed) == "You wrote “Hello”. These words"
    with ollama.Client(host=proxy.url, auth=(USER, PASSWORD.encode())) as client:
        assert [model.model for model in client.list().models] == ["webproxy-demo"]
    with ollama.Client(host=proxy.url) as client:
        with pytest.raises(ollama.ResponseError) as raised:
            client.list()
        assert raised.value.status_code == 401


@pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not installed")
def test_wget(setting: Setting, tmp_path: Path) -> None:
    file = tmp_path / "file"
    url = f"{setting.proxy.url}/download?size={SIZE}"
    wget = ["wget", "-q", "--no-config", "--tries=1", "-O", str(file), url]
    assert subprocess.run(wget, timeout=PATIENCE, check=False).returncode == 6  # wget(1): authentication failure
    login = [f"--user={USER}", f"--password={PASSWORD}"]
    assert subprocess.run([*wget, *login], timeout=PATIENCE, check=False).returncode == 0
    expected = setting.demo.get(f"/download/sha256?size={SIZE}")["sha256"]
    assert hashlib.sha256(file.read_bytes()).hexdigest() == expected


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Protected]:
    """A proxy in front of a file server that holds a bare repository."""
    folder = tmp_path_factory.mktemp("git")
    work, bare = folder / "work", folder / "served" / "repository.git"
    git("init", "-q", str(work))
    (work / "README").write_text("Hello\n")
    git("-C", str(work), "add", "README")
    git("-C", str(work), "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "Begin")
    git("clone", "-q", "--bare", str(work), str(bare))
    git("-C", str(bare), "update-server-info")
    served = functools.partial(Quiet, directory=str(folder / "served"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), served) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with protected(folder / "proxy", server.server_port) as proxy:
            yield proxy
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that does not comment."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its base names it so
        pass


def git(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run git without anybody's settings, and without a terminal to ask on."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, **variables}
    environment["GIT_TERMINAL_PROMPT"] = "0"
    return subprocess.run(["git", *words], env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_git(repository: Protected, tmp_path: Path) -> None:
    url = f"{repository.url}/repository.git"
    refused = git("clone", "-q", url, str(tmp_path / "none"))
    assert refused.returncode == 128
    assert "could not read Username" in refused.stderr
    asked = tmp_path / "ask"
    asked.write_text('#!/bin/sh\ncase "$1" in Username*) echo "$LOGIN_NAME";; *) echo "$LOGIN_PASSWORD";; esac\n')
    asked.chmod(0o755)
    for name, password in ((USER, PASSWORD), ("key", repository.key)):
        place = tmp_path / name
        done = git("clone", "-q", url, str(place), GIT_ASKPASS=str(asked), LOGIN_NAME=name, LOGIN_PASSWORD=password)
        assert done.returncode == 0, done.stderr
        assert (place / "README").read_text() == "Hello\n"


@pytest.mark.parametrize("password", ["äöå ÄÖÅ", "🦊", "a:b", "ß" * 36, " leading", "' OR 1=1 --"])
def test_passwords_of_all_letters(setting: Setting, tmp_path: Path, password: str) -> None:
    users = tmp_path / "users"
    set_password(users, "björn", password)
    with protected(tmp_path / "proxy", setting.demo.port, htpasswd=users) as proxy:
        assert status(proxy, "/fields", "-u", f"björn:{password}") == "200"
        assert status(proxy, "/fields", "-u", f"björn:{password}x") == "401"
        wget = ["wget", "-q", "--no-config", "--tries=1", "-O", str(tmp_path / "file"), f"{proxy.url}/fields"]
        login = ["--user=björn", f"--password={password}"]
        assert subprocess.run([*wget, *login], timeout=PATIENCE, check=False).returncode == 0


@pytest.mark.parametrize("source", ["file", "variable", "credential"])
def test_wherever_the_password_comes_from(setting: Setting, tmp_path: Path, source: str) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    port = free_port()
    words = ["--internal", str(setting.demo.port), "--port", str(port), "--user", USER, "--admin", "none"]
    words += ["--password-file", str(tmp_path / "password")] if source == "file" else []
    variables = {
        "file": {},
        "variable": {"WEBPROXY_PASSWORD": PASSWORD},
        "credential": {"CREDENTIALS_DIRECTORY": str(tmp_path)},
    }
    output = tmp_path / "output"
    command = [str(TWISTD), "-n", "--pidfile=", *CHOSEN, "webproxy", *words]
    with start(command, output, **variables[source]) as process:
        try:
            wait_until_open(process, port, output)
            proxy = Protected(port, process, tmp_path, "")
            assert (proxy.ask("/fields")[0], proxy.ask("/fields", Authorization=BASIC)[0]) == (401, 200)
        finally:
            process.terminate()
    assert PASSWORD not in output.read_text()


def test_a_changed_password_and_a_revoked_key_end_what_came_from_them(setting: Setting, tmp_path: Path) -> None:
    users = tmp_path / "users"
    set_password(users, USER, PASSWORD)
    with protected(tmp_path / "proxy", setting.demo.port, htpasswd=users) as proxy:
        cookie = proxy.cookie()
        ways = {name: way(proxy, name) for name in ("basic", "bearer")} | {"cookie": ["-b", cookie]}
        assert [status(proxy, "/fields", *options) for options in ways.values()] == ["200"] * 3
        set_password(users, USER, "another")
        keys = str(proxy.folder / "keys")
        assert webproxy("key", "revoke", "laptop", "--keys", keys) == f"{keys}: laptop is revoked\n"
        deadline = time.monotonic() + PATIENCE
        while {status(proxy, "/fields", *options) for options in (ways["bearer"], ways["cookie"])} != {"401"}:
            assert time.monotonic() < deadline
        assert status(proxy, "/fields", *ways["basic"]) == "401"
        assert status(proxy, "/fields", "-u", f"{USER}:another") == "200"


def set_password(users: Path, user: str, password: str) -> None:
    assert webproxy("passwd", str(users), user, password=password) == f"{users}: the password of {user} is set\n"


def webproxy(*words: str, password: str = "") -> str:
    """Run the command; what it says."""
    command = [sys.executable, "-c", "from webproxy.cli.main import main; main()", *words]
    variables = with_modules()
    done = subprocess.run(command, input=password, env=variables, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
