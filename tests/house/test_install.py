"""What is installed, with a C compiler and without one, and how the program tells which machine floor runs."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import warnings
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from sim.ahead import active

ROOT = Path(__file__).resolve().parents[2]
OURS = ("sim", "plants", "sync", "bridges", "scenarios", "console")
FILES = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "CHANGELOG.md", "Makefile")
MADE = ("*.so", "*.pyd", "_built.py", "__pycache__", "*.c")
EXTENSIONS = ("sim/ahead/leaf", "sim/ahead/_floor", "plants/floor/_kernel")
LEAF = ("sim/ahead/leaf.h", "sim/ahead/leaf.pxd", "sim/ahead/leaf.pyx")
# A line of three machines, told as the floor it ran on and the digest of its trace.
LINE = """
from plants import definition as d
from plants.floor.machines import Machines
from sim.ahead.active import active
from sim.environment import Environment
from sim.streams import Law, Streams

machines = tuple(d.MachineSpec(f"M{n}", cycle=Law("exponential", (3.0,))) for n in range(3))
free = dict(supply_unlimited=True, demand_unlimited=True)
spec = d.LineSpec("L", makes=(d.MakeSpec("PART"),), machines=machines, buffers=(2, 2), **free)
env = Environment()
line = Machines(env, spec, "L", Streams(7, 0))
env.run(until=5000)
print(active(), line.good, line.digest(), sep="|")
"""


def copied(folder):
    """A clone of the sources, as a user would have it: nothing built."""
    for name in (*OURS, "bench", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*MADE))
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    return folder


def surroundings(**changed):
    """The environment variables of a user who asks for nothing special."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PLANTSYNC_", "PYTHONPATH"))}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **changed}


def call(*command, cwd, **changed):
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=surroundings(**changed),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def wheel(source, out, **changed):
    """Build a wheel without network: (its path or None, what the build said)."""
    pytest.importorskip("setuptools", reason="no setuptools here to build a wheel without network")
    options = ("--no-build-isolation", "--no-deps", "--no-index", "-v", "-w", out)
    done = call(sys.executable, "-m", "pip", "wheel", *options, ".", cwd=source, **changed)
    return next(out.glob("*.whl"), None), done.stdout + done.stderr


def unpacked(path, folder):
    """The wheel's files, laid out where Python finds them."""
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
        return folder, archive.namelist()


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """The package as it is installed where no C compiler works: (folder, names in the wheel, what the build said)."""
    folder = tmp_path_factory.mktemp("bare")
    path, told = wheel(copied(folder / "clone"), folder / "out", CC="false")
    assert path, told
    return *unpacked(path, folder / "site"), told


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """The same where one does."""
    if not shutil.which("cc") and not shutil.which("gcc"):
        pytest.skip("no C compiler here")
    folder = tmp_path_factory.mktemp("compiled")
    path, told = wheel(copied(folder / "clone"), folder / "out", PLANTSYNC_REQUIRE_COMPILED="1")
    assert path, told
    return *unpacked(path, folder / "site"), told


def ran(site, code, tmp_path, **changed):
    """A Python that finds the installed package first."""
    return call(sys.executable, "-c", code, cwd=tmp_path, PYTHONPATH=str(site), **changed)


def program(site, tmp_path, *words, **changed):
    return ran(site, f"from console.cli import main; main({list(words)!r})", tmp_path, **changed)


def expected_files():
    """What belongs into every wheel: each module of ours, the scenarios, and what the extensions are made of."""
    modules = {p.relative_to(ROOT).as_posix() for name in OURS for p in (ROOT / name).rglob("*.py")}
    library = {p.relative_to(ROOT).as_posix() for p in (ROOT / "scenarios/library").rglob("*.yaml")}
    typed = {f"{name}/py.typed" for name in OURS}
    return modules | library | typed | {*LEAF, "sim/ahead/_built.py"}


def foreign(names):
    """What has no place in a wheel of ours."""
    tops = {*OURS}
    return [n for n in names if n.endswith(".c") or not (n.split("/")[0] in tops or ".dist-info/" in n)]


# --- without a compiler -----------------------------------------------------------------------------------------------
def test_without_a_compiler_the_wheel_has_every_source_and_no_extension(bare):
    _, names, told = bare
    assert (expected_files() - set(names), foreign(names)) == (set(), [])
    assert not [n for n in names if n.endswith((".so", ".pyd"))]
    assert "it will run interpreted" in told


def test_without_a_compiler_the_program_runs_and_says_that_it_is_interpreted(bare, tmp_path):
    site, _, _ = bare
    assert program(site, tmp_path, "version").stdout.startswith("plantsync ")
    doctor = program(site, tmp_path, "doctor").stdout
    assert "interpreted: it could not be compiled ('false' failed with exit code 1)" in doctor
    done = ran(site, LINE, tmp_path)
    assert done.stdout.startswith("interpreted: "), done.stderr
    assert int(done.stdout.split("|")[1]) > 500


def test_without_a_compiler_asking_for_the_compiled_floor_is_an_error_that_says_why(bare, tmp_path):
    site, _, _ = bare
    done = program(site, tmp_path, "doctor", PLANTSYNC_FLOOR="compiled")
    assert done.returncode == 6 and "'false' failed with exit code 1" in done.stdout
    done = ran(site, LINE, tmp_path, PLANTSYNC_FLOOR="compiled")
    assert done.returncode and "FloorError" in done.stderr and not done.stdout


def test_a_build_that_requires_the_compiled_floor_fails_without_a_compiler(tmp_path):
    path, told = wheel(copied(tmp_path / "clone"), tmp_path / "out", CC="false", PLANTSYNC_REQUIRE_COMPILED="1")
    assert path is None and "non-zero exit status" in told


def test_nothing_is_compiled_for_this_processor_only(bare):
    _, _, told = bare
    commands = [line for line in told.splitlines() if line.strip().startswith("false ") and " -c " in line]
    assert commands
    for command in commands:
        assert "-march" not in command and "-mtune" not in command and "-ffast-math" not in command
        assert "-ffp-contract=off" in command and "-fno-fast-math" in command


# --- with one ---------------------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_with_a_compiler_the_wheel_has_the_extensions_and_their_sources(compiled):
    _, names, _ = compiled
    assert (expected_files() - set(names), foreign(names)) == (set(), [])
    for name in EXTENSIONS:
        assert [n for n in names if n.startswith(f"{name}.")], f"{name} is missing"


@pytest.mark.slow
def test_the_installed_floor_writes_the_same_trace_compiled_and_interpreted(compiled, tmp_path):
    site, _, _ = compiled
    told = {}
    for floor in ("compiled", "interpreted"):
        done = ran(site, LINE, tmp_path, PLANTSYNC_FLOOR=floor)
        assert done.stdout.startswith(floor), done.stderr
        told[floor] = done.stdout.split("|")[1:]
    assert told["compiled"] == told["interpreted"]


@pytest.mark.slow
def test_an_extension_made_of_other_sources_is_noticed(compiled, tmp_path):
    site = shutil.copytree(compiled[0], tmp_path / "site")
    leaf = site / LEAF[-1]
    leaf.write_text(leaf.read_text(encoding="utf-8") + "\n# another thought\n", encoding="utf-8")
    done = program(site, tmp_path, "doctor")
    assert "interpreted: the compiled one is stale, sim/ahead/leaf.pyx changed since" in done.stdout
    assert "make build" in done.stdout
    assert "make build" in ran(site, LINE, tmp_path, PLANTSYNC_FLOOR="compiled").stderr


@pytest.mark.slow
def test_a_source_distribution_installs_without_a_compiler(tmp_path):
    pytest.importorskip("setuptools")
    clone = copied(tmp_path / "clone")
    done = call(sys.executable, "setup.py", "--quiet", "sdist", "-d", tmp_path / "out", cwd=clone)
    archive = next((tmp_path / "out").glob("*.tar.gz"), None)
    assert archive, done.stderr
    with tarfile.open(archive) as packed:
        names = packed.getnames()
        packed.extractall(tmp_path / "unpacked", filter="data")
    assert not [n for n in names if n.endswith((".c", ".so", "_built.py"))]
    source = next((tmp_path / "unpacked").iterdir())
    assert not [
        n for n in ("sim/ahead/leaf.h", "sim/ahead/leaf.pxd", "sim/ahead/leaf.pyx", *FILES) if not (source / n).exists()
    ]
    path, told = wheel(source, tmp_path / "wheels", CC="false")
    assert path, told
    site, _ = unpacked(path, tmp_path / "site")
    assert program(site, tmp_path, "version").stdout.startswith("plantsync ")


@pytest.mark.slow
@pytest.mark.parametrize("compiler", ["false", None])
def test_a_clone_is_installed_editable(tmp_path, compiler):
    """As `pip install -e .` does it; the dependencies are lent by this Python."""
    pytest.importorskip("setuptools")
    if compiler is None and not shutil.which("cc") and not shutil.which("gcc"):
        pytest.skip("no C compiler here")
    clone, venv = copied(tmp_path / "clone"), tmp_path / "venv"
    assert not call(sys.executable, "-m", "venv", "--without-pip", venv, cwd=tmp_path).returncode
    lent = next(venv.glob("lib/python*/site-packages")) / "lent.pth"
    lent.write_text(str(Path(pytest.__file__).parent.parent))
    changed = {"CC": compiler} if compiler else {"PLANTSYNC_REQUIRE_COMPILED": "1"}
    options = ("--no-build-isolation", "--no-deps", "--no-index", "--force-reinstall")
    pip = (sys.executable, "-m", "pip", "--python", venv / "bin/python")
    done = call(*pip, "install", *options, "-e", ".", cwd=clone, **changed)
    assert not done.returncode, done.stdout + done.stderr
    assert call(venv / "bin/plantsync", "version", cwd=tmp_path).stdout.startswith("plantsync ")
    found = call(
        venv / "bin/python", "-c", "import sim.ahead.active as a; print(a.__file__); print(a.active())", cwd=tmp_path
    )
    where, floor = found.stdout.splitlines()
    assert Path(where) == clone / "sim/ahead/active.py"
    assert floor.startswith("interpreted: it could not" if compiler else "compiled with "), floor


# --- which floor, and why ---------------------------------------------------------------------------------------------
def test_a_run_says_which_floor_it_ran_on_and_both_give_the_same(plantsync, monkeypatch, tmp_path):
    digests = {}
    for floor in ("compiled", "interpreted") if active.built().compiled else ("interpreted",):
        monkeypatch.setenv(active.SWITCH, floor)
        assert plantsync("run", "serial-line", "--set", "horizon=20d", "--out", floor)[0] == 0
        told = json.loads(next((tmp_path / floor).rglob("run.json")).read_text())
        assert told["floor"]["compiled"] == (floor == "compiled") and told["floor"]["why"]
        digests[floor] = told["ways"]["none"]["replications"][0]["digest"]
    assert len(set(digests.values())) == 1


@pytest.fixture
def record(monkeypatch):
    """Put a record of a build in place of ours."""

    def put(**values):
        made = ModuleType("sim.ahead._built")
        made.__dict__.update(
            {"COMPILED_WITH": "cc 1, Cython 3", "WHY_NOT": "", "EXTENSIONS": [], "SOURCES": {}, **values}
        )
        monkeypatch.setitem(sys.modules, "sim.ahead._built", made)
        active.built.cache_clear()

    monkeypatch.delenv(active.SWITCH, raising=False)
    yield put
    active.built.cache_clear()


def test_a_whole_extension_is_used_unless_the_interpreted_floor_is_asked_for(record, monkeypatch):
    digest = hashlib.sha256((ROOT / "sim/ahead/active.py").read_bytes()).hexdigest()
    record(EXTENSIONS=["math"], SOURCES={"sim/ahead/active.py": digest, "sim/no-such-file.pyx": "source not shipped"})
    assert active.active() == active.Floor(True, "cc 1, Cython 3")
    assert str(active.active()) == "compiled with cc 1, Cython 3"
    monkeypatch.setenv(active.SWITCH, "interpreted")
    assert str(active.active()) == "interpreted: PLANTSYNC_FLOOR asks for it"


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"WHY_NOT": "no cc", "COMPILED_WITH": ""}, "it could not be compiled (no cc)"),
        ({"SOURCES": {"sim/ahead/active.py": "another digest"}}, "stale, sim/ahead/active.py changed since"),
        ({"EXTENSIONS": ["sim.no_such_extension"]}, "does not load"),
    ],
)
def test_a_floor_that_cannot_be_used_is_told_with_its_reason(record, monkeypatch, values, why):
    record(**values)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        found = active.active()
    assert not found.compiled and why in found.why and "make build" in found.why
    assert bool(warned) == ("stale" in why)
    monkeypatch.setenv(active.SWITCH, "compiled")
    with pytest.raises(active.FloorError, match="make build"):
        active.active()


def test_a_floor_that_was_never_built_is_interpreted(record, monkeypatch):
    record()
    monkeypatch.setitem(sys.modules, "sim.ahead._built", None)
    assert str(active.active()).startswith("interpreted: it was never built here")


def test_an_unknown_floor_is_refused(record, monkeypatch):
    record()
    monkeypatch.setenv(active.SWITCH, "fast")
    with pytest.raises(active.FloorError, match="allowed: auto, compiled, interpreted"):
        active.active()
