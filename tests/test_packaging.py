"""What users install: wheels, source archive and editable copy, each in an environment of its own.

The environments hold the dependencies of this one, as links; Twisted is copied, because an installed plug-in lands in
its folder. ``twistd`` runs from ``/``, where no source tree can lend it anything.

Compiling takes half a minute, so nothing is compiled here. Where the tests run on what is compiled, they look at the
wheel that it was installed from; what they build themselves has ``WEBPROXY_PURE=1``, or a compiler that fails.
"""

from __future__ import annotations

import os
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
from tests.road import SHARED, modules

ROOT = Path(__file__).parents[1]
NOT_SOURCE = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__", "dropin.cache", "*.so")
PURE = {"WEBPROXY_PURE": "1"}
SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
SERIES = f"cp{sys.version_info[0]}{sys.version_info[1]}"
ROAD = {f"{module}{SUFFIX}" for module in {*modules(), SHARED}}


def scanner() -> set[str]:
    """What is compiled wherever there is a compiler for this Python, with mypyc or without."""
    command = os.environ.get("CC", sysconfig.get_config_var("CC")).split()[0]
    there = shutil.which(command) is not None and Path(sysconfig.get_path("include"), "Python.h").is_file()
    return {"webproxy/message/_scan.abi3.so"} if there else set()


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    environment = {**without_modules(), **variables}
    done = subprocess.run(
        command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def copied(place: Path) -> Path:
    return shutil.copytree(ROOT, place / "webproxy", ignore=NOT_SOURCE)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source tree: building leaves traces."""
    return copied(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="module")
def built(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The source archive, and the wheel built from it; compiled, the one that is installed here."""
    out = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, cwd=tree, **PURE)
    wheels = Path(sys.prefix, "wheels") if COMPILED else out
    return {"wheel": next(wheels.glob("webproxy-*.whl")), "source archive": next(out.glob("*.tar.gz"))}


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel that could not be compiled, built where an earlier build has left a module of which nothing is known."""
    out = tmp_path_factory.mktemp("failed")
    tree = copied(out)
    left = tree / f"build/lib.{sysconfig.get_platform()}-{sys.implementation.cache_tag}/webproxy/gone{SUFFIX}"
    left.parent.mkdir(parents=True)
    left.touch()
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", out, cwd=tree, CC="false")
    return next(out.glob("*.whl"))


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
    compiled, rest = apart(built["wheel"])
    assert compiled == (scanner() | ROAD if COMPILED else scanner())
    assert rest == files_of_the_package(tree) | {"twisted/plugins/webproxy_plugin.py"}
    assert "webproxy/py.typed" in rest
    # the scanner alone needs nothing of a Python that is not in all of them
    assert f"-{SERIES}-{SERIES}-" in built["wheel"].name if COMPILED else "-cp310-abi3-" in built["wheel"].name


@pytest.mark.skipif(COMPILED, reason="it is the same there")
def test_wheel_that_cannot_be_compiled_holds_the_same_and_nothing_compiled(tree: Path, failed: Path) -> None:
    compiled, rest = apart(failed)
    assert compiled == set()
    assert rest == files_of_the_package(tree) | {"twisted/plugins/webproxy_plugin.py"}


def apart(wheel: Path) -> tuple[set[str], set[str]]:
    """What is compiled in a wheel, and what else it holds beside its metadata."""
    with zipfile.ZipFile(wheel) as opened:
        names = {name for name in opened.namelist() if ".dist-info/" not in name}
    compiled = {name for name in names if name.endswith(".so")}
    return compiled, names - compiled


def test_source_archive_holds_what_a_packager_needs(built: dict[str, Path]) -> None:
    with tarfile.open(built["source archive"]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = {
        "LICENSE",
        "Makefile",
        "CHANGELOG.md",
        "debian/rules",
        "requirements/runtime.txt",
        "scripts/run",
        "setup.py",
    }
    assert needed <= names
    assert not {name for name in names if name.endswith(".pyc")}


@pytest.mark.parametrize("form", ["wheel", "source archive", "editable"])
def test_what_is_installed_works(form: str, tree: Path, built: dict[str, Path], environment: Path) -> None:
    what = ["--editable", tree] if form == "editable" else [built[form]]
    install(environment, *what)

    listed = run(environment / "bin" / "twistd", "--help", cwd=Path("/"))
    assert any(line.split()[:1] == ["webproxy"] for line in listed.splitlines()), listed

    home = run(environment / "bin" / "python", "-c", "import webproxy; print(webproxy.__file__)", cwd=Path("/"))
    assert home.startswith(str(tree if form == "editable" else environment))
    assert works(environment, compiled=COMPILED and form == "wheel")


@pytest.mark.skipif(COMPILED, reason="it is the same there")
def test_a_wheel_that_cannot_be_compiled_works(failed: Path, environment: Path) -> None:
    install(environment, failed)
    assert works(environment, compiled=False)


def install(environment: Path, *what: str | Path) -> None:
    pip = (sys.executable, "-m", "pip", "--python", environment / "bin" / "python", "--disable-pip-version-check")
    run(*pip, "install", "--no-deps", "--no-index", "--no-build-isolation", *what, cwd=environment, **PURE)


def works(environment: Path, *, compiled: bool) -> bool:
    webproxy = environment / "bin" / "webproxy"
    told = run(webproxy, "version", cwd=Path("/")).partition("\n")[0]
    assert told == f"webproxy {version('webproxy')} ({'compiled' if compiled else 'not compiled'})"
    return "class=LONG" in run(webproxy, "classify", "POST", "/api/chat", cwd=Path("/"))


def test_debian_package_has_the_version_of_the_distribution() -> None:
    """``1.2.0.dev0`` is ``1.2.0~dev0`` there, which is older than ``1.2.0`` (deb-version(7))."""
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg")
    newest = (ROOT / "debian" / "changelog").read_text().partition("\n")[0]
    ours = re.sub(r"\.?(dev|a|b|rc)", r"~\1", settings["metadata"]["version"])
    assert newest.startswith(f"webproxy ({ours}) ")
