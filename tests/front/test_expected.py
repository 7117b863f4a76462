"""The library examples print what stands beside them: `<name>.out` begins with the command that prints the rest.

Run `UPDATE_EXPECTED=1 pytest tests/front/test_expected.py` to write the files anew, and look at the difference.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = ROOT / "scenarios" / "library" / "expected"
VARYING = re.compile(r" in [0-9.]+ s of work \([^)]*\)|(?<=run folder ).*|^.*about \d+ s left\n|[ \t]+$", re.MULTILINE)


def _printed(command: str, folder: Path) -> str:
    name, *words = shlex.split(command)
    assert name == "plantsync"
    done = subprocess.run(
        [sys.executable, "-m", "console.cli", *words],
        check=False, capture_output=True, text=True, timeout=300, cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), str(ROOT)])},
    )  # fmt: skip
    return VARYING.sub("", f"{done.stdout}{done.stderr}exit {done.returncode}\n")


@pytest.mark.parametrize("path", sorted(EXPECTED.glob("*.out")), ids=lambda p: p.stem)
def test_an_example_prints_what_stands_beside_it(path: Path, tmp_path: Path) -> None:
    first, expected = path.read_text(encoding="utf-8").split("\n", 1)
    printed = _printed(first.removeprefix("$ "), tmp_path)
    if os.environ.get("UPDATE_EXPECTED"):
        path.write_text(f"{first}\n{printed}", encoding="utf-8")
    assert printed == expected
