"""Standard output carries the answer and nothing else, whoever prints and however deep below Python."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# A highspy that prints as a native library may: on both descriptors, past Python, and held back in C's own buffer.
LOUD = '''
"""The solver next on the path, made to print."""
import atexit, ctypes, importlib.util, os, sys
from pathlib import Path

_here = str(Path(__file__).resolve().parent.parent)
_path = [p for p in sys.path if str(Path(p or ".").resolve()) != _here]
_real = importlib.machinery.PathFinder.find_spec("highspy", _path)
__path__ = _real.submodule_search_locations
exec(compile(Path(_real.origin).read_text(), _real.origin, "exec"))


def _shout(what):
    os.write(1, f"{what} on 1\\n".encode())
    os.write(2, f"{what} on 2\\n".encode())
    print(what, "by print")
    ctypes.CDLL(None).printf(f"{what} held back\\n".encode())


_shout("import")
atexit.register(_shout, "farewell")


class Highs(Highs):
    def __init__(self):
        _shout("constructor")
        super().__init__()

    def run(self):
        _shout("run")
        return super().run()
'''


@pytest.fixture
def loud(tmp_path):
    """The folder of a solver that prints."""
    package = tmp_path / "loud" / "highspy"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(LOUD)
    return tmp_path / "loud"


def surroundings(*first):
    """The environment of a shell, in which these folders are searched first; `make highs` names one itself."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PLANTSYNC_")}
    search = os.pathsep.join([*map(str, first), *filter(None, [kept.get("PYTHONPATH")]), str(ROOT)])
    return {**kept, "PYTHONPATH": search, "PYTHONDONTWRITEBYTECODE": "1"}


def program(cwd, *words, path=(), **options):
    """`plantsync`, as it is started from a shell."""
    return subprocess.run(
        [sys.executable, "-m", "console.cli", *map(str, words)],
        cwd=cwd,
        env=surroundings(*path),
        text=True,
        timeout=120,
        check=False,
        **options,
    )


SYNCED = ("run", "line-stoppage", "--way", "synced", "--set", "horizon=20d")


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_solver_that_prints_cannot_reach_the_document(loud, tmp_path, jobs):
    reps = ("--reps", jobs, "--jobs", jobs)
    done = program(tmp_path, *SYNCED, *reps, "--json", path=[loud], capture_output=True)
    assert json.loads(done.stdout)["scenario"] == "line-stoppage", done.stderr
    for what in ("import", "constructor", "run", "farewell"):
        for how in ("on 1", "on 2", "by print", "held back"):
            assert f"{what} {how}\n" in done.stderr


def test_a_solver_that_prints_cannot_reach_the_table_either(loud, tmp_path):
    done = program(tmp_path, *SYNCED, path=[loud], capture_output=True)
    assert "late_cost" in done.stdout and "constructor" not in done.stdout
    assert "constructor on 1" in done.stderr


def test_the_solver_itself_prints_nothing(tmp_path):
    done = program(tmp_path, *SYNCED, "--json", capture_output=True)
    assert json.loads(done.stdout) and "HiGHS" not in done.stderr


def test_a_world_run_from_python_prints_nothing(tmp_path):
    code = "import highspy; from sync.shell.solver import silent; silent(highspy).run()"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=surroundings(), capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


@pytest.mark.parametrize("command", ["schema network", "version --json", "doctor --json", "check line-stoppage --json"])
def test_every_document_is_whole_in_a_file_and_in_a_pipe(tmp_path, command):
    piped = program(tmp_path, *command.split(), capture_output=True)
    with open(tmp_path / "answer", "w+") as file:
        assert program(tmp_path, *command.split(), stdout=file).returncode == piped.returncode == 0
        file.seek(0)
        assert json.loads(file.read()) == json.loads(piped.stdout)


@pytest.mark.parametrize("closed", ["1>&-", "2>&-", "0<&-", "0<&- 1>&-", "1>&- 2>&-", "0<&- 1>&- 2>&-"])
def test_with_closed_descriptors_the_exit_code_is_all_there_is(tmp_path, closed):
    line = f"{sys.executable} -m console.cli schema network {closed}"
    done = subprocess.run(
        ["sh", "-c", line], cwd=tmp_path, env=surroundings(),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "" if "1>&-" in closed else json.loads(done.stdout)


def test_a_reader_that_leaves_early_is_no_failure(tmp_path):
    line = f"{{ {sys.executable} -m console.cli schema network; echo $? >&2; }} | head -n 1"
    done = subprocess.run(
        ["sh", "-c", line], cwd=tmp_path, env=surroundings(),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("{\n", "0\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_behind_standard_output_is_told(tmp_path):
    with open("/dev/full", "w") as full:
        done = program(tmp_path, "schema", "network", stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 6 and len(done.stderr.splitlines()) == 1 and "no space left" in done.stderr
