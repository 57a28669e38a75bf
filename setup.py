"""What setup.cfg cannot say: the one compiled module, which need not be there.

Where there is a compiler, plain heads are read by it; where there is none, the package installs and works without.
"""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "webproxy.message._scan",
            ["webproxy/message/_scan.c"],
            extra_compile_args=["-O2", "-g0"],
            optional=True,
            py_limited_api=True,
        )
    ]
)
