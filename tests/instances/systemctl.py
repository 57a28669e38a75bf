"""A systemctl that writes down what it is told, and says what the test wants it to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.instances import units

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

SCRIPT = """#!/bin/sh
echo "$@" >> "$0.log"
for word in "$@"; do
    if [ -e "$0.fails-$word" ]; then cat "$0.fails-$word" >&2; exit 1; fi
done
case "$*" in
    *"show "*) cat "$0.shows" ;;
esac
"""


class Systemctl:
    """Stands in for systemd's.

    :param folder: where it is put; the machine's settings are taken to be in ``folder/webproxy``.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = folder / "bin" / "systemctl"
        self.path.parent.mkdir()
        self.path.write_text(SCRIPT)
        self.path.chmod(0o755)
        self.drop_ins = folder / "units"
        monkeypatch.setenv("PATH", f"{self.path.parent}:/usr/bin:/bin")
        monkeypatch.setenv("CONFIGURATION_DIRECTORY", str(folder / "webproxy"))
        monkeypatch.setattr(units, "RUNNING", folder)
        monkeypatch.setattr(units, "MACHINE", folder / "webproxy")
        monkeypatch.setattr(units, "DROP_INS", self.drop_ins)
        monkeypatch.setattr("os.geteuid", lambda: 0)
        self.shows("inactive")

    def shows(self, active: str, **more: str) -> None:
        """Let units be so."""
        state = {"ActiveState": active, "UnitFileState": "enabled", "StatusText": "", "MainPID": "0", **more}
        self._beside("shows").write_text("".join(f"{name}={value}\n" for name, value in state.items()))

    def fails(self, word: str, sentence: str) -> None:
        """Let whatever has this word in it fail."""
        self._beside(f"fails-{word}").write_text(f"Warning: something.\n{sentence}\n")

    def told(self) -> list[str]:
        """What it was told, without looking."""
        log = self._beside("log")
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        words = [line.removeprefix("--no-pager ") for line in lines]
        return [line for line in words if not line.startswith(("show ", "cat "))]

    def _beside(self, name: str) -> Path:
        return self.path.with_name(f"systemctl.{name}")
