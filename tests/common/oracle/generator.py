"""Random deterministic worlds for the oracle and the product: constants only, seeded, printed when they differ.

`features` chooses what a world may contain, so that a disagreement can be narrowed.
"""

import csv
import random
from pathlib import Path
from typing import Any

import yaml

from tests.common.oracle.clock import ms

FEATURES = (
    "plants", "bom", "machines", "lines", "setup", "calendar", "capacity", "supplier", "rules", "chain", "hold",
    "divert", "return", "lose", "slow", "down", "late", "quality", "stock-loss", "partial", "patience", "site-closed",
    "full", "fill", "rows",
)  # fmt: skip
Dict = dict[str, Any]


class Generator:
    """One world of a seed."""

    def __init__(self, seed: int, features: tuple[str, ...] = FEATURES, round_times: bool = False) -> None:
        self.draw, self.features, self.round, self.used = random.Random(seed), features, round_times, set[int]()
        self.network: Dict = {"version": 1, "network": f"w{seed}", "items": [], "lanes": [], "customers": []}
        self.scenario: Dict = {"version": 1, "scenario": f"w{seed}", "network": "network.yaml"}
        self._build()

    def may(self, feature: str, share: float = 0.5) -> bool:
        """Has the world that feature?"""
        lucky = self.draw.random() < share
        return lucky and feature in self.features

    def time(self, low_h: float, high_h: float) -> str:
        """A duration; unless times are round, an odd number of seconds that no other time has, so that nothing ties."""
        if self.round:
            return f"{self.draw.randint(max(1, int(low_h)), max(1, int(high_h)))}h"
        while True:
            found = int(self.draw.uniform(low_h, high_h) * 3600) | 1
            if found not in self.used:
                self.used.add(found)
                return f"{found}s"

    def _build(self) -> None:
        n, d = self.network, self.draw
        self.days = d.randint(20, 60)
        self.scenario["horizon"] = f"{self.days}d"
        n["items"] = [{"id": "A"}, {"id": "B"}][: d.randint(1, 2)]
        self.items = [x["id"] for x in n["items"]]
        if self.may("calendar"):
            n["calendars"] = [
                {"id": "two", "week": {"mon": "06:00-22:00", "tue": "06:00-22:00",
                                       "wed": ["06:00-10:00", "11:00-23:00"],
                                       "thu": "06:00-22:00", "fri": "06:00-14:00"}},
                {"id": "night", "week": dict.fromkeys(("mon", "tue", "wed", "thu", "sat"), "22:00-06:00")},
            ]  # fmt: skip
        plants = [f"P{k}" for k in range(d.randint(1, 2))] if self.may("plants", 0.7) else []
        houses = [f"W{k}" for k in range(d.randint(0 if plants else 1, 2))]
        customers = [f"C{k}" for k in range(d.randint(1, 3))]
        self.bought = set[str]()
        n["plants"] = [self._plant(p) for p in plants]
        n["warehouses"] = [self._house(w, plants, houses) for w in houses]
        n["suppliers"] = [{"id": s, "items": self.offers[s]} for s in getattr(self, "offers", {})]
        if self.may("calendar", 0.3) and "calendars" in n and n["suppliers"]:
            n["suppliers"][0]["calendar"] = "two"
        for c in customers:
            self._customer(c, plants, houses)
        self.scenario["disruptions"] = [x for k in range(d.randint(0, 5)) if (x := self._disruption(f"d{k}"))]
        for key in ("plants", "warehouses", "suppliers"):
            if not n[key]:
                del n[key]

    # --- places ------------------------------------------------------------------------------------------------
    def _lane(self, a: str, b: str) -> None:
        if any(x["from"] == a and x["to"] == b for x in self.network["lanes"]):
            return
        lane: Dict = {"from": a, "to": b, "time": self.time(1, 60)}
        if self.may("capacity", 0.3):
            lane["capacity"] = f"{self.draw.randint(20, 120)}/d"
        self.network["lanes"].append(lane)

    def _offer(self, item: str) -> str:
        d = self.draw
        self.offers: dict[str, Dict] = getattr(self, "offers", {})
        supplier = f"S{d.randint(0, 1)}"
        offer: Dict = {"lead": self.time(6, 72)}
        if self.may("supplier", 0.4):
            offer["capacity"] = f"{d.randint(60, 200)}/d"
        if self.may("supplier", 0.3):
            offer["moq"] = d.randint(5, 60)
        if self.may("fill", 0.2):
            offer["fill"] = d.choice([0.5, 0.8, 0.95])
        self.offers.setdefault(supplier, {}).setdefault(item, offer)
        return supplier

    def _rule(self, source: str, base: int) -> Dict:
        d = self.draw
        kind = d.randint(0, 2) if "rules" in self.features else 0
        if kind == 0:
            s = d.randint(base // 2, base * 2)
            return {"s": s, "S": s + d.randint(1, base), "from": [source]}
        if kind == 1:
            return {"r": d.randint(base // 2, base * 2), "q": d.randint(1, base), "from": [source]}
        return {"review": self.time(12, 72), "S": d.randint(base, base * 3), "from": [source]}

    def _plant(self, p: str) -> Dict:
        d = self.draw
        spec: Dict = {"id": p, "lines": [], "stock": {}, "replenish": {}}
        names = [f"L{k}" for k in range(d.randint(1, 3) if "lines" in self.features else 1)]
        for name in names:
            line: Dict = {"id": name, "makes": []}
            if self.may("machines", 0.4):
                line["machines"] = [{"id": "M", "cycle": self.time(0.05, 0.3)}]
            else:
                line["rate"] = f"{d.randint(100, 400)}/d"
            if "calendars" in self.network and self.may("calendar", 0.4):
                line["calendar"] = d.choice(["two", "night"])
            for item in self.items:
                if name == names[0] or d.random() < 0.5:
                    make: Dict = {"item": item, "lot": d.choice([1, 1, 5, 10, 17])}
                    if self.may("setup", 0.3):
                        make["setup"] = self.time(0.1, 2)
                    line["makes"].append(make)
            if line["makes"]:
                spec["lines"].append(line)
        for item in self.items:
            spec["stock"][item] = d.randint(0, 60)
            if self.may("rules", 0.3):
                spec["replenish"][item] = self._rule(p, 60)
        if self.may("bom", 0.5) or getattr(self, "raw", False):
            if not getattr(self, "raw", False):
                self.raw = True
                self.network["items"].append({"id": "RAW"})
                self.network["boms"] = [{"item": i, "needs": {"RAW": d.randint(1, 3)}} for i in self.items]
            supplier = self._offer("RAW")
            spec["replenish"]["RAW"] = self._rule(supplier, 200)
            spec["stock"]["RAW"] = d.randint(0, 400)
            self._lane(supplier, p)
        return spec

    def _house(self, w: str, plants: list[str], houses: list[str]) -> Dict:
        d = self.draw
        spec: Dict = {"id": w, "stock": {}, "replenish": {}}
        for item in self.items:
            spec["stock"][item] = d.randint(0, 80)
            sources = [*plants, "buy"]
            if w != houses[0] and self.may("chain", 0.5):
                sources = [houses[0]]
            source = d.choice(sources)
            if source == "buy":
                source = self._offer(item)
            spec["replenish"][item] = self._rule(source, 60)
            if source.startswith("S") and "chain" in self.features and w != houses[0] and d.random() < 0.3:
                self._lane(source, houses[0])
                self._lane(houses[0], w)
            else:
                self._lane(source, w)
        return spec

    def _customer(self, c: str, plants: list[str], houses: list[str]) -> None:
        d = self.draw
        site = d.choice([*plants, *houses])
        spec: Dict = {"id": c, "served_by": [site]}
        if self.may("rows", 0.5):
            rows: list[Dict] = []
            for k in range(d.randint(5, 40)):
                at = self.time(1, self.days * 24 - 1)
                due = f"{int(at[:-1]) + d.randint(1, 9) * 43_200}s" if at.endswith("s") else f"{int(at[:-1]) + 48}h"
                rows.append(
                    {"id": f"{c}-{k}", "at": at, "item": d.choice(self.items), "quantity": d.randint(1, 60), "due": due}
                )
            rows.sort(key=lambda r: int(r["at"].rstrip("msh")))
            spec["orders"] = {"rows": rows}
        else:
            spec["orders"] = {
                "every": self.time(4, 40), "items": {d.choice(self.items): 1}, "quantity": d.randint(1, 40),
                "due": self.time(12, 96), "late_penalty": "1/pcs/d",
            }  # fmt: skip
            if self.may("partial", 0.3):
                spec["orders"]["partial"] = True
            if self.may("patience", 0.3):
                spec["orders"]["patience"] = self.time(12, 96)
        self._lane(site, c)
        self.network["customers"].append(spec)

    # --- what goes wrong ---------------------------------------------------------------------------------------
    def _disruption(self, name: str) -> Dict | None:
        d, n = self.draw, self.network
        kinds = [k for k in ("hold", "divert", "return", "lose", "slow", "down", "late", "quality", "stock-loss",
                             "site-closed") if k in self.features]  # fmt: skip
        if not kinds:
            return None
        kind = d.choice(kinds)
        row: Dict = {"id": name, "at": self.time(24, self.days * 20), "for": self.time(6, 120)}
        lane = d.choice(n["lanes"])
        lines = [f"{p['id']}.{line['id']}" for p in n["plants"] for line in p["lines"]]
        sites = [x["id"] for x in (*n["plants"], *n["warehouses"])]
        if kind in ("hold", "return", "lose", "divert"):
            row |= {"kind": "lane-closed", "target": f"{lane['from']}>{lane['to']}", "goods": kind}
            if kind == "divert":
                self.network["warehouses"].append({"id": f"D{name}"})
                self._lane(lane["from"], f"D{name}")
                self._lane(f"D{name}", lane["to"])
                for x in n["lanes"][-2:]:  # slower than the lane itself, or the way would lead over it always
                    x["time"] = self.time(61, 90)
                    x.pop("capacity", None)
                row["via"] = f"{lane['from']}>D{name}"
        elif kind == "slow" and (d.random() < 0.5 or not lines):
            row |= {"kind": "lane-slow", "target": f"{lane['from']}>{lane['to']}", "factor": d.choice([0.25, 0.5, 0.8])}
        elif kind == "slow":
            target = d.choice([*lines, *[p["id"] for p in n["plants"]]])
            row |= {
                "kind": "line-slow" if "." in target else "plant-slow",
                "target": target,
                "factor": d.choice([0.25, 0.5]),
            }
        elif kind == "down" and lines and (d.random() < 0.6 or not n["suppliers"]):
            target = d.choice([*lines, *[p["id"] for p in n["plants"]]])
            row |= {"kind": "line-down" if "." in target else "plant-down", "target": target}
        elif kind in ("down", "late") and n["suppliers"]:
            s = d.choice(n["suppliers"])
            row |= {"kind": f"supplier-{kind}", "target": s["id"]}
            if kind == "late":
                row |= {"item": d.choice(list(s["items"])), "by": self.time(6, 60)}
        elif kind in ("quality", "stock-loss"):
            row |= {"kind": "quality-hold", "target": d.choice(sites), "item": d.choice(self.items)}
            del row["for"]
            if kind == "stock-loss":
                row |= {"kind": "stock-loss", "share": d.choice([0.25, 0.5, 1])}
            else:
                row |= {"disposition": d.choice(["release", "scrap"]), "decided_after": self.time(6, 96)}
                if d.random() < 0.5:
                    row["lots"] = d.randint(1, 3)
        elif kind == "site-closed":
            row |= {"kind": "site-closed", "target": d.choice(sites)}
        else:
            return None
        return row

    def write(self, folder: Path) -> Path:
        """The world as files for the product; the scenario's path."""
        network = {**self.network, "customers": [dict(c) for c in self.network["customers"]]}
        for c in network["customers"]:
            if "rows" in c["orders"]:
                c["orders"] = {"file": f"{c['id']}.csv"}
        for c in self.network["customers"]:
            if rows := [dict(row) for row in c["orders"].get("rows", ())]:
                for row in rows:
                    row["due"] = f"{ms(row['due']) - ms(row['at'])}ms"
                with (folder / f"{c['id']}.csv").open("w", newline="") as f:
                    out = csv.DictWriter(f, list(rows[0]))
                    out.writeheader()
                    out.writerows(rows)
        (folder / "network.yaml").write_text(yaml.safe_dump(network, sort_keys=False))
        (folder / "run.yaml").write_text(yaml.safe_dump(self.scenario, sort_keys=False))
        return folder / "run.yaml"
