"""A proxy that runs for a test: started as users start it, with policies that need not be installed."""

from __future__ import annotations

import os
import textwrap
from typing import TYPE_CHECKING

import pytest

from webproxy.testing import Service, serving

if TYPE_CHECKING:
    from pathlib import Path

NO_RENDERS = """
from webproxy.policy import Policy, Setting, reject

class NoRenders(Policy):
    settings = (Setting("path", str, "/render", "What nobody may ask for."),)

    def __init__(self, *, path):
        self.path = path

    def request_received(self, request):
        return reject(403, "No.") if request.path.startswith(self.path) else None
"""


@pytest.fixture
def policies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    (tmp_path / "no_renders.py").write_text(textwrap.dedent(NO_RENDERS))
    monkeypatch.syspath_prepend(str(tmp_path))
    return {"no-renders": "no_renders:NoRenders"}


@pytest.mark.parametrize("reactor", ["", "epoll"])
def test_a_policy_serves_without_being_installed(policies: dict[str, str], reactor: str) -> None:
    options = ("--policy", "no-renders:path=/r")
    with (
        Service(lambda asked: asked.answer(b"hello")) as service,
        serving(service.address, *options, policies=policies, reactor=reactor) as proxy,
    ):
        assert [proxy.client().asks("GET", path).hears().status for path in ("/", "/r")] == [200, 403]
        assert proxy.metrics()['webproxy_ended_early_total{by="no-renders"}'] == 1.0
        assert repr(proxy) == f"<Serving on {proxy.port}>"
    assert os.environ.get("CONFIGURATION_DIRECTORY") != ""


def test_settings_of_this_machine_do_not_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBPROXY_NONSENSE", "1")
    monkeypatch.setenv("WEBPROXY_DRAIN", "nonsense")
    with serving("127.0.0.1:9") as proxy:
        assert "nonsense" not in proxy.log()


def test_files_are_read_again(tmp_path: Path) -> None:
    file = tmp_path / "proxy.toml"
    file.write_text("max-connections = 7\n")
    with serving("127.0.0.1:9", "--config", str(file)) as proxy:
        file.write_text("max-connections = 8\n")
        proxy.reload()
        assert "reloaded: max-connections" in proxy.log()


def test_who_does_not_start_says_why() -> None:
    with pytest.raises(AssertionError, match="no policy of that name is installed"):  # noqa: SIM117 - it is the start
        with serving("127.0.0.1:9", "--policy", "not-there"):
            pass
