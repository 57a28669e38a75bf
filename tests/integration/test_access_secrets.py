"""Nothing that opens the proxy appears anywhere else: logs, status, process list, tracebacks, upstream.

Rule of this file: every secret is used in every way that is known, right and wrong, and then looked for in all that the
program writes, says and starts.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import pytest
import pytest_twisted
from twisted.logger import eventAsText

from tests.integration.live import live
from tests.integration.protected import BASIC, PASSWORD, PATIENCE, USER, Protected, Wire, protected
from tests.integration.test_demo import Program
from tests.modules import with_modules
from webproxy.access.keys import Key, digest_of, format_keys, key_of
from webproxy.access.secret import Secret
from webproxy.resources.forward import Forward
from webproxy.settings.credentials import CredentialSources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twisted.logger import LogEvent

    from webproxy.downstream.request import Request

WRONG = "wröng-one"
TOKEN = "Bearer token-of-the-service"
MISTYPED = "wpk_mistyped"


class Used(NamedTuple):
    """A proxy whose secrets have been used.

    :ivar secrets: as bytes that must not be found.
    """

    proxy: Protected
    wire: Wire
    secrets: list[bytes]


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Used]:
    folder = tmp_path_factory.mktemp("proxy")
    (folder / "token").write_text(TOKEN)
    demo = Program()
    wire = Wire(demo.port)
    options = ("--upstream-authorization-file", str(folder / "token"), "--log-format", "json")
    with protected(folder, wire.port, *options) as proxy:
        cookie = proxy.cookie()
        use(proxy, cookie)
        signal_and_wait(proxy)
        yield Used(proxy, wire, secrets_of(proxy, cookie))
    wire.close()
    demo.end()


def basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def use(proxy: Protected, cookie: str) -> None:
    """Bring everything in, in all ways, right and wrong."""
    for path in ("/fields", "/no/such/path", "/events?count=2&interval=0", "/download?size=1000"):
        for fields in (
            {"Authorization": BASIC},
            {"Authorization": f"Bearer {proxy.key}"},
            {"Authorization": f"Token {proxy.key}"},
            {"Authorization": basic("x", proxy.key)},
            {"X-API-Key": proxy.key},
            {"Cookie": f"a=1; {cookie}; b=2"},
            {"Cookie": cookie, "Authorization": f"Bearer {MISTYPED}", "X-API-Key": proxy.key},
            {"Authorization": f"Bearer {MISTYPED}"},
            {"X-API-Key": MISTYPED},
            {"Cookie": cookie[:-1]},
        ):
            proxy.ask(path, **{name.replace("-", "_"): value for name, value in fields.items()})
    for authorization in (basic(USER, WRONG), basic(PASSWORD, "x"), BASIC + "=", f"{BASIC}, Bearer {proxy.key}"):
        proxy.ask("/", Authorization=authorization)
    spoken(proxy, b"GET / HTTP/1.1\r\nHost: h\r\nAuthorization: %b\r\nAuthorization: %b\r\n\r\n", 2)
    spoken(proxy, b"GET / HTTP/1.1\r\nHost: h\r\nAuthorization: %b\r\n broken: line\r\n\r\n", 1)
    spoken(proxy, b"GET / HTTP/1.1\r\nHost: h\r\nAuthorization: %b\r\nContent-Length: x\r\n\r\n", 1)
    spoken(proxy, b"GET / HTTP/1.1\r\nAuthorization: %b\r\n\r\n", 1)


def spoken(proxy: Protected, text: bytes, times: int) -> None:
    """Send something malformed, with the password in it."""
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE) as client:
        client.sendall(text % ((BASIC.encode(),) * times))
        assert client.recv(100).startswith(b"HTTP/1.1 4")


def signal_and_wait(proxy: Protected) -> None:
    """Have everything read again, once right and once wrong, and see that it is told."""
    (proxy.folder / "keys").write_text(f"laptop {proxy.key} never\n")
    os.kill(proxy.process.pid, signal.SIGHUP)
    deadline = time.monotonic() + PATIENCE
    while not ("is not a key" in proxy.told() and "reload" in proxy.told()):
        assert time.monotonic() < deadline, proxy.told()
        time.sleep(0.05)


def secrets_of(proxy: Protected, cookie: str) -> list[bytes]:
    """Every form in which a secret could be written down."""
    value = cookie.partition("=")[2]
    texts = [PASSWORD, WRONG, proxy.key, value, value.rpartition(".")[2], MISTYPED, quote(PASSWORD)]
    texts += [basic(user, password).removeprefix("Basic ") for user, password in ((USER, PASSWORD), (USER, WRONG))]
    texts += [basic("x", proxy.key).removeprefix("Basic "), repr(PASSWORD.encode())[2:-1], ascii(PASSWORD)[1:-1]]
    return [text.encode() for text in texts]


def found(used: Used, text: bytes) -> list[bytes]:
    assert text
    return [secret for secret in used.secrets if secret in text]


def test_upstream(used: Used) -> None:
    assert used.wire.seen.count(b"GET /fields HTTP/1.1\r\n") == 6
    assert found(used, bytes(used.wire.seen)) == []


def test_logs(used: Used) -> None:
    assert (used.proxy.folder / "access.log").read_text().count(USER) > 4
    assert found(used, used.proxy.told().encode()) == []
    assert TOKEN not in used.proxy.told()


def test_process_list_and_environment(used: Used) -> None:
    for process in [Path("/proc") / str(used.proxy.process.pid), *children(used.proxy.process.pid)]:
        told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes() + (process / "comm").read_bytes()
        assert found(used, told) == []


def children(pid: int) -> list[Path]:
    words = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [Path("/proc") / word for word in words]


def test_status(used: Used) -> None:
    for target in ("/metrics", "/api/now", "/health", "/ready"):
        said = admin(used.proxy, target)
        assert found(used, said) == []
        assert TOKEN.encode() not in said


def admin(proxy: Protected, target: str) -> bytes:
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(PATIENCE)
    connection.sock.connect(str(proxy.folder / "admin.sock"))
    connection.request("GET", target)
    with connection.getresponse() as answer:
        said = answer.read()
    connection.close()
    return said


@pytest_twisted.ensureDeferred
async def test_tracebacks(
    reactor: Any, logged: list[LogEvent], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Somebody's resource fails in the middle of a request, and everything that the log may show of it is looked at."""
    key = key_of(4711).decode()
    (tmp_path / "keys").write_bytes(format_keys([Key("laptop", digest_of(key.encode()))]))
    sources = CredentialSources(user=USER, password=Secret(PASSWORD.encode()), keys=str(tmp_path / "keys"))
    monkeypatch.setattr(Forward, "render", failing)
    async with live(reactor, credentials=sources, upstream_authorization=Secret(TOKEN.encode())) as proxy:
        client = await proxy.client()
        client.says(
            b"GET / HTTP/1.1\r\nHost: h\r\nAuthorization: %b\r\nX-API-Key: %b\r\n" % (BASIC.encode(), key.encode())
        )
        client.says(b"Cookie: webproxy-session-1=%b\r\n\r\n" % key.encode())
        await client.hears(b"500 Internal Server Error\r\n")
        shown = [repr(proxy.service), repr(proxy.service.settings), repr(proxy.service.site.root)]
    failures = [event["log_failure"] for event in logged if "log_failure" in event]
    assert [failure.type for failure in failures] == [RuntimeError]
    shown += [eventAsText(event) for event in logged]
    shown += [failure.getTraceback(detail="verbose", elideFrameworkCode=False) for failure in failures]
    text = "\n".join(shown)
    assert "in the middle of <Request" in text
    secrets = (PASSWORD, key, BASIC.removeprefix("Basic "), TOKEN, repr(PASSWORD.encode())[2:-1])
    assert [secret for secret in secrets if secret in text] == []


def failing(_self: Forward, request: Request) -> int:
    """Fail, and say all that there is to be said."""
    raise RuntimeError(f"in the middle of {request!r} {request.head!r} {request.record!r} {request.channel!r}")


def test_what_is_shown_of_settings(used: Used) -> None:
    words = ["--internal", "1", "--port", "2", "--user", USER, "--keys", str(used.proxy.folder / "keys")]
    words += ["--upstream-authorization-file", str(used.proxy.folder / "token")]
    for command in ("show", "check"):
        program = [sys.executable, "-c", "from webproxy.cli.main import main; main()", "config", command, *words]
        variables = with_modules(WEBPROXY_PASSWORD=PASSWORD)
        said = subprocess.run(program, env=variables, capture_output=True, timeout=PATIENCE, check=False)
        assert found(used, said.stdout + said.stderr) == []
        assert TOKEN.encode() not in said.stdout + said.stderr


def test_a_password_as_a_word_is_refused_without_repeating_it(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "from webproxy.cli.main import main; main()", "run", "--internal", "1"]
    variables = with_modules()
    for words in (["--password", WRONG], [f"--password={WRONG}"], ["--user", f"anna:{WRONG}"]):
        done = subprocess.run([*program, *words], env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert WRONG not in done.stdout + done.stderr
        assert "--password-file" in done.stderr


def test_the_variable_is_gone_before_anything_is_started(tmp_path: Path) -> None:
    """What the kernel keeps of a process's first environment is its own; children get what is left."""
    program = (
        "import os; from webproxy.tap import Options; options = Options(); "
        "options.parseOptions(['--internal', '1', '--port', '2', '--user', 'anna']); "
        "print(os.environ.get('WEBPROXY_PASSWORD'), options.settings)"
    )
    variables = with_modules(WEBPROXY_PASSWORD=WRONG)
    done = subprocess.run(
        [sys.executable, "-c", program], env=variables, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.stdout.startswith("None Settings(")
    assert WRONG not in done.stdout + done.stderr
