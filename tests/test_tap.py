"""What twistd runs: options that answer in sentences, and a service that is bound before twistd forks."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from twisted.application.service import Service
from twisted.logger import capturedLogs
from twisted.scripts.twistd import ServerOptions  # type: ignore[attr-defined]

from webproxy.errors import StartError
from webproxy.net.destination import Tcp
from webproxy.settings.model import Settings
from webproxy.settings.options import OPTIONS
from webproxy.tap import Options, makeService

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = ["--internal", "127.0.0.1:9", "--port", "12345"]


class Recorded(Service):
    """Stands in for the proxy: writes down what is asked of it."""

    settings = Settings(internal=(Tcp("127.0.0.1", 9),), port=12345)

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[str] = []
        self.error = error

    def privilegedStartService(self) -> None:
        self.asked.append("bind")
        if self.error:
            raise self.error

    def startService(self) -> None:
        self.asked.append("start")
        super().startService()

    def told(self) -> str:
        return "what is served"

    def reopen_logs(self) -> None:
        self.asked.append("reopen")

    def stopService(self) -> None:
        self.asked.append("stop")
        super().stopService()


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[Recorded], Recorded]:
    def put(service: Recorded) -> Recorded:
        def make_service(settings: Settings, reactor: object, inherited: object, legacy: bytes) -> Recorded:
            assert (inherited, legacy) == ([], b"")
            assert hasattr(reactor, "callLater")
            assert settings.port == 12345
            return service

        module = ModuleType("webproxy.service")
        module.make_service = make_service  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "webproxy.service", module)
        return service

    return put


def parsed(*words: str, twistd: tuple[str, ...] = ("--nodaemon",)) -> Options:
    """Give our options as twistd leaves them, below its own."""
    options = Options()
    options.parent = ServerOptions()
    options.parent.parseOptions(twistd)
    options.parseOptions(words)
    return options


def leaves(options: Options, *words: str) -> int | str | None:
    with pytest.raises(SystemExit) as caught:
        options.parseOptions(words)
    return caught.value.code


def test_options_become_settings() -> None:
    assert parsed(*WORDS).settings.port == 12345


def test_help_lists_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    options = Options()
    options.parent = ServerOptions()
    options.parent.subCommand = "webproxy"
    assert leaves(options, "--prot", "1", "--help") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "webproxy --internal 8080 --port 12345 [options]" in text
    assert all(f"--{option.name}=" in text for option in OPTIONS)
    assert "[default: combined]" in text


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert leaves(Options(), "--version") == 0
    assert capsys.readouterr().out.startswith("webproxy ")


def test_completion_is_twisteds(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Options, "_shellCompFile", sys.stdout.buffer)
    with pytest.raises(SystemExit) as caught:
        Options().parseOptions(["--po", "--_shell-completion", "zsh:1"])
    assert not caught.value.code
    assert "--port" in capsys.readouterr().out


def test_errors_are_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    assert leaves(Options(), "--prot", "1") == 2
    assert capsys.readouterr() == ("", "webproxy: --prot: there is no such option; did you mean --port?\n")


def test_nothing_given(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        Options().parseOptions()
    assert caught.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_sockets_are_bound_when_the_service_is_made(
    stand_in: Callable[[Recorded], Recorded], capsys: pytest.CaptureFixture[str]
) -> None:
    service = stand_in(Recorded())
    made = makeService(parsed(*WORDS))
    assert service.asked == ["bind"]
    assert "  forwards to  127.0.0.1:9, which is not up yet\n" in capsys.readouterr().out
    made.privilegedStartService()
    made.startService()
    made.stopService()
    assert service.asked == ["bind", "start", "stop"]


def test_a_failing_start_is_a_sentence(
    stand_in: Callable[[Recorded], Recorded], capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in(Recorded(StartError("port 12345 is in use by nginx (pid 812)", "choose another")))
    with pytest.raises(SystemExit) as caught:
        makeService(parsed(*WORDS))
    assert caught.value.code == 1
    assert capsys.readouterr() == ("", "webproxy: port 12345 is in use by nginx (pid 812); choose another\n")


@pytest.mark.parametrize(
    ("twistd", "logged"),
    [
        (("--nodaemon",), False),
        (("--nodaemon", "--logfile=-"), False),
        (("--nodaemon", "--logfile=some.log"), True),
        (("--nodaemon", "--syslog"), True),
        (("--nodaemon", "--logger=twisted.logger.jsonFileLogObserver"), True),
        ((), True),
    ],
)
def test_the_banner_is_in_the_log_too_unless_that_is_the_terminal(
    stand_in: Callable[[Recorded], Recorded], twistd: tuple[str, ...], logged: bool
) -> None:
    stand_in(Recorded())
    made = makeService(parsed(*WORDS, twistd=(*twistd, "--pidfile=")))
    with capturedLogs() as events:
        made.startService()
        made.stopService()
    assert any("127.0.0.1:9" in event.get("line", "") for event in events) is logged


def test_without_twistd(stand_in: Callable[[Recorded], Recorded]) -> None:
    """An embedder parses our options without twistd's."""
    stand_in(Recorded())
    options = Options()
    options.parseOptions(WORDS)
    with capturedLogs() as events:
        made = makeService(options)
        made.startService()
        made.stopService()
    assert not events
