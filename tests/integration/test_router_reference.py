"""The router's reference names every option, command, metric and exit status there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from docs.written import REFERENCE
from webproxy.router.command import main
from webproxy.router.face import exposition
from webproxy.router.face.shell import STATUSES
from webproxy.router.options import KNOWN, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE, ADMIN = (REFERENCE / "router.md").read_text(), (REFERENCE / "router-admin.md").read_text()
PAGES = "".join(page.read_text() for page in REFERENCE.glob("router*.md"))


def commands(group: click.Group, before: str = "") -> Iterator[str]:
    """Every command that is not hidden, as it is typed."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        elif not command.hidden:
            yield f"{before}{name}"


def test_every_option() -> None:
    assert [name for name in KNOWN if not re.search(rf"`--{name}[` ]", PAGES)] == []
    named = set(re.findall(r"^\| `--([a-z-]+)", PAGE, re.MULTILINE))
    assert named <= KNOWN.keys()


def test_every_command() -> None:
    told = set(re.findall(r"`([a-z]+(?: [a-z]+)?)[^`]*`", PAGE))
    assert [command for command in commands(main) if command not in told and command != "run"] == []


def test_every_metric() -> None:
    source = Path(exposition.__file__).read_text()
    counters = {f"{name}_total" for name in re.findall(r'\bcounter\(\s*"(webproxy_[a-z_]+)"', source)}
    others = set(re.findall(r'\bgauge\(\s*"(webproxy_[a-z_]+)"', source))
    told = set(re.findall(r"^\| `(webproxy_[a-z_]+)`", ADMIN, re.MULTILINE))
    assert told == counters | others
    assert len(told) > 8


def test_every_exit_status() -> None:
    assert set(re.findall(r"^\| ([0-9]) \|", ADMIN, re.MULTILINE)) == {status for status, _ in STATUSES}


def test_the_settings_file_can_be_used_as_it_stands(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).touch()
    (tmp_path / "router.toml").write_text(text.replace("/etc/webproxy-router", str(tmp_path)))
    settings = settings_of(["--config", str(tmp_path / "router.toml")], {})
    assert (settings.domain, settings.machines) == ("secure.example.com", ("10.0.0.0/8",))
