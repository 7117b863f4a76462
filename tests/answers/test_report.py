"""The report is one offline file: nothing is fetched, every name is inert, no section is missing."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from scenarios.answers.report.charts import ticks
from scenarios.answers.report.markup import el, join
from scenarios.answers.report.network import layout
from scenarios.answers.report.report import render_report
from sync.vocabulary.decisions import Trigger
from tests.common.fabricated import decision, run_result

VOID = {"meta", "br", "line", "rect", "circle", "path", "polyline"}


class Balanced(HTMLParser):
    """Notes every tag and attribute, and fails when tags do not nest."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes = [], set(), set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page():
    return render_report(run_result())


def test_it_is_well_formed_and_fetches_nothing(page):
    parsed = Balanced()
    parsed.feed(page)
    assert parsed.open == []
    assert not parsed.tags & {"script", "link", "img", "iframe", "object", "embed", "base"}
    assert not parsed.attributes & {"src", "href", "onload", "onclick", "onerror"}
    addresses = set(re.findall(r"https?://[^\s\"'<]+", page))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert "url(" not in page and "@import" not in page


def test_it_tells_every_part(page):
    for words in (
        *("What happened", "The network", "The ways of working compared", "What the disruption cost"),
        *("Inventory and backlog over time", "Decisions", "Orders that nobody could serve", "What this rests on"),
        *("late_cost", "line-down lyon.L1", "greedy repair", "only lyon makes GEARBOX-B", "three-plants.yaml"),
        *("95 % interval", "better in 5 of 5", "dc-west"),
    ):
        assert words in page, words


def test_a_hostile_name_stays_text():
    run = run_result(reps=1)
    evil = '<script>alert("x")</script>'
    run.title = evil
    run.scenario = "a&b"
    run.ways["synced"][0].decisions[0] = decision(unservable=(), triggers=(Trigger("orders-late", evil, "m", evil),))
    run.ways["synced"][0].disruptions[0]["title"] = evil
    run.model = replace(run.model, network=replace(run.model.network, id=evil))
    page = render_report(run)
    assert "<script" not in page
    assert "&lt;script&gt;" in page and "a&amp;b" in page


def test_one_way_and_one_replication_make_a_report_too():
    run = run_result(reps=1, baseline=False)
    run.ways = {"none": run.ways["none"]}
    page = render_report(run)
    assert "One way of working" in page and "What the disruption cost" not in page


def test_every_place_stands_somewhere_of_its_own():
    places = layout(run_result(reps=1).model.network)
    assert len({(p.x, p.y) for p in places.values()}) == len(places) == 9
    assert places["kyoto"].x < places["lyon"].x < places["dc-west"].x < places["west"].x


def test_ticks_are_round_and_inside():
    assert ticks(0, 97) == [0, 25, 50, 75]
    assert all(0.1 <= t <= 0.9 for t in ticks(0.1, 0.9))
    assert ticks(3, 3) == [3]


def test_markup_escapes_everything_that_is_not_markup():
    assert el("p", "a<b", title='"') == '<p title="&quot;">a&lt;b</p>'
    assert join(["<", el("b", "x"), None, ["&"]]) == "&lt;<b>x</b>&amp;"
