"""An importer is one file: the command line is made of its options, and other packages bring theirs by entry point."""

from dataclasses import dataclass, fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from console.commands.imports import command_of
from scenarios.errors import InputError
from scenarios.importers import registry
from scenarios.importers.registry import Options, importer, importers, option
from tests.common.plugins import brought

ACME = '''
from dataclasses import dataclass
from pathlib import Path
from scenarios.importers.registry import Options, importer, option

@dataclass(frozen=True)
class AcmeOptions(Options):
    days: int = option(3, "Days that are simulated.", least=1)
    mode: str = option("fast", "How.", choices=("fast", "slow"))

@importer("acme", AcmeOptions, "folder of its exports")
def import_acme(src: Path, out: Path, options: AcmeOptions = AcmeOptions()) -> list[Path]:
    """The ACME network."""
    return [out / f"{options.days}-{options.mode}"]
'''


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers is forgotten after it."""
    monkeypatch.setattr(registry, "_registered", dict(importers()))


def test_an_importer_of_another_package_is_a_command_with_its_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought(tmp_path, "acme_plantsync", ACME, importers="acme = acme_plantsync")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = importers()
    assert list(found) == ["brunel", "csv", "acme"]
    command = command_of(found["acme"])
    asked = CliRunner().invoke(command, ["--help"]).output
    for said in (
        "The ACME network.",
        "SRC: folder of its exports.",
        "--days",
        "Days that are simulated.",
        "default: 3",
    ):
        assert said in asked
    done = CliRunner().invoke(command, [str(tmp_path), "-o", "there", "--mode", "slow"])
    assert done.output.strip() == "there/3-slow"
    assert "0 is not in the range x>=1" in CliRunner().invoke(command, [str(tmp_path), "-o", "x", "--days", "0"]).output


def test_every_option_of_an_importer_says_what_it_is() -> None:
    for found in importers().values():
        assert found.about.endswith(".") and found.source
        for one in fields(found.options):
            assert one.metadata["text"].endswith("."), (found.name, one.name)
        found.options()  # the defaults can be used


def test_an_option_is_refused_in_one_line_wherever_it_comes_from() -> None:
    @dataclass(frozen=True)
    class Few(Options):
        days: int = option(3, "Days.", least=1, most=9)
        when: str = option("now", "When.", pattern="now|later", allowed="now or later")

    for given, said in (
        ({"days": 0}, "days: found 0; at least 1 is needed."),
        ({"days": 10}, "days: found 10; at most 9 is allowed."),
        ({"when": "never"}, "when: found 'never'; now or later is allowed."),
    ):
        with pytest.raises(InputError, match=said):
            Few(**given)  # type: ignore[arg-type]


def test_two_importers_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two importers are called brunel"):
        importer("brunel", Options, "x")(lambda src, out, options: [])
