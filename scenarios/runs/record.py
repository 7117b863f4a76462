"""The shape of what a run folder's files say: run.json, decisions.jsonl and the tables, judged before they are used.

A run folder is read back by other versions, other people and programs: nothing in it is believed unseen. Every refusal
is a ValueError of one line that says where in the file and what was expected there.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypedDict, TypeVar, get_type_hints

import msgspec

from plants.kpis.looks import COLUMNS as SERIES_COLUMNS
from plants.postings import COLUMNS as LEDGER_COLUMNS
from scenarios.errors import OtherFormat
from scenarios.runs.replication import Columns, Threshold
from scenarios.ways import Way
from sim.ahead.active import Floor
from sync.vocabulary.decisions import Decision

FORMAT = 3  # 1 wrote decisions with their sentences, 2 one quantity of an order and no shipments
OWN = "sha256"  # of run.json itself, without this key
Natural = Annotated[int, msgspec.Meta(ge=0)]
Row = dict[str, Any]
T = TypeVar("T")


class OrderRow(TypedDict):
    """An order of any kind, with what it cost; what a kind has not is empty or -1. quantity: what was ordered of who
    serves it, `ordered` and what a minimum or whole lots made more (`surplus`); it is also wanted + under_way +
    delivered + cancelled + missing. lost: of it, on the way, so far."""

    order: str
    kind: str
    customer: str
    item: str
    quantity: int
    ordered: int
    surplus: int
    wanted: int
    under_way: int
    delivered: int
    cancelled: int
    missing: int
    lost: int
    site: str
    first_site: str
    target: str
    line: str
    for_order: str
    ordered_ms: int
    due_ms: int
    left_ms: int
    done_ms: int
    cancelled_ms: int
    late_ms: int
    late_cost_minor: int
    lane_cost_minor: int
    handling_cost_minor: int
    co2_mg: int
    carrier: str
    port: str
    priced: bool
    unservable: str
    state: str
    by: str


class MessageRow(TypedDict):
    """A message as a system published it. data: its body in JSON; arrived_ms: when those who listen had it."""

    time_ms: int
    noticed_ms: int
    happened_ms: int
    arrived_ms: int
    id: str
    source: str
    type: str
    subject: str
    sequence: int
    data: str
    causation: str


class ShipmentRow(TypedDict):
    """Goods that travelled together. departed_ms: when they left the gate of their first lane; received_ms, lost_ms: -1
    where they were not. Freight and CO2 are those of the way really gone (see its legs)."""

    id: str
    kind: str
    order: str
    item: str
    quantity: int
    source: str
    target: str
    departed_ms: int
    received_ms: int
    lost_ms: int
    handling_minor: int
    freight_minor: int
    co2_mg: int


class LegRow(TypedDict):
    """A lane of a shipment's way, numbered from 1. end_ms -1: still on it; back: towards the gate; ended: there,
    diverted, returned, back or lost."""

    shipment: str
    leg: int
    lane: str
    begin_ms: int
    end_ms: int
    freight_minor: int
    co2_mg: int
    back: bool
    ended: str


class StateRow(TypedDict):
    """A machine shows another state from then on; cause: why, where that is `down` (breakdown, stopped, halted). For
    the whole line (machine ""): it stands unplanned (`down`), or can work again (`up`)."""

    time_ms: int
    line: str
    machine: str
    state: str
    cause: str


class ShiftRow(TypedDict):
    """A line is open, by its shifts, from begin_ms to end_ms (the horizon at most)."""

    line: str
    begin_ms: int
    end_ms: int


class TimeRow(TypedDict):
    """How long a machine showed a state within planned time, after the warm-up. The states of a machine add up to the
    open time of its line."""

    line: str
    machine: str
    state: str
    planned_s: float


class LineRow(TypedDict):
    """What came out of a line after the warm-up, piece by piece (a lot need not be counted), and how long its good
    pieces would have taken at the ideal cycle of its bottleneck. counts: pcs or orders."""

    line: str
    good: int
    scrap: int
    ideal_s: float
    counts: str


class MishapRow(TypedDict):
    """A message that was lost, or arrived unreadable or with a code that nobody knows (`fate`), and when."""

    time_ms: int
    id: str
    source: str
    type: str
    subject: str
    sequence: int
    noticed_ms: int
    fate: str


class BookRow(TypedDict):
    """What a system believes to be in free stock from then on."""

    time_ms: int
    system: str
    site: str
    item: str
    quantity: int


class KpiRow(TypedDict):
    """A KPI of the whole network (no dimension, no id) or of a place; without a value where it is not defined."""

    kpi: str
    dimension: str
    id: str
    value: float
    unit: str
    way: str
    replication: int


class CommandRow(TypedDict):
    """A command of the engine, and what its system answered; ack_ms -1: nothing."""

    id: str
    time_ms: int
    target: str
    type: str
    data: str
    ack_ms: int
    status: str
    reason: str
    decision: str


# the tables every replication has -> column -> type of its values, in the order in which they are written
COLUMNS: dict[str, dict[str, type]] = {
    "orders": get_type_hints(OrderRow),
    "shipments": get_type_hints(ShipmentRow),
    "legs": get_type_hints(LegRow),
    "states": get_type_hints(StateRow),
    "shifts": get_type_hints(ShiftRow),
    "times": get_type_hints(TimeRow),
    "lines": get_type_hints(LineRow),
    "ledger": LEDGER_COLUMNS,
    "messages": get_type_hints(MessageRow),
    "mishaps": get_type_hints(MishapRow),
    "commands": get_type_hints(CommandRow),
    "books": get_type_hints(BookRow),
    "series": SERIES_COLUMNS,
    "kpis": get_type_hints(KpiRow),
}


class DisruptionRecord(TypedDict):
    """What was disrupted; to_ms -1: to the end."""

    id: str
    kind: str
    target: str
    from_ms: int
    to_ms: int
    title: str


class RepRecord(msgspec.Struct):
    """One replication in run.json."""

    replication: Natural
    seed: Natural
    kpis: dict[str, float | None]
    digest: str
    events: Natural
    wall_s: float
    horizon_ms: Natural
    warmup_ms: Natural
    disruptions: list[DisruptionRecord]


Reps = Annotated[list[RepRecord], msgspec.Meta(min_length=1)]


class WayRecord(msgspec.Struct):
    """One way of working in run.json, as far as it is read back."""

    replications: Reps


class RunRecord(msgspec.Struct):
    """run.json, as far as it is read back. files: path in the folder -> SHA-256 (None: an old folder without them)."""

    format: int
    run: str
    scenario: str
    title: str
    status: Literal["complete", "partial", "interrupted"]
    failures: list[str]
    command: list[str]
    sets: list[str]
    seed: Natural
    currency: str
    floor: Floor
    started: str
    ended: str
    versions: dict[str, str]
    streams: list[str]
    warnings: list[str]
    inputs: dict[str, str]
    ways: dict[Way, WayRecord]
    thresholds: list[Threshold]
    baseline: dict[Way, Reps] = {}
    assumed: list[str] = []
    files: dict[str, str] | None = None


class _Head(msgspec.Struct):
    format: int


def sealed(document: Row) -> Row:
    """The document with its own SHA-256, so that a changed value is found."""
    return {**document, OWN: _own(document)}


def _own(document: Row) -> str:
    kept = {key: value for key, value in document.items() if key != OWN}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def read_record(raw: bytes) -> RunRecord:
    """run.json as values of the right types. Raises ValueError, and OtherFormat for another version's."""
    head = _decoded(raw, _Head)
    if head.format != FORMAT:
        raise OtherFormat(head.format)
    record = _decoded(raw, RunRecord)
    try:
        document = json.loads(raw)
    except RecursionError:  # in a key that is not read
        raise ValueError("it is nested too deeply") from None
    if OWN in document and document[OWN] != _own(document):
        raise ValueError("it was changed after it was written (its own SHA-256 is another)")
    for name in (*record.inputs, *(record.files or ())):
        if not is_inside(name):
            raise ValueError(f"'{ascii(name)[1:-1]}' leads out of the run folder")
    return record


def is_inside(name: str) -> bool:
    """Whether a relative name stays inside the folder it is looked for in."""
    return bool(name) and not name.startswith("/") and ".." not in name.split("/") and not set("\\\0") & set(name)


def read_decisions(raw: bytes) -> list[Decision]:
    """decisions.jsonl, one decision per line. Raises ValueError naming the line."""
    lines = raw.split(b"\n")
    if lines.pop():
        raise ValueError(f"line {len(lines) + 1} is cut off")
    found = []
    for number, line in enumerate(lines, 1):
        try:
            found.append(_decoded(line, Decision))
        except ValueError as fault:
            raise ValueError(f"line {number} is no decision: {fault}") from None
    return found


def _decoded(raw: bytes, kind: type[T]) -> T:
    """Raises ValueError: `ways: expected `object`, got `array``."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.MsgspecError as fault:
        what, _, where = str(fault).partition(" - at ")
        what = what[:1].lower() + what[1:]
        where = where.strip("`").removeprefix("$").removeprefix(".")
        raise ValueError(f"{where}: {what}" if where else what) from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None


def read_parquet(raw: bytes, name: str) -> Columns:
    """The table called `name` from the bytes of a parquet file. Raises ValueError."""
    import pyarrow
    import pyarrow.parquet

    if not raw:
        raise ValueError("it is empty")
    try:
        # in the one thread: those of a pool may outlive the program's end, which is then an abort
        found = pyarrow.parquet.read_table(pyarrow.BufferReader(raw), use_threads=False, pre_buffer=False)
        columns: Columns = found.to_pydict()
    except Exception as fault:  # pyarrow raises errors of many kinds over damaged bytes
        said = str(fault).splitlines() or [type(fault).__name__]
        raise ValueError(f"it is no whole parquet file: {said[0]}") from None
    for column, declared in COLUMNS.get(name, {}).items():
        if column not in columns:
            raise ValueError(f"column '{column}' is missing. found: {', '.join(columns)}")
        kind = found.schema.field(column).type
        numbers = pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind)
        if numbers != (declared in (int, float)) and not pyarrow.types.is_null(kind):
            raise ValueError(f"column '{column}' holds {kind}")
    return columns


def read_stretches(raw: bytes, most: int) -> Iterator[Columns]:
    """The rows of a parquet file, at most `most` at a time, and once the columns of one without rows. Raises ValueError
    before the first."""
    import pyarrow
    import pyarrow.parquet

    try:
        found = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(raw), pre_buffer=False)
    except Exception as fault:  # pyarrow raises errors of many kinds over damaged bytes
        said = str(fault).splitlines() or [type(fault).__name__]
        raise ValueError(f"it is no whole parquet file: {said[0]}") from None
    if not found.metadata.num_rows:
        return iter([{name: [] for name in found.schema_arrow.names}])
    return (batch.to_pydict() for batch in found.iter_batches(batch_size=most, use_threads=False))
