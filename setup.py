"""What setup.cfg cannot say: which modules are compiled, none of which need be.

Wheels, and so the Debian package, carry the road of a request compiled: mypyc turns the modules below into C as they
stand, so one source is both. Where there is no compiler, or no mypyc, the package installs and works without. So does
an editable copy: what a developer changes there is what runs. ``WEBPROXY_PURE=1`` compiles nothing of it anywhere.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import BaseError, CCompilerError

#: What stands on the road of every request, below ``webproxy/``. Whatever these import of each other must be here,
#: too: a compiled module calls its own kind at a tenth of the price.
COMPILED = {
    "message": (
        "authority extent fields forwarding framing head hop_by_hop max_forwards origin parser persistence record"
        " rewrite upgrade"
    ),
    "policy": "chain endpoints heads media outcome path patterns timeout",
    "downstream": "channel gate handover intake passage request routed sealed site",
    "resources": "asking forward forwarding http_auth policed upgrading",
    "upstream": "asker connection intake pool retry",
    "access": "authorization cookies cors cross_site keyed_digest recognised seal session stripping",
    "observe": "access_log combined failures line_writer tally watch",
    "net": "sweep",
}

#: What Python itself is compiled with, even where CFLAGS say otherwise, as those of Debian's packages do; and what one
#: compiler warns of and another does not is not to decide what is compiled.
FLAGS = ["-O2", "-g0", "-DNDEBUG", "-fwrapv", "-Wno-error"]

SCANNER = Extension(
    "webproxy.message._scan",
    ["webproxy/message/_scan.c"],
    extra_compile_args=FLAGS,
    optional=True,
    py_limited_api=True,
)


def compiled() -> list[Extension]:
    """Have mypyc write the C. It looks at no other distribution's types, so that it writes the same everywhere."""
    if os.environ.get("WEBPROXY_PURE") or "bdist_wheel" not in sys.argv:
        return []
    try:
        from mypyc.build import mypycify
    except ImportError:
        return []
    os.chdir(Path(__file__).parent)
    paths = [f"webproxy/{room}/{module}.py" for room, modules in COMPILED.items() for module in modules.split()]
    try:
        made = mypycify(
            ["--config-file=", "--no-site-packages", "--ignore-missing-imports", *paths],
            opt_level="2",
            debug_level="0",
            group_name="webproxy",
        )
    except SystemExit:  # so does it end when a later mypy objects to something
        return []
    for module in made:
        module.extra_compile_args = [*module.extra_compile_args, *FLAGS]
    return made


class Build(build_ext):
    """Builds all that was written, or none of it: half of it would not start."""

    def run(self) -> None:
        """Build; without the compiled modules if one of them cannot be, and without what an earlier build has left."""
        compiler = self.compiler
        for left in {*Path(self.build_lib).rglob("*.so")} - {*map(Path, self.get_outputs())}:
            left.unlink()
        try:
            super().run()
        except (BaseError, CCompilerError) as error:
            print(f"webproxy: nothing is compiled, because: {error}", file=sys.stderr)
            for name in self.get_outputs():
                Path(name).unlink(missing_ok=True)
            self.compiler, self.extensions = compiler, [SCANNER]
            super().run()


MODULES = compiled()
setup(
    ext_modules=[SCANNER, *MODULES],
    cmdclass={"build_ext": Build},
    # alone, the scanner needs nothing of a Python that is not in all of them
    options={} if MODULES else {"bdist_wheel": {"py_limited_api": "cp310"}},
)
