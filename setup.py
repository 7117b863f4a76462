"""Build the extensions of the machine floor; everything else about the package is in pyproject.toml.

Where no C compiler works the package is built without them: the floor then runs interpreted, slower, with the same
results. What was built with what and from which sources, or why not, is written to `sim/ahead/_built.py`, which
`sim/ahead/active.py` reads.
With PLANTSYNC_REQUIRE_COMPILED=1 a failed build is an error.
"""

import os
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

LEAF = ["sim/ahead/leaf.h", "sim/ahead/leaf.pxd"]  # every extension is made of these too
EXTENSIONS = {
    "sim.ahead.leaf": "sim/ahead/leaf.pyx",
    "sim.ahead._floor": "sim/ahead/floor.py",
    "plants.floor._kernel": "plants/floor/kernel.py",
}
RECORD = "sim/ahead/_built.py"
REQUIRED = os.environ.get("PLANTSYNC_REQUIRE_COMPILED", "0") not in ("", "0")

# The same bits on every machine, and the same as interpreted: never -march=native, no a*b+c in one step, no fast math.
FLAGS = [] if os.name == "nt" else ["-O2", "-ffp-contract=off", "-fno-fast-math", "-g0", "-Wno-unused-function"]
DIRECTIVES = {
    "language_level": 3,
    "boundscheck": False,
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": False,
}


class BuildFloor(build_ext):
    """Translate and compile all of EXTENSIONS or none, and leave the record of it beside them."""

    def build_extensions(self):
        why_not = ""
        try:
            translate(self.extensions, self.build_temp)
            with ThreadPoolExecutor() as workers:  # the compiler works in processes of its own
                list(workers.map(self.build_extension, self.extensions))
        except Exception as fault:  # of Cython, of the compiler, of numpy: each means that there is no compiled floor
            if REQUIRED:
                raise
            why_not = reason(fault)
            print(f"machine floor: not compiled ({why_not}); it will run interpreted, slower", file=sys.stderr)
            for ext in self.extensions:
                Path(self.get_ext_fullpath(ext.name)).unlink(missing_ok=True)
        there = Path(self.build_lib, RECORD)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text(record("" if why_not else compiler_name(self.compiler), why_not), encoding="utf-8")

    def copy_extensions_to_source(self):
        for ext in self.extensions:  # what an earlier build left here was made of other sources
            Path(self.get_ext_filename(ext.name)).unlink(missing_ok=True)
        super().copy_extensions_to_source()
        self.copy_file(str(Path(self.build_lib, RECORD)), RECORD)


def translate(extensions, folder):
    """Put C in place of Cython (not into the source folders), and add what of numpy is compiled and linked with it."""
    import numpy
    import numpy.random
    from Cython.Build import cythonize

    for ext in extensions:
        ext.include_dirs = ["sim/ahead", numpy.get_include()]
        ext.library_dirs = [str(Path(numpy.random.__file__).parent / "lib")]
    made = cythonize(extensions, build_dir=folder, compiler_directives=DIRECTIVES, include_path=["."], force=True)
    sources = {each.name: each.sources for each in made}
    for ext in extensions:
        ext.sources = sources[ext.name]


def reason(fault):
    """Why there is no compiled floor, in one line without paths."""
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        return "Python.h is missing; Debian has it in python3-dev"
    if type(fault).__module__.startswith("Cython."):
        return f"Cython could not translate {str(fault).strip() or 'a source'}"
    cause = fault
    while cause is not None:
        if isinstance(cause, subprocess.CalledProcessError):
            return f"'{Path(cause.cmd[0]).name}' failed with exit code {cause.returncode}"
        cause = cause.__cause__ or cause.__context__
    return (str(fault).strip() or type(fault).__name__).splitlines()[0]


def compiler_name(compiler):
    """The first line of what the C compiler says about itself."""
    command = list(takewhile(lambda word: not word.startswith("-"), getattr(compiler, "compiler_so", ())))
    if not command:
        return compiler.compiler_type
    said = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False).stdout
    return said.strip().splitlines()[0] if said.strip() else command[-1]


def record(compiler, why_not):
    """The text of the module that tells the installed program what was built."""
    sources = {name: sha256(Path(name).read_bytes()).hexdigest() for name in sorted([*LEAF, *EXTENSIONS.values()])}
    tools = f"Cython {version('cython')}, numpy {version('numpy')}" if compiler else ""
    return (
        '"""Written by setup.py: what the machine floor was compiled with and from, or why it was not."""\n\n'
        f"COMPILED_WITH = {f'{compiler}, {tools}' if compiler else ''!r}\nWHY_NOT = {why_not!r}\n"
        f"EXTENSIONS = {list(EXTENSIONS)!r}\nSOURCES = {sources!r}\n"
    )


setup(
    cmdclass={"build_ext": BuildFloor},
    ext_modules=[
        Extension(
            name,
            [source],
            depends=LEAF,
            libraries=["npyrandom"] if os.name == "nt" else ["npyrandom", "m"],
            extra_compile_args=FLAGS,
            optional=not REQUIRED,
        )
        for name, source in EXTENSIONS.items()
    ],
)
