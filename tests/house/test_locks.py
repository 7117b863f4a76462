"""The locks name what pyproject.toml allows, each file by its hash, and nothing of where it was fetched."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN = [*PROJECT["build-system"]["requires"], *PROJECT["project"]["dependencies"]]
EXTRAS = [one for extra in PROJECT["project"]["optional-dependencies"].values() for one in extra]


def locked(name):
    """Name -> version, and how many hashes it has."""
    text = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, version = re.match(r"([\w.-]+)==([\w.]+)", line).groups()
            assert name not in found, f"{name} is locked twice: one version for every Python"
            found[name] = version, len(re.findall(r"--hash=sha256:[0-9a-f]{64}", line))
    return found


@pytest.mark.parametrize(("name", "asked"), [("run", RUN), ("dev", [*RUN, *EXTRAS])])
def test_whatever_is_asked_for_is_locked_in_an_allowed_version_by_hash(name, asked):
    found = locked(name)
    for requirement in map(Requirement, asked):
        if requirement.name != "plantsync":
            version, _ = found[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version), f"{requirement} is locked as {version}: make lock"
    assert all(hashes for _, hashes in found.values())


def test_developing_uses_the_versions_that_are_run():
    run, dev = locked("run"), locked("dev")
    assert {name: dev.get(name) for name in run} == run


@pytest.mark.parametrize("name", ["run", "dev"])
def test_a_lock_tells_nothing_of_where_it_was_made(name):
    text = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")
    assert "//" not in text and "/" not in re.sub(r"^#.*", "", text, flags=re.MULTILINE)
    assert not re.search(r"index|find-links|trusted-host", text)
