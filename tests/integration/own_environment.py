"""An environment of its own, into which pip installs a distribution that a third party might have written.

It borrows what this environment holds by a path file, so that nothing is downloaded; what is installed lands in its own
folder, and vanishes with it. webproxy itself is borrowed, too, or installed like everything else: compiled where it is
compiled here.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import webproxy
from tests.judged import COMPILED
from tests.modules import without_modules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ROOT = Path(__file__).parents[2]
HERE = Path(webproxy.__file__).parents[1]
OURS = re.compile(r"twisted|webproxy(__mypyc.*|[.-].*-info)?")
PATIENCE = 120.0
NOT_SOURCE = shutil.ignore_patterns(
    ".*", "build", "dist", "*.egg-info", "__pycache__", "dropin.cache", "*.so", "tests", "bench"
)


class OwnEnvironment:
    """A virtual environment.

    :param place: an empty folder for it.
    :param webproxy: whether it borrows webproxy. What else is installed here of ours is left out.
    """

    def __init__(self, place: Path, *, webproxy: bool = True) -> None:
        self.place = place / "environment"
        venv.create(self.place, symlinks=True)
        self.python = self.place / "bin" / "python"
        packages = self.place / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
        borrowed = [self._lent("others", others()), *([self._lent("ours", ours())] if webproxy else [])]
        (packages / "borrowed.pth").write_text("".join(f"{folder}\n" for folder in borrowed))
        self.twistd = self._script("twistd", "from twisted.scripts.twistd import run\nrun()\n")
        self.webproxy = self._script("webproxy", "from webproxy.cli.main import main\nmain(prog_name='webproxy')\n")

    def _lent(self, name: str, entries: Iterable[Path]) -> Path:
        """Make a folder of links."""
        folder = self.place / name
        folder.mkdir()
        for entry in entries:
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


def others() -> Iterator[Path]:
    """Everything that is installed here, and is not ours."""
    for place in {Path(place) for place in sys.path} - {HERE}:
        if place.name == "site-packages":
            yield from (entry for entry in place.iterdir() if "webproxy" not in entry.name)


def ours() -> Iterator[Path]:
    """What webproxy is, from the source tree or from where it is installed."""
    return (entry for entry in HERE.iterdir() if OURS.fullmatch(entry.name))


def wheel(folder: Path, version: str) -> Path:
    """Give a wheel of webproxy as it is here, under another version.

    One that is compiled is there already, and only gets the version: to compile takes a minute.
    """
    if COMPILED:
        (there,) = Path(sys.prefix, "wheels").glob("webproxy-*.whl")
        return versioned(there, folder, version)
    tree = shutil.copytree(ROOT, folder / version, ignore=NOT_SOURCE)
    setup = tree / "setup.cfg"
    setup.write_text(re.sub(r"^version = .*", f"version = {version}", setup.read_text(), flags=re.MULTILINE))
    variables = {**without_modules(), "WEBPROXY_PURE": "1"}
    command = (sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder, tree)
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob(f"webproxy-{version}-*.whl"))


def versioned(there: Path, folder: Path, version: str) -> Path:
    """Copy a wheel, and change its version; pip looks at no checksum of what it installs."""
    before = there.name.split("-")[1]
    made = folder / there.name.replace(before, version)
    with zipfile.ZipFile(there) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.startswith(f"webproxy-{before}.dist-info/"):
                data = data.replace(before.encode(), version.encode())
            new.writestr(name.replace(before, version), data)
    return made


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files by their names; the folder they are in."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder
