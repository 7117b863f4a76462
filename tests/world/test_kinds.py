"""Every kind of disruption is described once, keeps what it declares, and others may bring kinds of their own."""

import json
import subprocess
import sys
from html import escape
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner

from console.cli import cli
from plants.disruptions import world
from plants.disruptions.harm import Harmed
from plants.disruptions.kind import Key, Kind
from plants.disruptions.kinds import KINDS, kinds_of, registered
from plants.errors import ExtensionError
from scenarios.answers.explain.facts import Facts
from scenarios.answers.report.sections import what_happened
from scenarios.errors import InputError
from scenarios.files.schema import json_schema
from scenarios.runs.results import collect
from sync.vocabulary.messages import BODIES
from tests.common.plugins import brought, environment
from tests.common.worlds import load, ran

ROOT = Path(__file__).parents[2]
ROOMS = ("sim", "plants", "sync", "bridges", "scenarios", "console")

NETWORK = """\
items: [{id: A}, {id: B}]
boms: [{item: A, needs: {B: 1}}]
plants:
  - id: p
    stock: {B: 40, A: 30}
    replenish: {B: {s: 57, S: 60, from: [s]}}
    crews: [{id: fit, size: 2}]
    lines:
      - {id: L1, makes: [{item: A, lot: 5}], machines: [{id: m, cycle: 20min, crew: fit}]}
suppliers: [{id: s, items: {B: {lead: 1d}}}]
warehouses: [{id: h, stock: {A: 20}, replenish: {A: {s: 15, S: 30, from: [p]}}}]
lanes:
  - {from: s, to: p, time: 6h, cost: 1/pcs}
  - {from: p, to: [h, e], time: 6h, cost: 1/pcs}
  - {from: h, to: c, time: 6h, cost: 1/pcs}
customers:
  - {id: c, served_by: [h], orders: {every: 4h, items: {A: 1}, quantity: 3, due: 2d}}
  - {id: e, served_by: [p], orders: {every: 1h, items: {A: 1}, quantity: 5, due: 20d}}
"""
TARGETS = {
    "plants": "p",
    "warehouses": "h",
    "lines": "p.L1",
    "machines": "p.L1.m",
    "crews": "p.fit",
    "suppliers": "s",
    "customers": "e",
    "lanes": "p>h",
    "systems": "h.wms",
}
VALUES = {
    "time": "1min",
    "time law": "{uniform: [2h, 5h]}",
    "factor": "0.5",
    "share": "0.5",
    "count": "1",
    "message": "receipt.posted",
}


def row(kind: Kind, target: str) -> str:
    """A row of a scenario file with every key of the kind that must be given."""
    needed = {key.name: VALUES.get(key.value, "B" if target == "p" else "A") for key in kind.keys if key.required}
    lasts = {"for": "1d"} if kind.lasts else {}
    written = {"id": "x", "kind": kind.name, "target": target, "at": "2d", **needed, **lasts}
    return "{" + ", ".join(f"{key}: {value}" for key, value in written.items()) + "}"


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_does_what_it_declares_in_a_file_a_run_its_messages_and_their_report(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    for n, what in enumerate(kind.targets):
        folder = tmp_path / str(n)
        folder.mkdir()
        loaded = load(folder, NETWORK, more=f"disruptions:\n  - {row(kind, TARGETS[what])}\n")
        twin = ran(loaded)
        happened = twin.disruptions.happened["x"]
        assert happened.from_ms == 2 * 86_400_000
        assert happened.title.startswith(f"{name} {TARGETS[what]}")
        if kind.lasts:
            assert happened.to_ms == 3 * 86_400_000
        for harm in kind.harms(loaded.network, loaded.scenario.disruptions[0]):
            assert harm.factor < 1 or harm.what == "machine"
        told = {m.type for _, m in twin.bus.log if m.time_ms >= happened.from_ms}
        assert not kind.says or what == "crews" or told & set(kind.says)
        run = collect(loaded, 5, {"none": [twin.result()]})
        facts = Facts(run, run.replication("none"))
        news = facts.news_of(facts.rep.disruptions[0])
        assert {m["type"] for m in news} <= set(kind.says) and (news or not kind.says or what == "crews")
        shown = what_happened(run)
        assert all(escape(f"{m['source']} says {m['type']} {m['subject']}") in shown for m in news)
    assert set(kind.says) <= set(BODIES)


def test_news_of_a_disruption_is_of_its_own_time_place_and_machine(tmp_path: Path) -> None:
    stopped = "{id: x, kind: machine-down, target: p.L1.m, at: 2d, for: 1d}"
    loss = "{id: y, kind: stock-loss, target: h, at: 4d, share: 0.5}"
    later = "{id: z, kind: stock-loss, target: h, at: 6d, share: 0.5}"
    network = NETWORK.replace("id: h, stock: {A: 20}", "id: h, stock: {A: 2000}")
    loaded = load(tmp_path, network, more=f"disruptions: [{stopped}, {loss}, {later}]\n")
    run = collect(loaded, 5, {"none": [ran(loaded).result()]})
    facts = Facts(run, run.replication("none"))
    machine, first, second = (facts.told_of(d) for d in facts.rep.disruptions)
    assert [m["type"] for m in machine if m["subject"] == "p.L1"] == ["line.stopped", "line.resumed"]
    unknown = {**facts.rep.disruptions[0], "kind": "of-another-package"}
    assert facts.told_of(unknown) == machine
    stop = next(m for m in machine if m["type"] == "line.stopped")
    stop["data"] = json.dumps({"line": "p.L1", "machine": "p.L1.other"})  # it broke: no stop of what was disrupted
    assert stop not in facts.told_of(facts.rep.disruptions[0])
    assert {m["happened_ms"] for m in first} == {4 * 86_400_000}
    assert {m["happened_ms"] for m in second} == {6 * 86_400_000}


def test_what_a_kind_harms_is_what_explain_blames_it_for(tmp_path: Path) -> None:
    kinds = ("plant-down", "site-closed")
    told = ", ".join(f"{{id: {kind}, kind: {kind}, target: p, at: 2d, for: 1d}}" for kind in kinds)
    loaded = load(tmp_path, NETWORK, more=f"disruptions: [{told}]\n")
    run = collect(loaded, 5, {"none": [ran(loaded).result()]})
    facts, at = Facts(run, run.replication("none")), 2 * 86_400_000 + 1
    blamed = {thing: [d["id"] for d in facts.disruptions_of({thing}, at, at)] for thing in ("p.L1", "s>p", "p>h", "s")}
    assert blamed == {"p.L1": [*kinds], "s>p": ["site-closed"], "p>h": ["site-closed"], "s": []}


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_told_in_the_schema_and_in_the_help_of_inject(name: str) -> None:
    kind = KINDS[name]
    assert kind.description.endswith(".") and len(kind.description) > 20
    part = json_schema("scenario")["$defs"]["disruption"]
    rule = next(r["then"] for r in part["allOf"] if r["if"]["properties"]["kind"]["const"] == name)
    assert rule["required"] == list(kind.required) and rule["description"].startswith(kind.description)
    for key in kind.keys:
        assert key.description in part["properties"][key.name]["description"]
    said = CliRunner().invoke(cli, ["inject", "--help"]).output
    assert f"{name}{kind.description}".replace(" ", "") in "".join(said.split())


def test_the_name_of_a_kind_stands_in_one_file_of_the_product() -> None:
    elsewhere = {"scenarios/importers/brunel.py", "scenarios/verify/supply.py"}  # they write scenario files
    texts = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
    }
    for name in KINDS:
        if name in ("channel", "lane-closed"):
            continue  # words of their own elsewhere: of systems, and a workflow of the engine
        files = {path for path, text in texts.items() if f'"{name}"' in text} - elsewhere
        assert len(files) == 1 and next(iter(files)).startswith("plants/disruptions/"), (name, files)


PLUG_IN = """\
from fractions import Fraction

from plants.disruptions.harm import Harm
from plants.disruptions.kind import Key, Kind


class Flood(Kind):
    \"\"\"Water in the hall: the lines of a plant stand, and the deeper it is the longer they do.\"\"\"

    name, targets, says = "flood", ("plants",), ("line.stopped",)
    keys = (Key("depth", "count", "how deep it is, in cm.", required=True),)

    def harms(self, network, d):
        return tuple(Harm("line", f"{p.id}.{line.id}") for p in network.plants if p.id == d.target for line in p.lines)
"""


def test_somebody_elses_kind_is_read_checked_run_and_told_without_a_change_here(tmp_path: Path) -> None:
    env = environment(brought(tmp_path, "floods", PLUG_IN, disruptions="flood = floods:Flood"))
    load(tmp_path, NETWORK, more="ways: [none]")
    flood = "disruptions: [{id: x, kind: flood, target: p, at: 2d, for: 1d, depth: 30}]"
    with (tmp_path / "run.yaml").open("a") as file:
        file.write(flood)
    code = f"""
import json
from plants.disruptions.kinds import KINDS
from scenarios.files.loader import load_scenario
from scenarios.answers.explain.facts import Facts
from scenarios.answers.report.sections import what_happened
from scenarios.errors import InputError
from scenarios.files.schema import json_schema
from scenarios.runs.results import collect
from scenarios.twin.assembly import assemble
loaded = load_scenario({str(tmp_path / "run.yaml")!r})
twin = assemble(loaded.scenario, "none", 1)
twin.env.advance(4 * 86400)
injected = twin.inject("flood", "p", 3600.0, depth="5")
stops = [m.data["reason"] for _, m in twin.bus.log if m.type == "line.stopped"]
rules = json_schema("scenario")["$defs"]["disruption"]["properties"]
print(json.dumps([list(KINDS)[-1], stops, injected, rules["depth"]["description"]]))
"""
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["flood", ["x"], "injected-1", "flood: how deep it is, in cm."]


@pytest.mark.parametrize(
    ("module", "point", "says"),
    [
        (
            "x = 1",
            "flood = floods:x",
            "flood = floods:x cannot be used: it is no subclass of plants.disruptions.kind.Kind",
        ),
        ("import nothing_there", "flood = floods:Flood", "flood = floods:Flood cannot be used: ModuleNotFoundError"),
        (PLUG_IN.replace('"flood"', '"line-down"'), "flood = floods:Flood", "there is a kind line-down already"),
    ],
)
def test_a_kind_that_cannot_be_used_is_refused_by_its_entry_point(
    module: str, point: str, says: str, tmp_path: Path
) -> None:
    env = environment(brought(tmp_path, "floods", module, disruptions=point))
    code = "import plants.disruptions.kinds"
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode and says in done.stderr.splitlines()[-1]


def test_whatever_a_kind_may_harm_the_world_can_take() -> None:
    assert set(world._TAKE) == set(get_args(Harmed))


def test_a_key_means_one_thing_in_every_kind_and_is_a_word_of_the_files() -> None:
    class Odd(Kind):
        """Something odd happens here."""

        name, targets, keys = "odd", ("plants",), (Key("share", "count", "how many."),)

    class Loud(Kind):
        """Something loud happens here."""

        name, targets, keys = "loud", ("plants",), (Key("for", "count", "how long."),)

    class Lost(Kind):
        """Something hits nothing there is."""

        name, targets = "lost", ("moons",)

    known = [(kind.name, kind) for kind in KINDS.values()]
    for odd, says in ((Odd(), "one meaning of a word"), (Loud(), "is not for a file to say"), (Lost(), "the targets")):
        with pytest.raises(ExtensionError, match=says):
            registered(iter([*known, ("here", odd)]))
    assert kinds_of(sys.modules[__name__]) == []


def test_a_follower_without_delay_does_what_a_second_row_of_the_same_instant_does(tmp_path: Path) -> None:
    network = """\
items: [{id: A}]
plants: [{id: p, lines: [{id: L1, rate: 10/d, supply: unlimited, makes: [{item: A}]}]}]
lanes: [{from: p, to: c, time: 1d}]
customers: [{id: c, served_by: [p], orders: {every: 1h, items: {A: 1}, quantity: 1, due: 5d}}]
"""
    first = "{id: a, kind: plant-slow, factor: 0.5, target: p, at: 3d 01:00}"
    made, told = [], []
    for begins in ("at: 3d 01:00", "after: {id: a}"):
        rows = f"disruptions: [{first}, {{id: b, kind: plant-down, target: p, {begins}, for: 1d}}]"
        twin = ran(load(tmp_path, network, more=rows))
        made.append(twin.network.lines["p.L1"].good)
        told.append([(m.type, m.time_ms) for _, m in twin.bus.log if m.type.startswith("line.")])
    assert made[0] == made[1] == 59
    assert told[0] == told[1] and len(told[0]) == 3


@pytest.mark.parametrize(
    ("first", "over_ms"),
    [
        ("kind: stock-loss, target: h, item: A, share: 1.0", 2 * 86_400_000),
        ("kind: order-cancelled, target: e, share: 1.0", 2 * 86_400_000),
        ("kind: quality-hold, target: h, item: B", 2 * 86_400_000),  # there is none to hold
        ("kind: quality-hold, target: h, item: A, decided_after: 1d", 3 * 86_400_000),
    ],
)
def test_what_lasts_until_something_that_is_over_at_once_ends_with_it(first: str, over_ms: int, tmp_path: Path) -> None:
    slow = "{id: y, at: 1d, kind: lane-slow, target: h>c, factor: 0.5, until: x}"
    rows = f"disruptions:\n  - {{id: x, at: 2d, {first}}}\n  - {slow}"
    twin = ran(load(tmp_path, NETWORK, "6d", more=rows))
    assert {name: it.to_ms for name, it in twin.disruptions.happened.items()} == {"y": over_ms, "x": over_ms}
    assert twin.network.lanes["h>c"].factor == 1.0


def test_a_supplier_that_is_late_until_something_ends_is_in_time_from_then_on(tmp_path: Path) -> None:
    rows = (
        "disruptions:\n  - {id: fire, at: 3d, kind: line-slow, target: p.L1, factor: 0.9, for: 1d}\n"
        "  - {id: late, at: 1d, kind: supplier-late, target: s, by: 2d, until: fire}"
    )
    twin = ran(load(tmp_path, NETWORK, "12d", more=rows))
    (late,) = twin.network.suppliers["s"].lates
    assert (late.start, late.end) == (86_400.0, 4 * 86_400.0)
    told = [at / 86_400_000 for at, said in twin.bus.log if said.type == "asn.delayed"]
    assert told and min(told) > 1 and max(told) < 4.01, "late while it lasted, taken back when it ended, never after"


def test_what_does_not_last_takes_no_end(tmp_path: Path) -> None:
    rows = "disruptions:\n  - {id: x, at: 2d, kind: stock-loss, target: h, item: A, share: 1.0, for: 1d}"
    with pytest.raises(InputError, match=r"'for' is given, and stock-loss does not last\. allowed: leave it out"):
        load(tmp_path, NETWORK, "6d", more=rows)
