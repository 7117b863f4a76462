"""Hostile terminals, disks, environments, run folders: one line, a fitting exit code, nothing read that is not true."""

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from console.terminal.render import Output
from scenarios.errors import DamagedRun, UnwritableRun
from scenarios.files.loader import load_scenario
from scenarios.runs.folder import Disk, load_run, reserve, table, write_run
from tests.common.fabricated import run_result

ROOT = Path(__file__).resolve().parents[2]
RUN = ("run", "scenario.yaml", "--jobs", 1, "--set", "horizon=8d")


@pytest.fixture(scope="session")
def stored_once(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    return write_run(run_result(reps=2), reserve(root, "line-stoppage", "20261121-091500-ab12"))


@pytest.fixture
def stored(stored_once, tmp_path):
    """A fabricated run, to be damaged."""
    return Path(shutil.copytree(stored_once, tmp_path / "run"))


def make_old(folder):
    """A run folder as it was written before the files had checksums."""
    doc = json.loads((folder / "run.json").read_text())
    del doc["files"], doc["sha256"]
    (folder / "run.json").write_text(json.dumps(doc))


# --- run folders -----------------------------------------------------------------------------------------------------
def damages():
    yield "empty", lambda b: b""
    yield "cut", lambda b: b[: len(b) // 2]
    yield "flipped", lambda b: bytes([*b[:40], b[40] ^ 4, *b[41:]])
    yield "other", lambda b: b'[1]\n"no object"\n'


@pytest.mark.parametrize("file", ["orders.parquet", "ledger.parquet", "messages.parquet", "decisions.jsonl"])
@pytest.mark.parametrize("damage", [name for name, _ in damages()])
def test_a_damaged_file_is_named_in_one_line_with_exit_5(plantsync, stored, file, damage):
    path = stored / "synced" / "0" / file
    path.write_bytes(dict(damages())[damage](path.read_bytes()))
    code, _, err = plantsync("explain", stored, "west-71")
    assert code == 5 and str(path) in err and len(err.splitlines()) == 1


@pytest.mark.parametrize("file", ["orders.parquet", "messages.parquet", "decisions.jsonl"])
@pytest.mark.parametrize("damage", ["empty", "cut", "other"])
def test_damage_is_found_without_checksums_too(plantsync, stored, file, damage):
    make_old(stored)
    path = stored / "synced" / "0" / file
    path.write_bytes(dict(damages())[damage](path.read_bytes()))
    code, _, err = plantsync("explain", stored, "west-71")
    if (file, damage) == ("decisions.jsonl", "empty"):  # a world without decisions looks just so
        assert code == 0
    else:
        assert code == 5 and str(path) in err and len(err.splitlines()) == 1


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("file", ["synced/0/orders.parquet", "synced/0/decisions.jsonl", "synced", "inputs"])
def test_a_missing_file_is_not_read_as_an_empty_one(plantsync, stored, file, old):
    if old:
        make_old(stored)
    gone = stored / file
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    code, _, err = plantsync("explain", stored, "west-71")
    assert code == 5 and str(gone) in err and "missing" in err and len(err.splitlines()) == 1


def shapes():
    yield "ways", []
    yield "ways", {"sideways": {}}
    yield "ways", {"synced": {"replications": []}}
    yield "ways", {"synced": {"replications": [{"replication": -1}]}}
    yield "seed", "seven"
    yield "seed", None
    yield "thresholds", {"otif": 1}
    yield "disruptions", [[[]]]
    yield "inputs", {"../../secret": "00"}
    yield "files", {"/etc/hostname": "00"}
    yield "format", []


@pytest.mark.parametrize(("key", "value"), list(shapes()))
def test_a_record_of_the_wrong_shape_is_refused_with_its_place(plantsync, stored, key, value):
    path = stored / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    code, _, err = plantsync("compare", stored, stored)
    assert code == 5 and str(path) in err and len(err.splitlines()) == 1


@pytest.mark.parametrize("value", ["NaN", "1e999", '"0.9"', "[]", "[" * 100_000])
def test_a_kpi_that_is_no_number_is_refused(plantsync, stored, value):
    path = stored / "run.json"
    text = path.read_text()
    at = text.index('"otif": ', text.index('"replications"')) + 8
    path.write_text(text[:at] + value + text[text.index(",", at) :])
    code, _, err = plantsync("compare", stored, stored)
    assert code == 5 and str(path) in err and len(err.splitlines()) == 1


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"[" * 200_000, b"null", b'{"format": 3}', b"{"])
def test_what_is_no_record_at_all_is_refused(plantsync, stored, content):
    (stored / "run.json").write_bytes(content)
    code, _, err = plantsync("explain", stored, "west-71")
    assert code == 5 and "run.json is damaged or no run record" in err and len(err.splitlines()) == 1


def test_a_changed_number_in_the_record_is_found(plantsync, stored):
    path = stored / "run.json"
    path.write_text(path.read_text().replace('"orders_total": 1400.0', '"orders_total": 1401.0', 1))
    code, _, err = plantsync("compare", stored, stored)
    assert code == 5 and "changed after it was written" in err


def test_every_table_has_its_checksum_in_the_record(stored):
    files = json.loads((stored / "run.json").read_text())["files"]
    written = {str(p.relative_to(stored)) for p in stored.rglob("*") if p.is_file()}
    assert set(files) == {f for f in written if not f.startswith("inputs/")} - {"run.json"}
    assert all(hashlib.sha256((stored / f).read_bytes()).hexdigest() == of for f, of in files.items())


def test_an_old_folder_without_checksums_is_read(stored):
    make_old(stored)
    back = load_run(stored)
    assert table(back.replication("synced"), "orders")["order"][0] == "west-71"
    assert back.replication("synced").decisions and table(back.replication("none"), "changes") == {}


def test_a_kpi_of_another_version_is_compared_without_a_unit(plantsync, tmp_path):
    run = run_result(reps=1)
    for rep in run.ways["synced"]:
        rep.kpis["serenity"] = 1.0
    folder = write_run(run, reserve(tmp_path, "line-stoppage", "one"))
    assert plantsync("compare", folder, folder)[0] == 0


# --- the disk --------------------------------------------------------------------------------------------------------
def full_after(monkeypatch, files, for_good):
    """A disk with room for so many files; `for_good`: not even for a small one afterwards."""
    put, seen = Disk.put, []

    def limited(self, name, content):
        seen.append(name)
        if len(seen) > files and (for_good or name != "run.json"):
            raise OSError(errno.ENOSPC, "No space left on device", name)
        put(self, name, content)

    monkeypatch.setattr(Disk, "put", limited)


@pytest.mark.parametrize("for_good", [False, True])
def test_a_full_disk_ends_with_6_and_the_answer_is_told_all_the_same(plantsync, monkeypatch, tmp_path, for_good):
    plantsync("init", ".", "--template", "blank")
    full_after(monkeypatch, 4, for_good)
    code, out, err = plantsync(*RUN, "--json")
    assert code == 6 and len(err.splitlines()) == 1 and "No space left" in err
    assert json.loads(out)["status"] == "partial"
    [folder] = (tmp_path / "runs" / "blank").iterdir()
    assert folder.name.endswith(".partial") and (folder / "none" / "0" / "orders.parquet").exists()
    assert (folder / "run.json").exists() is not for_good
    if not for_good:
        with pytest.raises(DamagedRun, match=r"series\.parquet is missing"):  # not an empty table
            table(load_run(folder).replication("none"), "series")
        assert load_run(folder).status == "partial" and "No space left" in load_run(folder).failures[0]


def test_a_file_that_does_not_fit_is_not_left_half(tmp_path, monkeypatch):
    def half(path, content):
        with open(path, "wb") as file:
            file.write(content[:1])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(OSError, match="No space"):
        Disk(tmp_path).put("a/b", b"123")
    assert not (tmp_path / "a" / "b").exists()


def test_a_report_that_fails_does_not_take_the_numbers_with_it(tmp_path):
    def broken(run):
        raise ZeroDivisionError

    partial = reserve(tmp_path, "s", "one")
    with pytest.raises(ZeroDivisionError):
        write_run(run_result(reps=1), partial, broken)
    assert load_run(partial).ways["synced"][0].kpis["orders_total"] == 1400.0


def test_a_folder_that_cannot_be_made_ends_with_6(plantsync, tmp_path):
    plantsync("init", ".", "--template", "blank")
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "blank").write_text("in the way")
    code, _, err = plantsync(*RUN)
    assert code == 6 and "cannot be made" in err and len(err.splitlines()) == 1
    with pytest.raises(UnwritableRun):
        reserve(tmp_path / "runs", "blank", "x")


# --- the terminal ----------------------------------------------------------------------------------------------------
def shell(line, folder, **env):
    """A line of sh, with $P as the program: (exit code, stdout, stderr)."""
    words = f'P="{sys.executable} -m console.cli"; {line}'
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PLANTSYNC_")}
    done = subprocess.run(
        ["bash", "-c", words], cwd=folder, env={**clean, "PYTHONPATH": str(ROOT), **env}, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("command", ["version", "--help", "doctor", "compare {r} {r}", "explain {r} west-71 --json"])
def test_output_that_does_not_fit_ends_with_6_in_one_line(stored, tmp_path, command):
    code, _, err = shell(f"$P {command.format(r=stored)} >/dev/full", tmp_path)
    assert code == 6 and err == "the output cannot be written: no space left on device\n"


@pytest.mark.parametrize("command", ["compare {r} {r}", "version", "--help"])
def test_a_closed_output_is_no_crash(stored, tmp_path, command):
    code, _, err = shell(f"$P {command.format(r=stored)} >&- <&-", tmp_path)
    assert (code, err) == (0, "")


def test_a_run_with_everything_closed_still_writes_its_folder(plantsync, tmp_path):
    plantsync("init", ".", "--template", "blank")
    code, _, _ = shell(f"$P {' '.join(map(str, RUN))} <&- >&- 2>&-", tmp_path)
    assert code == 0 and load_run("blank", tmp_path / "runs").status == "complete"


@pytest.mark.parametrize("command", ["compare {r} {r}", "explain {r} west-71", "schema network", "--help"])
def test_a_reader_that_leaves_is_no_failure(stored, tmp_path, command):
    code, _, err = shell(f"$P {command.format(r=stored)} | true; exit ${{PIPESTATUS[0]}}", tmp_path)
    assert (code, err) == (0, "")


def test_tables_leave_a_closed_pipe_to_the_program():
    with pytest.raises(BrokenPipeError):
        Output().on_broken_pipe()


# --- words and variables ---------------------------------------------------------------------------------------------
def test_the_program_alone_prints_its_help(plantsync):
    code, out, err = plantsync()
    assert code == 0 and "Commands:" in out and err == ""


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["import"], "plantsync import: a command is missing. allowed: brunel, csv."),
        (["schema"], "Choose from: network, scenario, policy, messages."),
        (["run", "line-stoppage", "--seed", 2**63], "--seed"),
        (["serve", "line-stoppage", "--seed", 2**63], "--seed"),
        (["run", "line-stoppage", "--out", ""], "--out"),
        (["init", ""], "DIRECTORY"),
        (["run", "line-stoppage", "--sabotage", ""], "--sabotage: found ''"),
        (["run", "line-stoppage", "--sabotage", "lyon:GEARBOX-A:5@500d"], "up to the horizon"),
        (["run", "line-stoppage", "--sabotage", "lyon:GEARBOX-A:9999999999@1d"], "999,999,999 pieces"),
        (["run", "line-stoppage", "--sabotage", "lyon:GEARBOX-A:0@1d"], "1 to"),
        (["compare", "{r}", "{r}", "--fail-if", "otif<1e999"], "beyond every number"),
        (["compare", "{r}", "{r}", "--fail-if", ""], "is no condition"),
        (["explain", "{r}", "west-71", "--why-not", ""], "--why-not"),
        (["explain", "", "west-71"], "empty name"),
    ],
)
def test_odd_words_are_refused_in_one_line_with_exit_2(plantsync, stored, args, said):
    code, out, err = plantsync(*(str(a).replace("{r}", str(stored)) for a in args))
    assert (code, out) == (2, "") and said in err
    assert len(err.splitlines()) == 1 and "\\t" not in err


@pytest.mark.parametrize(("value", "code"), [("0", 0), ("false", 0), ("OFF", 0), ("1", 0), ("yes", 0), ("maybe", 2)])
def test_the_debug_variable_is_on_off_or_refused(plantsync, monkeypatch, value, code):
    monkeypatch.setenv("PLANTSYNC_DEBUG", value)
    assert plantsync("version")[0] == code


@pytest.mark.parametrize(("value", "traced"), [("0", False), ("false", False), ("1", True)])
def test_no_traceback_is_shown_when_debug_is_off(plantsync, monkeypatch, value, traced):
    monkeypatch.setenv("PLANTSYNC_DEBUG", value)
    assert ("Traceback" in plantsync("run", "line-stopage")[2]) is traced


def test_a_variable_that_nothing_reads_is_named_with_the_nearest(plantsync, monkeypatch):
    for name in ("PLANTSYNC_RUN_SEDE", "PLANTSYNC_IMPORT_BRUNEL_SEED", "PLANTSYNC_MQTT_PASSWORD"):
        monkeypatch.setenv(name, "1")
    code, _, err = plantsync("version")
    assert code == 0 and err.count("\n") == 1
    assert "PLANTSYNC_RUN_SEDE. did you mean 'PLANTSYNC_RUN_SEED'?" in err


def test_the_record_names_no_place_of_this_machine(plantsync, tmp_path):
    plantsync("init", ".", "--template", "blank")
    scenario, out = tmp_path / "scenario.yaml", tmp_path.parent / f"{tmp_path.name}-out"
    code, _, _ = plantsync("run", scenario, *RUN[2:], f"--out={out}", "--report")
    record = (next(out.glob("*/*/run.json"))).read_text()
    assert code == 0 and str(tmp_path) not in record and str(tmp_path.parent) not in record
    assert json.loads(record)["command"][:3] == ["plantsync", "run", "scenario.yaml"]


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ('late_cost: "< 5%"', "without '%'"),
        ('otif: ">= 95"', "no share"),
        ('otif: ">= 101%"', "no share"),
        ('otif: ">= -1%"', "no share"),
        ('otif: ">= 100%"', ""),
        ('late_cost: "< 20000"', ""),
    ],
)
def test_a_threshold_is_in_its_kpis_unit(plantsync, limit, said):
    plantsync("init", ".", "--template", "blank")
    with open("scenario.yaml", "a") as file:
        file.write(f"thresholds:\n  {limit}\n")
    code, _, err = plantsync("check", "scenario.yaml")
    assert (code, err) == (0, "") if not said else code == 2 and said in err and "scenario.yaml:" in err


def test_numbers_with_leading_zeros_and_hexadecimal_ones_are_those_of_yaml_1_2(plantsync):
    plantsync("init", ".", "--template", "blank")
    assert load_scenario("scenario.yaml", ["seed=010"]).scenario.seed == 10
    assert load_scenario("scenario.yaml", ["seed=0x10"]).scenario.seed == 16
