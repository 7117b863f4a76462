"""The run folder: one run on disk, written whole or visibly not.

    runs/<scenario>/<id>/          <id>.partial until the last byte is written, then renamed
        run.json                   command, seed, streams, versions, floor, times, status, digest, kpis, and the SHA-256
                                   of every other file (written last) and of itself
        inputs/                    the files the run was made from
        <way>/<rep>/               orders, shipments, legs, states, shifts, times, lines, ledger, messages, mishaps,
                                   commands, books, series, kpis .parquet (their columns: record.py) and decisions.jsonl
        report.html                when asked for

What run.json lists is there and unchanged, or reading says which file is not. Nothing here reads a clock: the stamp in
the id and the times in run.json are given by the caller.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from scenarios.errors import DamagedRun, OtherFormat, RunFolderError, UnwritableRun
from scenarios.runs.document import comparison_json, costs_json, kpis_json, way_json
from scenarios.runs.packed import Packed
from scenarios.runs.record import (
    COLUMNS,
    FORMAT,
    RepRecord,
    RunRecord,
    read_decisions,
    read_parquet,
    read_record,
    read_stretches,
    sealed,
)
from scenarios.runs.replication import Columns, Replication
from scenarios.runs.results import Provenance, RunResult

if TYPE_CHECKING:
    from plants.definition import ScenarioSpec

PARTIAL = ".partial"
RECORD = "run.json"
DECISIONS = "decisions.jsonl"
ARROW: dict[type, str] = {int: "int64", float: "float64", bool: "bool", str: "string"}
T = TypeVar("T")
Hashes = Mapping[str, str] | None


class Tables(dict[str, Columns]):
    """The tables of a replication on disk, each read and checked when it is first asked for. Raises DamagedRun."""

    def __init__(self, folder: Path, place: str, hashes: Hashes) -> None:
        super().__init__()
        self.folder, self.place, self.hashes = folder, place, hashes

    def __missing__(self, name: str) -> Columns:
        file = f"{self.place}/{name}.parquet"
        if self.hashes is None:  # an old folder: the tables every replication has, and whatever else lies there
            there = name in COLUMNS or (self.folder / file).exists()
        else:  # decisions are written last: without them the disk refused some table, and that is not an empty one
            there = file in self.hashes or (name in COLUMNS and f"{self.place}/{DECISIONS}" not in self.hashes)
        self[name] = _parsed(self.folder / file, self.hashes, file, lambda b: read_parquet(b, name)) if there else {}
        return self[name]


def table_names(rep: Replication) -> list[str]:
    """The tables of a replication: those that every one has, in their order, then whatever else was kept."""
    of = rep.tables
    if not isinstance(of, Tables):
        return list(of)
    place = f"{of.place}/"
    files = of.hashes if of.hashes is not None else [f"{place}{p.name}" for p in (of.folder / of.place).iterdir()]
    found = {
        f.removeprefix(place).removesuffix(".parquet") for f in files if f.startswith(place) and f.endswith(".parquet")
    }
    return [*(name for name in COLUMNS if name in found), *sorted(found - set(COLUMNS))]


def stretches(rep: Replication, name: str, most: int = 20_000) -> Iterator[Columns]:
    """A table of a replication in stretches of at most `most` rows, of which one is in memory at a time; at least one.
    Raises DamagedRun."""
    of = rep.tables
    if not isinstance(of, Tables):
        yield of[name]
        return
    file = f"{of.place}/{name}.parquet"
    yield from _parsed(of.folder / file, of.hashes, file, lambda raw: read_stretches(raw, most))


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
        raise UnwritableRun(f"run folder {partial} cannot be made: {fault.strerror}. choose another --out") from None
    return partial


class Disk:
    """Writes files below a folder and keeps the SHA-256 of each. A file that could not be written whole is removed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hashes: dict[str, str] = {}

    def put(self, name: str, content: bytes) -> None:
        """Raises OSError."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.write_bytes(content)
        except OSError:
            with contextlib.suppress(OSError):
                path.unlink()
            raise
        self.hashes[name] = hashlib.sha256(content).hexdigest()


def write_run(run: RunResult, partial: Path, report: Callable[[RunResult], str] | None = None) -> Path:
    """Write everything, with report.html when there is a `report` writer, into the reserved folder and rename it; an
    interrupted run stays `.partial`. Sets run.id and run.out; returns the folder. Raises UnwritableRun when the disk
    refuses: what was written before is kept in `.partial`, with run.json if that still fits."""
    name = partial.name.removesuffix(PARTIAL)
    final = partial if run.status == "interrupted" else partial.with_name(name)
    run.id, run.out = name, final
    disk = Disk(partial)
    try:
        for file, content in run.inputs.items():
            disk.put(f"inputs/{inside(file)}", content)
        for way, reps in run.ways.items():
            for rep in reps:
                write_replication(rep, disk, f"{way}/{rep.replication}")
        if report:
            disk.put("report.html", report(run).encode())
        _write_record(run, disk)
        if final != partial:
            if final.exists():
                raise RunFolderError(f"run folder {final} exists. this run is kept in {partial}")
            partial.rename(final)
    except OSError as fault:
        why = f"run folder {partial} cannot be written: {fault.strerror or fault}"
        _rescue(run, disk, why)
        raise UnwritableRun(f"{why}. what was written before is kept there", run) from None
    except Exception as fault:
        if not isinstance(fault, RunFolderError):  # a report that fails must not take the numbers with it
            _rescue(run, disk, f"{type(fault).__name__}: {fault}")
        raise
    return final


def _write_record(run: RunResult, disk: Disk) -> None:
    document = sealed(record(run, disk.hashes))
    disk.put(RECORD, (json.dumps(document, indent=1) + "\n").encode())


def _rescue(run: RunResult, disk: Disk, why: str) -> None:
    """Keep at least the numbers: run.json over the files that were written."""
    run.status, run.out = "partial" if run.status == "complete" else run.status, disk.folder
    run.failures.append(why)
    with contextlib.suppress(OSError):
        _write_record(run, disk)


def write_replication(rep: Replication, disk: Disk, place: str) -> None:
    """The tables of one replication as parquet and its decisions as JSON lines."""
    for name, columns in rep.tables.items():
        disk.put(f"{place}/{safe_name(name)}.parquet", table_bytes(columns, name))
    disk.put(f"{place}/{DECISIONS}", b"".join(msgspec.json.encode(d) + b"\n" for d in rep.decisions))


def table_bytes(columns: Columns, table: str) -> bytes:
    """A columnar table as parquet; one without rows has the columns that are declared, and an empty one their type."""
    import pyarrow
    import pyarrow.parquet

    declared = COLUMNS.get(table, {})
    arrays, steps = {}, list[str]()  # steps: whole numbers that mostly grow, told by how much
    for name, column in (columns or {column: [] for column in declared}).items():
        if isinstance(column, Packed) and len(column):
            arrays[name] = column.arrow()
            steps += [name] if column.words is None else []
            continue
        empty = all(v is None for v in column)
        arrays[name] = pyarrow.array(column, type=ARROW[declared.get(name, str)] if empty else None)
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(
        pyarrow.table(arrays), sink, compression="zstd",
        use_dictionary=[name for name in arrays if name not in steps] if steps else True,
        column_encoding=dict.fromkeys(steps, "DELTA_BINARY_PACKED") or None,
    )  # fmt: skip
    return bytes(sink.getvalue())


def record(run: RunResult, hashes: Mapping[str, str]) -> dict[str, Any]:
    """The content of run.json over the files that were written, path in the folder -> SHA-256."""
    by, of = run.provenance, run.summary()
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
        "floor": asdict(by.floor),
        "started": by.started,
        "ended": by.ended,
        "versions": by.versions,
        "streams": by.streams,
        "warnings": by.warnings,
        "assumed": run.assumed,
        "inputs": {inside(name): hashlib.sha256(content).hexdigest() for name, content in run.inputs.items()},
        "digest": {way: figures.digest for way, figures in of.ways.items()},
        "kpis": {way: kpis_json(figures, run.currency) for way, figures in of.ways.items()},
        "ways": {
            way: {**way_json(of.ways[way], run.currency), "replications": [_rep_record(r) for r in reps]}
            for way, reps in run.ways.items()
        },
        "comparison": comparison_json(of),
        "thresholds": [asdict(t) for t in of.thresholds],
        "files": {name: of for name, of in hashes.items() if not name.startswith("inputs/")},
    }
    if run.baseline:
        document["disruption_cost"] = costs_json(of)
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
    if not name:
        raise RunFolderError("an empty name is no run. write a run folder, a run id, a scenario name or 'last'")
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
    """A run read back; tables are read when asked for, decisions and inputs only with `details`. Raises RunFolderError;
    DamagedRun when a file is missing, cut, changed or of the wrong shape."""
    folder = find_run(str(name), root)
    path = folder / RECORD
    try:
        record = read_record(path.read_bytes())
    except OtherFormat as other:
        raise RunFolderError(
            f"{folder}: written by another plantsync (format {other}, this one reads {FORMAT})"
        ) from None
    except ValueError as fault:
        raise DamagedRun(f"{path} is damaged or no run record: {fault}") from None
    for file in record.files or () if details else ():
        if file != "report.html" and not (folder / file).is_file():  # reports are sent around and thrown away
            raise DamagedRun(f"{folder / file} is missing from the run folder")
    return _run_from(record, folder, details)


def _run_from(of: RunRecord, folder: Path, details: bool) -> RunResult:
    inputs = {f"inputs/{name}": sha256 for name, sha256 in of.inputs.items()}
    return RunResult(
        scenario=of.scenario,
        title=of.title,
        seed=of.seed,
        ways={w: [_rep_from(r, w, folder, of.files, details) for r in way.replications] for w, way in of.ways.items()},
        baseline={w: [_bare(r, w) for r in reps] for w, reps in of.baseline.items()},
        thresholds=of.thresholds,
        id=of.run,
        out=folder,
        currency=of.currency,
        status=of.status,
        failures=of.failures,
        inputs={n: _parsed(folder / f"inputs/{n}", inputs, f"inputs/{n}", bytes) for n in of.inputs} if details else {},
        provenance=Provenance(
            of.command, of.sets, of.started, of.ended, of.floor, of.versions, of.streams, of.warnings
        ),
        assumed=of.assumed,
    )  # fmt: skip


def _bare(of: RepRecord, way: str) -> Replication:
    """A replication with its numbers alone."""
    rep = Replication(
        way, of.replication, of.seed, of.kpis, of.digest, of.events, of.wall_s, of.horizon_ms, of.warmup_ms
    )
    rep.disruptions = [dict(d) for d in of.disruptions]
    return rep


def _rep_from(of: RepRecord, way: str, folder: Path, hashes: Hashes, details: bool) -> Replication:
    rep = _bare(of, way)
    place = f"{way}/{of.replication}"
    rep.tables = Tables(folder, place, hashes)
    file = f"{place}/{DECISIONS}"
    if details and (hashes is None or file in hashes):
        rep.decisions = _parsed(folder / file, hashes, file, read_decisions)
    return rep


def _parsed(path: Path, hashes: Hashes, name: str, parse: Callable[[bytes], T]) -> T:
    """A file of a run folder, after its SHA-256 when there is one. Raises DamagedRun."""
    try:
        content = path.read_bytes()
        if hashes is not None and hashlib.sha256(content).hexdigest() != hashes.get(name):
            raise ValueError(f"it was changed after it was written (its SHA-256 is not the one in {RECORD})")
        return parse(content)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise DamagedRun(f"{path} is missing from the run folder") from None
    except ValueError as fault:
        raise DamagedRun(f"{path} is damaged: {fault}") from None


def model_of(run: RunResult) -> "ScenarioSpec | None":
    """The scenario a run was made from: as loaded, else read again from the copied inputs; None when they no longer
    load (another version's files)."""
    if run.model is None and run.out and run.inputs:
        from scenarios.errors import InputError
        from scenarios.files.loader import load_scenario

        try:
            path = run.out / "inputs" / inside(next(iter(run.inputs)))
            run.model = load_scenario(str(path), run.provenance.sets).scenario
        except (InputError, OSError):
            return None
    return run.model
