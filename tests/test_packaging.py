"""What users install: wheel, source archive and editable copy, each in an environment of its own.

The environments hold the dependencies of this one, as links; Twisted is copied, because an installed plug-in lands in
its folder. ``twistd`` runs from ``/``, where no source tree can lend it anything.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from configparser import ConfigParser
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.integration.own_environment import others
from tests.judged import COMPILED
from tests.modules import without_modules

ROOT = Path(__file__).parents[1]
NOT_SOURCE = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__", "dropin.cache", "*.so")


def run(*command: str | Path, cwd: Path) -> str:
    environment = {**without_modules(), "WEBPROXY_PURE": "1"}  # to compile takes a minute; scripts/installed has
    done = subprocess.run(
        command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source tree: building leaves traces."""
    copy = tmp_path_factory.mktemp("tree") / "webproxy"
    return shutil.copytree(ROOT, copy, ignore=NOT_SOURCE)


@pytest.fixture(scope="module")
def built(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The source archive, and the wheel built from it; compiled, the one that is installed here."""
    out = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, cwd=tree)
    wheels = Path(sys.prefix, "wheels") if COMPILED else out
    return {"wheel": next(wheels.glob("webproxy-*.whl")), "source archive": next(out.glob("*.tar.gz"))}


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """An environment with everything webproxy needs, and without webproxy."""
    venv.create(tmp_path / "environment", symlinks=True)
    twistd = tmp_path / "environment" / "bin" / "twistd"
    twistd.write_text(f"#!{twistd.with_name('python')}\nfrom twisted.scripts.twistd import run\nrun()\n")
    twistd.chmod(0o755)
    target = tmp_path / "environment" / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    for entry in others():
        if entry.name == "twisted":
            shutil.copytree(entry, target / entry.name, ignore=NOT_SOURCE)
        else:
            (target / entry.name).symlink_to(entry)
    return tmp_path / "environment"


def files_of_the_package(tree: Path) -> set[str]:
    paths = (path for path in (tree / "webproxy").rglob("*") if path.is_file() and path.parent.name != "__pycache__")
    return {str(path.relative_to(tree)) for path in paths if path.suffix not in {".c", ".so"}}


def test_wheel_holds_the_package_and_the_plugin_and_no_more(tree: Path, built: dict[str, Path]) -> None:
    with zipfile.ZipFile(built["wheel"]) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    compiled = {name for name in names if name.endswith(".so")}
    assert names - compiled == files_of_the_package(tree) | {"twisted/plugins/webproxy_plugin.py"}
    assert "webproxy/py.typed" in names
    beside = {f"{name.partition('.')[0]}.py" for name in compiled}
    beside.discard("webproxy/message/_scan.py")  # none where there is no compiler
    assert ("webproxy__mypyc.py" in beside) is COMPILED
    assert ("webproxy/downstream/channel.py" in beside) is COMPILED
    assert beside - {"webproxy__mypyc.py"} <= names


def test_source_archive_holds_what_a_packager_needs(built: dict[str, Path]) -> None:
    with tarfile.open(built["source archive"]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = {"LICENSE", "Makefile", "CHANGELOG.md", "debian/rules", "requirements/runtime.txt", "scripts/run"}
    assert needed <= names
    assert not {name for name in names if name.endswith(".pyc")}


@pytest.mark.parametrize("form", ["wheel", "source archive", "editable"])
def test_twistd_lists_the_installed_subcommand(
    form: str, tree: Path, built: dict[str, Path], environment: Path
) -> None:
    what = ["--editable", tree] if form == "editable" else [built[form]]
    python = environment / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "install")
    run(*pip, "--no-deps", "--no-index", "--no-build-isolation", *what, cwd=environment)

    listed = run(environment / "bin" / "twistd", "--help", cwd=Path("/"))
    assert any(line.split()[:1] == ["webproxy"] for line in listed.splitlines()), listed

    home = run(python, "-c", "import webproxy; print(webproxy.__file__)", cwd=Path("/"))
    assert home.startswith(str(tree if form == "editable" else environment))
    assert version("webproxy") in run(environment / "bin" / "webproxy", "version", cwd=Path("/"))


def test_debian_package_has_the_version_of_the_distribution() -> None:
    """``1.2.0.dev0`` is ``1.2.0~dev0`` there, which is older than ``1.2.0`` (deb-version(7))."""
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg")
    newest = (ROOT / "debian" / "changelog").read_text().partition("\n")[0]
    ours = re.sub(r"\.?(dev|a|b|rc)", r"~\1", settings["metadata"]["version"])
    assert newest.startswith(f"webproxy ({ours}) ")
