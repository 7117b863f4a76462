"""What lines did, worked out again from the tables of a run and the shifts in its network file; no code of ours."""

from bisect import bisect_right
from collections import defaultdict
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAY, HOUR = 86_400_000, 3_600_000
UNITS = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def seconds(law: Any) -> float:
    """The mean of a cycle: a constant, or a distribution by its mean."""
    while isinstance(law, dict):
        inner = next(iter(law.values()))
        law = inner.get("mean", next(iter(inner.values()))) if isinstance(inner, dict) else inner
    text = str(law)
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    return float(digits) * UNITS[text[len(digits) :] or "s"]


class Lines:
    """The part of a replication that has to do with lines."""

    tables: dict[str, list[dict[str, Any]]]
    changes: dict[str, list[Any]]
    network: dict[str, Any]
    start: str
    begin: int
    end: int
    span: int

    def lines(self) -> dict[str, Any]:
        """Of the tables `lines`, `times` and `states`, and of the shifts in the network file."""
        spent: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
        for row in self.tables["times"]:
            spent[row["line"]][row["machine"]][row["state"]] = row["planned_s"]
        found: dict[str, Any] = {"throughput": sum(r["good"] for r in self.tables["lines"]) * HOUR / self.span}
        for row in self.tables["lines"]:
            line = row["line"]
            opened = sum(next(iter(spent[line].values())).values())
            busy = max(states.get("working", 0.0) + states.get("setup", 0.0) for states in spent[line].values())
            found[f"utilisation.{line}"] = busy / opened if opened else None
            if row["counts"] != "pcs":
                continue
            slowest = self.bottleneck(line, list(spent[line]))
            worked, kept = (
                sum(spent[line][m].get(s, 0.0) for m in slowest) / len(slowest) for s in ("working", "maintenance")
            )
            pieces, planned = row["good"] + row["scrap"], opened - kept
            ideal = row["ideal_s"] * pieces / row["good"] if row["good"] else 0.0
            found[f"oee.{line}"] = row["ideal_s"] / planned if planned else None
            found[f"oee_availability.{line}"] = worked / planned if planned else None
            found[f"oee_effectiveness.{line}"] = ideal / worked if worked else None
            found[f"oee_quality.{line}"] = row["good"] / pieces if pieces else None
        found["unplanned_downtime"] = self.downtime() / HOUR
        return found

    def misshown(self) -> list[str]:
        """Where planned seconds by state are not what the changes of machines and the shifts of lines say, by more than
        the rounding of stamps to whole milliseconds; [] when nowhere."""
        begins, before = defaultdict[str, list[int]](list), defaultdict[str, list[int]](lambda: [0])
        for row in self.tables["shifts"]:
            a, b = max(row["begin_ms"], self.begin), min(row["end_ms"], self.end)
            if b > a:
                begins[row["line"]].append(a)
                before[row["line"]].append(before[row["line"]][-1] + b - a)

        def opened(line: str, t: int) -> int:
            n = bisect_right(begins[line], t)
            return min(before[line][n - 1] + t - begins[line][n - 1], before[line][n]) if n else 0

        found, changes = defaultdict[tuple[str, str, str], int](int), defaultdict[tuple[str, str], int](int)
        last = dict[tuple[str, str], tuple[int, str]]()  # planned ms by then, what it shows
        rows = list(zip(*self.changes.values(), strict=True))
        for line, machine, state, t in [*rows, *((line, m, "", self.end) for line, m in self.machines())]:
            by = opened(line, t)
            if (line, machine) in last:
                since, before_that = last[line, machine]
                found[line, machine, before_that] += by - since
                changes[line, machine] += 1
            last[line, machine] = by, state
        said = {(r["line"], r["machine"], r["state"]): r["planned_s"] * 1000 for r in self.tables["times"]}
        return [
            f"times {key}: {said.get(key, 0)} ms, changes say {found.get(key, 0)}"
            for key in sorted(said.keys() | {key for key in found if key[1]})
            if abs(said.get(key, 0) - found.get(key, 0)) > 1 + changes[key[:2]]
        ]

    def machines(self) -> list[tuple[str, str]]:
        """(line, machine) of every one that has changed its state, in order."""
        return sorted(set(zip(self.changes["line"], self.changes["machine"], strict=True)))

    def bottleneck(self, line: str, machines: list[str]) -> list[str]:
        """The machines of the station that takes longest a piece; parallel ones are told apart by `#`."""
        plant, _, name = line.partition(".")
        spec = next(x for p in self.network["plants"] if p["id"] == plant for x in p["lines"] if x["id"] == name)
        if "machines" not in spec:
            return machines
        slowest = max(spec["machines"], key=lambda m: seconds(m["cycle"]) / m.get("parallel", 1))["id"]
        return [m for m in machines if m.split("#")[0].split("/")[0] == slowest]

    def downtime(self) -> float:
        """ms within shifts in which lines stood unplanned."""
        total, since = 0.0, dict[str, int]()
        for row in self.tables["states"]:
            if row["state"] == "down":
                since[row["line"]] = row["time_ms"]
            else:
                total += self.planned(row["line"], since.pop(row["line"]), row["time_ms"])
        return total + sum(self.planned(line, at, self.end) for line, at in since.items())

    def planned(self, line: str, begin: int, end: int) -> float:
        """ms of [begin, end) after the warm-up within the line's own shifts and its plant's."""
        plant, _, name = line.partition(".")
        spec = next(p for p in self.network["plants"] if p["id"] == plant)
        own = next(x for x in spec["lines"] if x["id"] == name)
        found = [(max(begin, self.begin), min(end, self.end))]
        for calendar in {spec.get("calendar"), own.get("calendar")} - {None}:
            found = [(max(a, c), min(b, d)) for a, b in found for c, d in self.windows(calendar)]
        return float(sum(max(b - a, 0) for a, b in found))

    def windows(self, calendar: str) -> list[tuple[int, int]]:
        """Shifts of a calendar in ms since the start, without holidays and shifts over midnight."""
        spec = next(c for c in self.network["calendars"] if c["id"] == calendar)
        home = ZoneInfo(self.network.get("timezone", "UTC"))
        zone = ZoneInfo(spec.get("timezone", self.network.get("timezone", "UTC")))
        start, days = datetime.fromisoformat(self.start).replace(tzinfo=home), list(DAYS)
        found = list[tuple[int, int]]()
        for n in range(-1, self.end // DAY + 2):
            date = (start.astimezone(zone) + timedelta(days=n)).date()
            for key, hours in spec["week"].items():
                first, _, last = key.partition("-")
                if not days.index(first) <= date.weekday() <= days.index(last or first):
                    continue
                for text in [hours] if isinstance(hours, str) else hours:
                    a, b = (datetime.combine(date, time.fromisoformat(t), zone) for t in text.split("-"))
                    found.append(tuple(round((x - start).total_seconds() * 1000) for x in (a, b)))  # type: ignore[arg-type]
        return found
