"""Bad files, bad notation and bad scenarios are refused with their exact messages, at their exact places."""

# ruff: noqa: E501 -- a message stands here in one piece, as people read it

import random
import re
from pathlib import Path

import pytest

from tests.common.bad_inputs import NETWORK, SCENARIO, Row, net, report, run, whole

# fmt: off
ROWS = [
    net("unknown key", "    calendar: day", "    calender: day", "net.yaml:14:5: plants.lyon.calender: unknown key 'calender'. allowed: id, at, kind, calendar, capacity, stock, replenish, serves, handling, crews, lines, systems, codes. did you mean 'calendar'?"),
    net("unknown key in a list element", "lot: 10,", "lots: 10,", "net.yaml:24:26: plants.lyon.lines.L1.makes[0].lots: unknown key 'lots'. allowed: item, lot, setup, yield, cycle_factor, rate, cost, setup_cost, prefer. did you mean 'lot'?"),
    net("negative quantity", "stock: {SHAFT: 100}", "stock: {SHAFT: -5}", "net.yaml:15:20: plants.lyon.stock.SHAFT: -5 is negative. allowed: whole pieces, at least 0"),
    net("fractional pieces", "stock: {SHAFT: 100}", "stock: {SHAFT: 2.5}", "net.yaml:15:20: plants.lyon.stock.SHAFT: 2.5 is not whole. allowed: whole pieces, at least 0"),
    net("bom cycle", "    needs: {SHAFT: 2}", "    needs: {SHAFT: 2}\n  - {item: SHAFT, needs: {GEAR: 1}}", "net.yaml:12:27: boms[1].needs.GEAR: the bill of material is a cycle: GEAR > SHAFT > GEAR. allowed: no item needs itself"),
    net("bom of itself", "    needs: {SHAFT: 2}", "    needs: {GEAR: 2}", "net.yaml:11:13: boms[0].needs.GEAR: the bill of material is a cycle: GEAR > GEAR. allowed: no item needs itself"),
    run("unknown target", "target: lyon.L1,", "target: lyon.L2,", "run.yaml:8:47: disruptions.hydraulics.target: unknown line 'lyon.L2'. allowed: lyon.L1. did you mean 'lyon.L1'?"),
    run("target of another kind", "target: lyon.L1,", "target: lyon,", "run.yaml:8:47: disruptions.hydraulics.target: 'lyon' is a plant, not a line. allowed: lyon.L1. did you mean 'lyon.L1'?"),
    run("unknown lane", "target: lyon>dc,", "target: lyon>cd,", "run.yaml:9:44: disruptions.storm.target: unknown lane 'lyon>cd'. allowed: kyoto>lyon, lyon>dc, dc>west. did you mean 'lyon>dc'?"),
    run("duplicate key", "seed: 7", "seed: 7\nseed: 8", "run.yaml:7:1: seed: key 'seed' is given twice, first in line 6. allowed: each key once"),
    run("alias", "horizon: 45d", "horizon: &h 45d\ntitle: *h", "run.yaml:4:10: horizon: anchor '&h' is used. allowed: plain values; write the value out", "run.yaml:5:8: title: alias '*h' is used. allowed: plain values; write the value out"),
    run("tag", "seed: 7", "seed: !!int 7", "run.yaml:6:7: seed: tag 'tag:yaml.org,2002:int' is used. allowed: plain values without tags"),
    run("nan", "seed: 7", "seed: .nan", "run.yaml:6:7: seed: .nan is not a finite number. allowed: a whole number from 0 to 2^63 - 1"),
    net("nan in a value", "value: 410", "value: .nan", "net.yaml:7:23: items.GEAR.value: .nan is not a finite number. allowed: a finite number"),
    net("infinite yield", "yield: 0.9", "yield: .inf", "net.yaml:24:42: plants.lyon.lines.L1.makes[0].yield: .inf is not a finite number. allowed: a share above 0 to 1"),
    net("overflow", "value: 410", "value: 1e999", "net.yaml:7:23: items.GEAR.value: 1e999 is not a finite number. allowed: a finite number"),
    net("too large", "stock: {SHAFT: 100}", "stock: {SHAFT: 99999999999999}", "net.yaml:15:20: plants.lyon.stock.SHAFT: 99999999999999 is too large. allowed: at most 1000000000000"),
    run("bad duration", "horizon: 45d", "horizon: 45 days", "run.yaml:4:10: horizon: '45 days' has the unknown unit 'days'. allowed: ms, s, min, h, d, w. did you mean '45d'?"),
    run("duration without unit", "horizon: 45d", "horizon: 45", "run.yaml:4:10: horizon: '45' has no unit. allowed: a duration such as 250ms, 30s, 45min, 20h, 6d or 2w"),
    run("duration of a sexagesimal trap", "horizon: 45d", "horizon: 12:30", "run.yaml:4:10: horizon: '12:30' is not a duration. allowed: a duration such as 250ms, 30s, 45min, 20h, 6d or 2w"),
    run("negative duration", "for: 3d", "for: -3d", "run.yaml:8:76: disruptions.hydraulics.for: '-3d' is negative. allowed: a duration such as 250ms, 30s, 45min, 20h, 6d or 2w"),
    run("absurd horizon", "horizon: 45d", "horizon: 400000d", "run.yaml:4:10: horizon: '400000d' is too long. allowed: at most 100 years"),
    run("horizon of zero", "horizon: 45d", "horizon: 0d", "run.yaml:4:10: horizon: '0d' is no time at all. allowed: a duration above 0"),
    run("newer version", "version: 1", "version: 2", "run.yaml:1:10: version: version 2 is newer than this PlantSync reads. allowed: 1. update PlantSync, or write the file in an older version"),
    net("newer network", "version: 1", "version: 3", "net.yaml:1:10: version: version 3 is newer than this PlantSync reads. allowed: 1. update PlantSync, or write the file in an older version"),
    run("version that is no number", "version: 1", "version: one", "run.yaml:1:10: version: 'one' is not a number. allowed: the version of the file format, at least 1"),
    run("missing network file", "network: net.yaml", "network: nett.yaml", "run.yaml:3:10: network: file 'nett.yaml' does not exist. allowed: the path of a network file, relative to this file. did you mean 'net.yaml'?"),
    run("network that is a folder", "network: net.yaml", "network: .", ".:1:1: this is a directory. name a file"),
    run("network that is the scenario", "network: net.yaml", "network: run.yaml", "run.yaml:1:1: this is a scenario file. allowed: a network file"),
    run("missing key", "horizon: 45d\n", "", "run.yaml:1:1: horizon: key 'horizon' is missing. needed: How long is simulated, e.g. 45d"),
    run("empty value", "seed: 7", "seed:", "run.yaml:6:6: seed: the value is empty. give a value or leave the key out"),
    run("warm-up as long as the horizon", "warmup: 10d", "warmup: 45d", "run.yaml:5:9: warmup: the warm-up is as long as the horizon (45 d). allowed: less than the horizon"),
    run("word for a truth value", "warmup: 10d", "warmup: no", "run.yaml:5:9: warmup: 'no' is not a duration. allowed: a duration such as 250ms, 30s, 45min, 20h, 6d or 2w"),
    run("unknown way", "ways: [none, synced]", "ways: [none, sync]", "run.yaml:10:14: ways[1]: unknown value 'sync'. allowed: none, fragmented, synced. did you mean 'synced'?"),
    run("unknown approval", "reroute:", "rerout:", "run.yaml:13:5: policy.approvals.rerout: unknown value 'rerout'. allowed: reroute, transfer, substitution, reprioritise, expedite, release. did you mean 'reroute'?"),
    run("money in another currency", "20000 EUR", "20000 USD", "run.yaml:13:27: policy.approvals.reroute.auto_below: '20000 USD' is in USD. allowed: EUR, the currency of the network"),
    run("key of another kind", "for: 3d}", "for: 3d, factor: 0.5}", "run.yaml:8:80: disruptions.hydraulics.factor: key 'factor' does not go with 'kind: line-down'. allowed: id, kind, target, at, after, until, for"),
    run("kind without its key", "kind: line-down", "kind: line-slow", "run.yaml:8:5: disruptions.hydraulics: key 'factor' is missing. needed: factor with 'kind: line-slow'"),
    run("unknown kind", "kind: line-down", "kind: line-dwn", "run.yaml:8:28: disruptions.hydraulics.kind: unknown value 'line-dwn'. allowed: plant-down, line-down, machine-down, plant-slow, line-slow, labour-absence, site-closed, lane-closed, lane-slow, supplier-down, supplier-late, demand-change, order-cancelled, quality-hold, stock-loss, system-down, channel. did you mean 'line-down'?"),
    run("ends before it starts", "at: 15d", "at: 19d", "run.yaml:9:69: disruptions.storm.until: it begins at 19 d and 'hydraulics' ends at 17.3333 d. allowed: an end after the beginning"),
    run("never begins", "at: 15d, ", "", "run.yaml:9:5: disruptions.storm: key 'at' is missing. needed: when it begins (at), or what sets it off (after)"),
    run("until an unknown disruption", "until: hydraulics", "until: hydralics", "run.yaml:9:69: disruptions.storm.until: unknown disruption 'hydralics'. allowed: hydraulics, storm. did you mean 'hydraulics'?"),
    run("disruptions that wait for each other", "at: 14d 08:00", "after: {id: hydraulics}", "run.yaml:8:56: disruptions.hydraulics.after: disruptions wait for each other: hydraulics > hydraulics. allowed: a beginning that comes first"),
    run("probability above 1", "at: 14d 08:00", "after: {id: storm, probability: 1.5}", "run.yaml:8:88: disruptions.hydraulics.after.probability: 1.5 is outside the range. allowed: a share from 0 to 1"),
    run("time of day that does not exist", "14d 08:00", "14d 25:00", "run.yaml:8:60: disruptions.hydraulics.at: '25:00' is not a time of day. allowed: 00:00 to 23:59"),
    run("start that does not exist", "seed: 7", "seed: 7\nstart: 2026-02-30T00:00", "run.yaml:7:8: start: '2026-02-30T00:00' is not a time that exists. allowed: such as 2026-01-05T00:00"),
    Row("start in the hour that clocks skip", ["run.yaml:6:8: start: '2026-03-29T02:30' does not exist in Europe/Paris (clocks go forward). allowed: another time"], net=(("currency: EUR", "timezone: Europe/Paris"),), run=(("seed: 7", "start: 2026-03-29T02:30"),)),
    run("bad threshold", '">= 90%"', '"90%"', "run.yaml:15:9: thresholds.otif: '90%' is not a bound. allowed: an operator (>=, <=, >, <, ==, !=) and a number, as \">= 95%\""),
    Row("events over the limit", ["run.yaml:4:10: horizon: about 3.1e+09 events are expected up to the horizon. allowed: at most 1e+09; shorten it, or draw orders less often"], net=(("cycle: 20s", "cycle: 1s"),), run=(("horizon: 45d", "horizon: 5000w"),)),
    whole("empty file", "run.yaml", b"  \n", "run.yaml:1:1: the file is empty"),
    whole("file of comments", "run.yaml", b"# nothing\n", "run.yaml:1:1: the file is empty"),
    whole("UTF-16", "run.yaml", "version: 1".encode("utf-16"), "run.yaml:1:1: the file is UTF-16. allowed: UTF-8"),
    whole("not UTF-8", "run.yaml", b"version: 1\ntitle: caf\xe9\n", "run.yaml:2:11: byte 0xe9 is not UTF-8. allowed: UTF-8 text"),
    whole("binary", "run.yaml", b"version: 1\nab\0c\n", "run.yaml:2:3: this is a binary file (it has a NUL). allowed: UTF-8 text"),
    whole("control character", "run.yaml", b"version: 1\ntitle: a\x07b\n", "run.yaml:2:9: control character 7 is not allowed in YAML"),
    whole("over the size cap", "run.yaml", b"#" * (16 * 1024 * 1024 + 1), "run.yaml:1:1: the file has 16777217 bytes. allowed: at most 16777216"),
    whole("tab indent", "run.yaml", b"version: 1\npolicy:\n\tapprovals: {}\n", "run.yaml:3:1: a tab is used for indentation. allowed: spaces"),
    whole("unclosed bracket", "run.yaml", b"version: 1\nways: [none, synced\nseed: 3\n", "run.yaml:3:5: this is not YAML: while parsing a flow sequence, did not find expected ',' or ']' opened at line 2"),
    whole("nesting", "run.yaml", b"a: " + b"[" * 100_000, "run.yaml:1:67: [1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][0]: nested too deeply. allowed: 64 levels"),
    whole("alias bomb", "run.yaml", b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "run.yaml:1:1: version: key 'version' is missing. needed: Version of the file format", "run.yaml:1:1: scenario: key 'scenario' is missing. needed: Name of the scenario", "run.yaml:1:1: network: key 'network' is missing. needed: Path of the network file, relative to this file", "run.yaml:1:1: horizon: key 'horizon' is missing. needed: How long is simulated, e.g. 45d", "run.yaml:1:1: a: unknown key 'a'. allowed: version, scenario, title, network, start, horizon, warmup, seed, replications, ways, disruptions, policy, thresholds", "run.yaml:1:4: a: anchor '&a' is used. allowed: plain values; write the value out", "run.yaml:2:1: b: unknown key 'b'. allowed: version, scenario, title, network, start, horizon, warmup, seed, replications, ways, disruptions, policy, thresholds", "run.yaml:2:4: b: anchor '&b' is used. allowed: plain values; write the value out", "run.yaml:2:8: [0]: alias '*a' is used. allowed: plain values; write the value out", "run.yaml:2:12: [1]: alias '*a' is used. allowed: plain values; write the value out", "run.yaml:3:1: c: unknown key 'c'. allowed: version, scenario, title, network, start, horizon, warmup, seed, replications, ways, disruptions, policy, thresholds", "run.yaml:3:5: [0]: alias '*b' is used. allowed: plain values; write the value out", "run.yaml:3:9: [1]: alias '*b' is used. allowed: plain values; write the value out"),
    whole("several documents", "run.yaml", SCENARIO.encode() + b"---\nversion: 1\n", "run.yaml:16:1: a second document begins here. allowed: one document per file"),
    whole("a list", "run.yaml", b"- 1\n- 2\n", "run.yaml:1:1: a list is not a mapping. allowed: a scenario file, which begins with 'version: 1'"),
    whole("a scalar", "run.yaml", b"hello\n", "run.yaml:1:1: 'hello' is not a mapping. allowed: a scenario file, which begins with 'version: 1'"),
    whole("a network in place of a scenario", "run.yaml", NETWORK.encode(), "run.yaml:1:1: this is a network file. allowed: a scenario file"),
    run("unknown KPI", 'otif: ">= 90%"', 'otiff: ">= 90%"', "run.yaml:15:3: thresholds.otiff: unknown KPI 'otiff'. allowed: otif, fill_rate, total_cost, margin, late_cost, lost_sales, lane_cost, handling_cost, purchase_variance, conversion_variance, setup_cost, carrying_cost and 35 more. did you mean 'otif'?"),
    run("KPI of an unknown line", 'otif: ">= 90%"', 'oee.lyon.L2: ">= 90%"', "run.yaml:15:3: thresholds.oee.lyon.L2: unknown line 'lyon.L2'. allowed: lyon.L1. did you mean 'lyon.L1'?"),
    run("disruption twice", "id: storm", "id: Hydraulics", "run.yaml:9:10: disruptions.Hydraulics.id: id 'Hydraulics' is given twice, first in line 8. allowed: each id once among disruptions"),
    run("lane that diverts nowhere", "at: 15d, until", "goods: divert, at: 15d, until", "run.yaml:9:5: disruptions.storm: 'goods: divert' and 'via' go together. allowed: both or neither"),
    run("diversion over an unknown lane", "at: 15d, until", "goods: divert, via: dc>lyon, at: 15d, until", "run.yaml:9:73: disruptions.storm.via: unknown lane 'dc>lyon'. allowed: kyoto>lyon, dc>west"),
    run("unknown message type", "kind: line-down, target: lyon.L1", "kind: channel, message: line.stoped, target: lyon.mes", "run.yaml:8:46: disruptions.hydraulics.message: unknown message type 'line.stoped'. allowed: order.created, order.reopened, order.changed, order.delivered, production_order.released, production_order.changed, production_order.completed, transfer_order.created, transfer_order.changed, purchase_order.created, line.stopped, line.resumed and 24 more. did you mean 'line.stopped'?"),
    run("unknown item of a disruption", "kind: line-down, target: lyon.L1, at: 14d 08:00, for: 3d", "kind: stock-loss, target: dc, item: GEARS, share: 0.5, at: 1d", "run.yaml:8:58: disruptions.hydraulics.item: unknown item 'GEARS'. allowed: GEAR, SHAFT. did you mean 'GEAR'?"),
    run("seed that is negative", "seed: 7", "seed: -7", "run.yaml:6:7: seed: -7 is not a seed. allowed: a whole number from 0 to 2^63 - 1"),
    run("no replications", "seed: 7", "replications: 0", "run.yaml:6:15: replications: 0 is too small. allowed: a whole number, at least 1"),
    run("way twice", "[none, synced]", "[none, none]", "run.yaml:10:14: ways[1]: 'none' is listed twice. allowed: each once"),
    run("approval that never ends", "within: 1h", "within: 0h", "run.yaml:13:59: policy.approvals.reroute.within: '0h' is no time at all. allowed: a duration above 0"),
    run("key that is a list", "seed: 7", "[seed]: 7", "run.yaml:6:1: a key must be plain text"),
    Row("override of an unknown element", ["--set disruptions.hydralics.for=5d:1:1: disruptions: no element 'hydralics'. allowed: hydraulics, storm. did you mean 'hydraulics'?"], sets=("disruptions.hydralics.for=5d",)),
    Row("override with a bad value", ["--set horizon=60x:1:9: horizon: '60x' has the unknown unit 'x'. allowed: ms, s, min, h, d, w"], sets=("horizon=60x",)),
    Row("override of an unknown key", ["--set horizonn=60d:1:10: horizonn: unknown key 'horizonn'. allowed: version, scenario, title, network, start, horizon, warmup, seed, replications, ways, disruptions, policy, thresholds. did you mean 'horizon'?"], sets=("horizonn=60d",)),
    Row("override that is none", ["--set horizon:1:1: this is not an assignment. allowed: key=value, as horizon=60d"], sets=("horizon",)),
    Row("many faults at once", ["net.yaml:14:5: plants.lyon.calender: unknown key 'calender'. allowed: id, at, kind, calendar, capacity, stock, replenish, serves, handling, crews, lines, systems, codes. did you mean 'calendar'?", "net.yaml:24:31: plants.lyon.lines.L1.makes[0].lot: 0 is too small. allowed: whole pieces, at least 1", "net.yaml:33:22: lanes[1].to: unknown site 'cd'. allowed: lyon, kyoto, dc, west", "run.yaml:8:47: disruptions.hydraulics.target: unknown line 'lyon.L2'. allowed: lyon.L1. did you mean 'lyon.L1'?", "run.yaml:8:76: disruptions.hydraulics.for: '3x' has the unknown unit 'x'. allowed: ms, s, min, h, d, w", "run.yaml:9:44: disruptions.storm.target: unknown lane 'lyon>dc'. allowed: kyoto>lyon, lyon>cd, dc>west. did you mean 'lyon>cd'?"], net=(("    calendar: day", "    calender: day"), ("lot: 10", "lot: 0"), ("to: dc, time", "to: cd, time")), run=(("target: lyon.L1,", "target: lyon.L2,"), ("for: 3d", "for: 3x"))),
]
# fmt: on


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_bad_input_is_refused_with_its_exact_lines(row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert report(row, tmp_path, monkeypatch) == row.want


def test_the_files_that_are_changed_here_are_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert report(Row("sound", []), tmp_path, monkeypatch) == []


JUNK = [
    "",
    "[]",
    "{}",
    "[1]",
    "{a: 1}",
    ".nan",
    "1e999",
    "-1",
    "*a",
    "&a b",
    "!!str 1",
    "~",
    "-3d",
    "GEAR",
    "\t",
    '"',
    "? a",
]


@pytest.mark.parametrize("seed", range(150))
def test_whatever_is_broken_is_named_in_single_lines(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    texts = {"net.yaml": NETWORK, "run.yaml": SCENARIO}
    for _ in range(chance.randint(1, 3)):
        file = chance.choice(sorted(texts))
        word = chance.choice(list(re.finditer(r"[\w.>%/-]+", texts[file])))
        texts[file] = texts[file][: word.start()] + chance.choice(JUNK) + texts[file][word.end() :]
    files = {file: text.encode() for file, text in texts.items()}
    lines = report(Row("random", [], files=files), tmp_path, monkeypatch)
    assert all(re.match(r"(net|run)\.yaml:[1-9]\d*:[1-9]\d*: \S", line) and "\n" not in line for line in lines), seed
    assert not any("unreadable" in line for line in lines), seed
