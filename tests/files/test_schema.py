"""`plantsync schema`: made of the loader's own declarations, so whatever it shows the loader reads."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from scenarios.files.fields import Context
from scenarios.files.kinds import KINDS, NoEffect
from scenarios.files.library import LIBRARY
from scenarios.files.loader import load_scenario
from scenarios.files.networkfile import NetworkFile
from scenarios.files.nodes import compose
from scenarios.files.scenariofile import ScenarioFile
from scenarios.files.schema import SCHEMAS, json_schema, part_name, written_default
from scenarios.files.tables import ORDERS, RATES, VALUES, Folder, Known, Table
from scenarios.files.templates import TEMPLATES, write_template
from sync.vocabulary.messages.keys import KEYS as MEANINGS
from tests.common.bad_inputs import NETWORK, SCENARIO

ROOT = Path(__file__).parents[2]
FILES = {"network": NetworkFile, "scenario": ScenarioFile}


def parts(model: Any, seen: dict[str, Any] | None = None) -> dict[str, Any]:
    """Every mapping below a model, by name."""
    seen = {} if seen is None else seen
    if part_name(model) not in seen:
        seen[part_name(model)] = model
        for field in model.model_fields.values():
            for inner in inside(field.annotation):
                parts(inner, seen)
    return seen


def inside(annotation: Any) -> Iterator[Any]:
    """The models that an annotation names."""
    if isinstance(annotation, type) and hasattr(annotation, "model_fields"):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from inside(inner)


KEYS = {
    f"{kind}: {name}.{field.alias or key}": field
    for kind, model in FILES.items()
    for name, part in parts(model).items()
    for key, field in part.model_fields.items()
}


def as_written(value: Any) -> Any:
    """A value as the loader meets it: through YAML, numbers that remember their digits."""
    return compose(f"x: {json.dumps(value)}", "x").root.data["x"]


def read(field: Any, value: Any, folder: Path) -> Any:
    """A value through the reader of a key. Raises what the loader would report."""
    annotation = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    return TypeAdapter(annotation).validate_python(as_written(value), context=Context(Folder(folder, "")))


def shown(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(mapping.key, its schema) of every key of a kind of file."""
    schema = json_schema(kind)
    for part in (schema, *schema["$defs"].values()):
        for key, value in part.get("properties", {}).items():
            yield f"{kind}: {part['title']}.{key}", value


@pytest.mark.parametrize("kind", FILES)
def test_every_key_is_described_with_an_example(kind: str) -> None:
    found = dict(shown(kind))
    assert set(found) == {key for key in KEYS if key.startswith(f"{kind}:")}
    for key, value in found.items():
        assert value["description"].endswith((".", ". ", ")")), key
        assert value["examples"], key


def test_every_example_is_read_by_the_reader_of_its_key(tmp_path: Path) -> None:
    for kind in FILES:
        for key, value in shown(kind):
            for example in value["examples"]:
                read(KEYS[key], example, tmp_path)  # raises when it is refused


def test_every_default_as_it_is_written_is_the_default(tmp_path: Path) -> None:
    defaults = {key: written_default(field) for key, field in KEYS.items()}
    given = {key: value for key, value in defaults.items() if value is not None}
    for key, value in given.items():
        assert read(KEYS[key], value, tmp_path) == KEYS[key].default, key
    assert given["network: system.delay"] == "1s"
    assert given["scenario: approval.auto_below"] == 0 and given["scenario: scenario_file.warmup"] == 0
    assert given["network: person.responds_in"] == {"exponential": "20min"}
    assert dict(shown("network"))["network: system.delay"]["description"].endswith("Default: 1s.")


def test_a_definition_stands_once_and_every_reference_leads_to_one() -> None:
    for kind in SCHEMAS:
        schema = json_schema(kind)
        named = set(re.findall(r'"#/\$defs/([^"]+)"', json.dumps(schema)))
        assert named <= set(schema["$defs"]), kind
        if kind != "messages":
            assert named == set(schema["$defs"]), kind
    assert not set(KINDS) & {name for model in FILES.values() for name in parts(model)}


def test_every_key_of_a_message_says_what_it_means_and_its_example_fits() -> None:
    schema = json_schema("messages")
    keys = [(name, key, shape) for name, body in schema["$defs"].items() for key, shape in body["properties"].items()]
    assert len(keys) > 150
    for name, key, shape in keys:
        assert shape["description"].endswith((".", "...")), f"{name}.{key}"
        Draft202012Validator({**shape, "$defs": schema["$defs"]}).validate(shape["examples"][0])
    used = {key for _, key, _ in keys} | {f"{name}.{key}" for name, key, _ in keys}
    assert set(MEANINGS) <= used, "a row that no message has"


def test_every_parameter_of_a_distribution_says_what_it_is() -> None:
    for kind in FILES:
        laws = [x for x in json_schema(kind)["$defs"].values() if "Negative draws" in x.get("description", "")]
        forms = [shape for x in laws for form in x["anyOf"] for shape in form.get("properties", {}).values()]
        told = [(name, said) for shape in forms for name, said in shape.get("properties", {}).items()]
        assert len(told) >= 9
        assert all(said["description"].startswith(f"{name} of the distribution") for name, said in told)


def test_the_example_of_a_kind_is_read_by_its_own_reader(tmp_path: Path) -> None:
    for kind in KINDS.values():
        TypeAdapter(Annotated[Any, kind]).validate_python(
            as_written(kind.example), context=Context(Folder(tmp_path, ""))
        )


@pytest.mark.parametrize(("name", "table"), [("rates_csv", RATES), ("orders_csv", ORDERS), ("values_csv", VALUES)])
def test_the_columns_of_a_csv_are_shown_and_their_examples_are_read(name: str, table: Table) -> None:
    columns = json_schema("network")["$defs"][name]["x-csv"]["columns"]
    assert [c["name"] for c in columns] == list(table.names)
    known = Known("EUR", {"GEARBOX-A": 0}, frozenset({"dc-west"}), frozenset({"lyon"}))
    for column in table.columns:
        column.read(column.example, known)
        assert column.text.endswith(".")


# --- keys without effect ---------------------------------------------------------------------------------------------
WITHOUT = [
    key.partition(": ")[2] for key, field in KEYS.items() if any(isinstance(mark, NoEffect) for mark in field.metadata)
]


def test_the_readme_names_every_key_without_effect() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    said = text.partition("Read, and not simulated yet:")[2].partition("\n\n")[0]
    for key in WITHOUT:
        assert re.search(rf"`[^`]*\b{key.rpartition('.')[2]}\b", said), key


# --- with a validator of others --------------------------------------------------------------------------------------
def validator(kind: str) -> Any:
    return Draft202012Validator(json_schema(kind))


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_is_one_by_the_meta_schema(kind: str) -> None:
    validator(kind).check_schema(json_schema(kind))


def accepted(kind: str, text: str) -> bool:
    return bool(validator(kind).is_valid(compose(text, kind).root.data))


def test_the_files_that_come_with_plantsync_have_the_shape_of_the_schema(tmp_path: Path) -> None:
    paths = list(LIBRARY.glob("*.yaml"))
    for name in TEMPLATES:
        paths += write_template(name, tmp_path / name)
    for path in paths:
        text = path.read_text(encoding="utf-8")
        kind = "scenario" if re.search("^scenario:", text, re.MULTILINE) else "network"
        assert list(validator(kind).iter_errors(compose(text, kind).root.data)) == [], path
        if kind == "scenario":
            load_scenario(str(path))


WRONG = [
    ("network", "    calendar: day", "    calender: day"),
    ("network", "stock: {SHAFT: 100}", "stock: {SHAFT: -5}"),
    ("network", "stock: {SHAFT: 100}", "stock: {SHAFT: 2.5}"),
    ("network", "yield: 0.9", "yield: 1.9"),
    ("network", "{lead: 2d,", "{lead: 2 days,"),
    ("network", "{lognormal: {mean: 30s, cv: 0.2}}", "{lognormal: {mean: 30s}}"),
    ("network", "{lognormal: {mean: 30s, cv: 0.2}}", "{lognorml: {mean: 30s, cv: 0.2}}"),
    ("network", "{lognormal: {mean: 30s, cv: 0.2}}", "{lognormal: {mean: 30s, cv: 0}}"),
    ("network", "{uniform: [1d, 2d]}", "{uniform: [1d]}"),
    ("network", "{uniform: [1d, 2d]}", "{uniform: [1d, 2x]}"),
    ("network", "quantity: 5", "quantity: 0"),
    ("network", "quantity: 5", "quantity: {uniform: [-1, 5]}"),
    ("network", "capacity: 2500/d", "capacity: 2500"),
    ("network", "capacity: 2500/d", "capacity: 2500/day"),
    ("network", "cost: 0.12/pcs", "cost: 0.12"),
    ("network", "late_penalty: 12/pcs/d", "late_penalty: 12/pcs"),
    ("network", '"06:00-22:00"', '"6 to 22"'),
    ("network", "version: 1", "version: 2"),
    ("network", "currency: EUR", "currency: euro"),
    ("network", "{posts: batch, every: 2h}", "{posts: pigeon, every: 2h}"),
    ("network", "makes:\n          - {item: GEAR, lot: 10, yield: 0.9}", "makes: []"),
    ("scenario", "horizon: 45d\n", ""),
    ("scenario", "horizon: 45d", "horizon: 45"),
    ("scenario", "horizon: 45d", "horizon: 12:30"),
    ("scenario", "horizon: 45d", "horizon: 0d\nhorizonn: 45d"),
    ("scenario", "seed: 7", "seed: -7"),
    ("scenario", "seed: 7", "replications: 0"),
    ("scenario", "kind: line-down", "kind: line-dwn"),
    ("scenario", "[none, synced]", "[none, sync]"),
    ("scenario", "[none, synced]", "[none, none]"),
    ("scenario", "reroute:", "rerout:"),
    ("scenario", "auto_below: 20000 EUR", "auto_below: never"),
    ("scenario", '">= 90%"', '"90%"'),
    ("scenario", "at: 14d 08:00", "at: at eight"),
]


@pytest.mark.parametrize(("kind", "old", "new"), WRONG, ids=[f"{new!r}" for _, _, new in WRONG])
def test_a_wrong_shape_is_refused_by_the_schema_as_by_the_loader(kind: str, old: str, new: str) -> None:
    text = {"network": NETWORK, "scenario": SCENARIO}[kind]
    assert text.count(old) == 1
    assert accepted(kind, text)
    assert not accepted(kind, text.replace(old, new))
