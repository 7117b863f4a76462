"""The run folder: one run on disk, written whole or visibly not.

    runs/<scenario>/<id>/          <id>.partial until the last byte is written, then renamed
        run.json                   command, input hashes, seed, streams, versions, floor, times, status, digest, kpis
        inputs/                    the files the run was made from
        <way>/<rep>/               orders, ledger, messages, commands, series .parquet and decisions.jsonl
        report.html                when asked for

It reads no clock: the stamp in the id and the times in run.json are given by the caller.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from scenarios.results import (
    Columns,
    Provenance,
    Replication,
    RunResult,
    Threshold,
    comparison,
    digest_of,
    disruption_cost,
    kpis_json,
    way_json,
)

if TYPE_CHECKING:
    from plants.definition import Scenario

FORMAT = 1
PARTIAL = ".partial"
RECORD = "run.json"
NUMERIC = ("quantity", "sequence", "value")


class RunFolderError(Exception):
    """A run folder cannot be used: one line saying which, why and what instead."""


class Tables(dict[str, Columns]):
    """The tables of a replication on disk, each read when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def __missing__(self, name: str) -> Columns:
        path = self.folder / f"{name}.parquet"
        self[name] = read_table(path) if path.exists() else {}
        return self[name]


def table(rep: Replication, name: str) -> Columns:
    """A table of a replication, empty when there is none."""
    try:
        return rep.tables[name]
    except KeyError:
        return {}


def rows(columns: Columns) -> list[dict[str, Any]]:
    """A columnar table as one dict per row."""
    names = list(columns)
    return [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]


# --- writing ---------------------------------------------------------------------------------------------------------
def run_id(stamp: str, inputs: Mapping[str, bytes], seed: int, sets: Sequence[str] = ()) -> str:
    """`<stamp>-<4 hex digits>`; the digits stand for what the run is made from (files, seed, overrides)."""
    digest = hashlib.sha256()
    for name in sorted(inputs):
        digest.update(f"{name}\0{hashlib.sha256(inputs[name]).hexdigest()}\0".encode())
    digest.update(json.dumps([seed, list(sets)]).encode())
    return f"{stamp}-{digest.hexdigest()[:4]}"


def reserve(root: Path, scenario: str, name: str) -> Path:
    """Create `<root>/<scenario>/<name>.partial` before the run starts. Raises RunFolderError when it, or the finished
    folder, exists or cannot be made."""
    final = root / safe_name(scenario) / safe_name(name)
    partial = final.with_name(final.name + PARTIAL)
    if final.exists():
        raise RunFolderError(f"run folder {final} exists. remove it or choose another --out")
    try:
        partial.mkdir(parents=True)
    except FileExistsError:
        raise RunFolderError(f"run folder {partial} exists (an unfinished run). remove it or wait a second") from None
    except OSError as fault:
        raise RunFolderError(f"run folder {partial} cannot be made: {fault.strerror}. choose another --out") from None
    return partial


def write_run(run: RunResult, partial: Path, report: Callable[[RunResult], str] | None = None) -> Path:
    """Write everything, with report.html when there is a `report` writer, into the reserved folder and rename it; an
    interrupted run stays `.partial`. Sets run.id and run.out; returns the folder. Raises RunFolderError when the disk
    refuses."""
    name = partial.name.removesuffix(PARTIAL)
    final = partial if run.status == "interrupted" else partial.with_name(name)
    run.id, run.out = name, final
    try:
        _write_inputs(run, partial / "inputs")
        for way, reps in run.ways.items():
            for rep in reps:
                write_replication(rep, partial / way / str(rep.replication))
        (partial / RECORD).write_text(json.dumps(record(run), indent=1) + "\n", encoding="utf-8")
        if report:
            (partial / "report.html").write_text(report(run), encoding="utf-8")
        if final != partial:
            if final.exists():
                raise RunFolderError(f"run folder {final} exists. this run is kept in {partial}")
            partial.rename(final)
    except OSError as fault:
        raise RunFolderError(f"run folder {partial} cannot be written: {fault.strerror or fault}") from None
    return final


def write_replication(rep: Replication, folder: Path) -> None:
    """The tables of one replication as parquet and its decisions as JSON lines."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in rep.tables.items():
        write_table(columns, folder / f"{safe_name(name)}.parquet")
    lines = "".join(json.dumps(d, separators=(",", ":")) + "\n" for d in rep.decisions)
    (folder / "decisions.jsonl").write_text(lines, encoding="utf-8")


def write_table(columns: Columns, path: Path) -> None:
    """A columnar table as parquet; an empty column gets the type its name implies."""
    import pyarrow
    import pyarrow.parquet

    arrays = {}
    for name, column in columns.items():
        kind = None if any(v is not None for v in column) else _type_of(pyarrow, name)
        arrays[name] = pyarrow.array(column, type=kind)
    pyarrow.parquet.write_table(pyarrow.table(arrays), path, compression="zstd")


def _type_of(pyarrow: Any, name: str) -> Any:
    if name == "priced":
        return pyarrow.bool_()
    return pyarrow.int64() if name.endswith(("_ms", "_minor")) or name in NUMERIC else pyarrow.string()


def _write_inputs(run: RunResult, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name, content in run.inputs.items():
        path = folder / inside(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def record(run: RunResult) -> dict[str, Any]:
    """The content of run.json."""
    by = run.provenance
    document: dict[str, Any] = {
        "format": FORMAT,
        "run": run.id,
        "scenario": run.scenario,
        "title": run.title,
        "status": run.status,
        "failures": run.failures,
        "command": by.command,
        "sets": by.sets,
        "seed": run.seed,
        "currency": run.currency,
        "floor": by.floor,
        "started": by.started,
        "ended": by.ended,
        "versions": by.versions,
        "streams": by.streams,
        "warnings": by.warnings,
        "inputs": {inside(name): hashlib.sha256(content).hexdigest() for name, content in run.inputs.items()},
        "digest": {way: digest_of(reps) for way, reps in run.ways.items()},
        "kpis": {way: kpis_json(reps, run.currency) for way, reps in run.ways.items()},
        "ways": {
            way: {**way_json(reps, run.currency), "replications": [_rep_record(r) for r in reps]}
            for way, reps in run.ways.items()
        },
        "comparison": {p: {k: d.to_json() for k, d in kpis.items()} for p, kpis in comparison(run).items()},
        "thresholds": [asdict(t) for t in run.thresholds],
    }
    if run.baseline:
        document["disruption_cost"] = disruption_cost(run)
        document["baseline"] = {way: [_rep_record(r) for r in reps] for way, reps in run.baseline.items()}
    return document


def _rep_record(rep: Replication) -> dict[str, Any]:
    kept = ("replication", "seed", "kpis", "digest", "events", "wall_s", "horizon_ms", "warmup_ms", "disruptions")
    return {name: getattr(rep, name) for name in kept}


def safe_name(name: str) -> str:
    """`name` when it is one plain path component. Raises RunFolderError otherwise."""
    if not name or name in (".", "..") or any(c in "/\\:\0" or not c.isprintable() for c in name):
        raise RunFolderError(f"'{ascii(name)[1:-1]}' cannot name a folder: letters, digits, '-' and '_' are allowed")
    return name


def inside(name: str) -> str:
    """An input file's name as a path that stays inside the folder it is copied to."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.name if path.is_absolute() or ".." in path.parts else str(path)


# --- reading ---------------------------------------------------------------------------------------------------------
def find_run(name: str, root: Path = Path("runs")) -> Path:
    """The folder of a run given as a folder, a run id, a scenario name (its newest run), or `last`. A `.partial` run is
    taken only when it is named itself. Raises RunFolderError naming what there is."""
    path = Path(name)
    if (path / RECORD).is_file():
        return path
    if path.is_file() and path.name == RECORD:
        return path.parent
    if path.is_dir() and (found := _newest([*path.glob(f"*/{RECORD}"), *path.glob(f"*/*/{RECORD}")])):
        return found
    for pattern in ("*/*" if name == "last" else None, f"{name}/*", f"*/{name}"):
        if pattern and _is_pattern_safe(name) and (found := _newest(list(root.glob(f"{pattern}/{RECORD}")))):
            return found
    have = sorted(p.name for p in root.glob("*") if _newest(list(p.glob(f"*/{RECORD}"))))
    hint = f"there are runs of {', '.join(have)}" if have else "nothing has been run here yet: plantsync run SCENARIO"
    raise RunFolderError(f"no run '{ascii(name)[1:-1]}' (a run folder, a run id, a scenario name or 'last'). {hint}")


def _is_pattern_safe(name: str) -> bool:
    return not any(c in "*?[]/\\" for c in name) and ".." not in name


def _newest(records: list[Path]) -> Path | None:
    """Ids begin with their time stamp, so the greatest name is the newest."""
    folders = [r.parent for r in records if not r.parent.name.endswith(PARTIAL)]
    return max(folders, key=lambda f: (f.name, f.parent.name)) if folders else None


def load_run(name: str | Path, root: Path = Path("runs"), *, details: bool = True) -> RunResult:
    """A run read back; tables are read when asked for, decisions only with `details`. Raises RunFolderError."""
    folder = find_run(str(name), root)
    try:
        doc = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if doc["format"] > FORMAT:
            raise RunFolderError(f"{folder}: written by a newer plantsync (format {doc['format']})")
        return _run_from(doc, folder, details)
    except (ValueError, KeyError, TypeError, OSError) as fault:
        raise RunFolderError(f"{folder / RECORD} is damaged or no run record: {fault!r}") from None


def _run_from(doc: dict[str, Any], folder: Path, details: bool) -> RunResult:
    ways = {
        way: [_rep_from(r, way, folder / way / str(r["replication"]), details) for r in of["replications"]]
        for way, of in doc["ways"].items()
    }
    baseline = {
        way: [_rep_from(r, way, folder / f"baseline-{way}" / str(r["replication"]), False) for r in reps]
        for way, reps in doc.get("baseline", {}).items()
    }
    return RunResult(
        scenario=doc["scenario"],
        title=doc["title"],
        seed=doc["seed"],
        ways=ways,
        baseline=baseline,
        thresholds=[Threshold(**t) for t in doc["thresholds"]],
        id=doc["run"],
        out=folder,
        currency=doc["currency"],
        status=doc["status"],
        failures=doc["failures"],
        inputs={n: (folder / "inputs" / n).read_bytes() for n in doc["inputs"]} if details else {},
        provenance=Provenance(
            **{n: doc[n] for n in ("command", "sets", "started", "ended", "floor", "versions", "streams", "warnings")}
        ),
    )


def _rep_from(doc: dict[str, Any], way: str, folder: Path, details: bool) -> Replication:
    decisions = folder / "decisions.jsonl"
    lines = decisions.read_text(encoding="utf-8").splitlines() if details and decisions.exists() else []
    return Replication(way=way, tables=Tables(folder), decisions=[json.loads(line) for line in lines], **doc)


def read_table(path: Path) -> Columns:
    """A parquet file as columns."""
    import pyarrow.parquet

    columns: Columns = pyarrow.parquet.read_table(path).to_pydict()
    return columns


def model_of(run: RunResult) -> "Scenario | None":
    """The scenario a run was made from: as loaded, else read again from the copied inputs; None when they no longer
    load (another version's files)."""
    if run.model is None and run.out and run.inputs:
        from scenarios.errors import InputError
        from scenarios.loader import load_scenario

        try:
            path = run.out / "inputs" / inside(next(iter(run.inputs)))
            run.model = load_scenario(str(path), run.provenance.sets).scenario
        except (InputError, OSError):
            return None
    return run.model
