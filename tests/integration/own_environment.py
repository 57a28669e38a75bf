"""An environment of its own, into which pip installs a distribution that a third party might have written.

It borrows what this environment holds by a path file, so that nothing is downloaded; what is installed lands in its own
folder, and vanishes with it. webproxy itself is borrowed from the source tree, or installed like everything else.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import TYPE_CHECKING

from tests.modules import without_modules

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
NOT_SOURCE = shutil.ignore_patterns(
    ".*", "build", "dist", "*.egg-info", "__pycache__", "dropin.cache", "*.so", "tests", "bench"
)


class OwnEnvironment:
    """A virtual environment.

    :param place: an empty folder for it.
    :param webproxy: whether it borrows webproxy, from the source tree. What else is installed here of ours is left out.
    """

    def __init__(self, place: Path, *, webproxy: bool = True) -> None:
        self.place = place / "environment"
        venv.create(self.place, symlinks=True)
        self.python = self.place / "bin" / "python"
        packages = self.place / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
        borrowed = [self._others(), ROOT] if webproxy else [self._others()]
        (packages / "borrowed.pth").write_text("".join(f"{folder}\n" for folder in borrowed))
        self.twistd = self._script("twistd", "from twisted.scripts.twistd import run\nrun()\n")
        self.webproxy = self._script("webproxy", "from webproxy.cli.main import main\nmain(prog_name='webproxy')\n")

    def _others(self) -> Path:
        """Make a folder of links to everything that is installed here, and is not ours."""
        folder = self.place / "others"
        folder.mkdir()
        for entry in Path(sysconfig.get_path("purelib")).iterdir():
            if "webproxy" not in entry.name:
                (folder / entry.name).symlink_to(entry)
        return folder

    def _script(self, name: str, text: str) -> Path:
        script = self.place / "bin" / name
        script.write_text(f"#!{self.python}\n{text}")
        script.chmod(0o755)
        return script

    def install(self, source: Path) -> None:
        """Have pip install what is in a folder."""
        self._pip("install", "-q", "--no-deps", "--no-index", "--no-build-isolation", source)

    def uninstall(self, name: str) -> None:
        """Have pip take away a distribution."""
        self._pip("uninstall", "-q", "--yes", name)

    def _pip(self, *words: str | Path) -> None:
        done = self.finish(sys.executable, "-m", "pip", "--python", self.python, "--disable-pip-version-check", *words)
        assert done.returncode == 0, done.stdout + done.stderr

    def finish(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            command,
            cwd=self.place,
            env=without_modules(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def start(self, *command: str | Path) -> subprocess.Popen[str]:
        """Start a command."""
        return subprocess.Popen(
            command, cwd=self.place, env=without_modules(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )


def wheel(folder: Path, version: str) -> Path:
    """Build a wheel of webproxy as it is here, under another version."""
    tree = shutil.copytree(ROOT, folder / version, ignore=NOT_SOURCE)
    setup = tree / "setup.cfg"
    setup.write_text(re.sub(r"^version = .*", f"version = {version}", setup.read_text(), flags=re.MULTILINE))
    command = (sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder, tree)
    done = subprocess.run(command, env=without_modules(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob(f"webproxy-{version}-*.whl"))


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files by their names; the folder they are in."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder
