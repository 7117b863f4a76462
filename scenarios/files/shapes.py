"""The shapes of written values as JSON Schema: the same words and units as the readers, made of their tables.

A shape says how a value looks, not whether it makes sense: `0d` has the shape of a horizon and is refused when read.
Shapes name each other by the names of kinds (`#/$defs/...`).
"""

from typing import Any

from scenarios.files.seasons import MONTHS, MOST_FACTOR
from scenarios.files.tables import Table
from scenarios.files.units import DURATIONS, NAMED, PER_DAY, SECONDS
from scenarios.files.weeks import DAYS
from sim.distributions import Distribution, Parameter

Shape = dict[str, Any]

NUMBER = r"\+?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,3})?"
_AMOUNT = rf"{NUMBER}(\s*[A-Z]{{3}})?"
_DURATION = rf"{NUMBER}\s*({'|'.join(SECONDS)})"
_RATE = rf"{NUMBER}\s*(pcs)?\s*/\s*({'|'.join(PER_DAY)})"


def ref(name: str) -> Shape:
    """The shape of another kind."""
    return {"$ref": f"#/$defs/{name}"}


def text(description: str, pattern: str) -> Shape:
    """Text of one form, the whole of it."""
    return {"description": description, "type": "string", "pattern": f"^({pattern})$"}


def number(description: str, **limits: float) -> Shape:
    """A number."""
    return {"description": description, "type": "number", **limits}


def whole(least: int, description: str) -> Shape:
    """A whole number."""
    return {"description": description, "type": "integer", "minimum": least}


def or_number(description: str, pattern: str, **limits: float) -> Shape:
    """A plain number, or text of one form."""
    return {
        "description": description,
        "anyOf": [{"type": "number", **limits}, {"type": "string", "pattern": f"^({pattern})$"}],
    }


def or_word(name: str, word: str) -> Shape:
    """Another kind, or a word in its place."""
    return {"anyOf": [{"const": word}, ref(name)]}


def listing(items: Shape, **more: Any) -> Shape:
    """A list, each element once and at least one."""
    return {"type": "array", "items": items, "minItems": 1, "uniqueItems": True, **more}


ID: Shape = {
    "description": "A name: letters, digits, '-' and '_', at most 64. A number is its own digits.",
    "anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^[^\s.,:;+#/<>\"']{1,64}$"}],
}
TEXT: Shape = {"description": "Text on one line.", "type": ["string", "number"]}
CURRENCY = text("Three capital letters, ISO 4217.", "[A-Z]{3}")
ZONE: Shape = {"description": "An IANA time zone.", "type": "string", "minLength": 1}
DAY = {**text("A calendar day, YYYY-MM-DD.", r"\d{4}-\d{2}-\d{2}"), "format": "date"}
POSITION: Shape = {
    "description": "[latitude, longitude] in degrees.",
    "type": "array",
    "prefixItems": [
        {"type": "number", "minimum": -90, "maximum": 90},
        {"type": "number", "minimum": -180, "maximum": 180},
    ],
    "minItems": 2,
    "maxItems": 2,
}
ID_LIST = listing(ref("id"), description="A list of ids, each once.")
IDS: Shape = {"description": "An id, or a list of ids.", "anyOf": [ref("id"), listing(ref("id"))]}

DURATION: Shape = {
    "description": f"{DURATIONS.capitalize()}; a bare 0 needs no unit.",
    "anyOf": [{"type": "string", "pattern": f"^({_DURATION}|0)$"}, {"const": 0}],
}
SOME_TIME: Shape = {"description": "A duration above 0.", "$ref": "#/$defs/duration", "not": {"enum": [0, "0"]}}
MOMENT: Shape = {
    "description": "Time since the start, warm-up included: a duration, which may end in a clock time.",
    "anyOf": [ref("duration"), {"type": "string", "pattern": rf"^{_DURATION}\s+\d{{1,2}}:\d{{2}}$"}],
}
INTERVAL: Shape = {
    "description": "A duration above 0, or a plain number of cycles.",
    "anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": f"^({_DURATION})$"}],
}
START = text("A local date and time, YYYY-MM-DDTHH:MM.", r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?")
RATE = text(f"Pieces per time, above 0; per {', '.join(PER_DAY)}.", _RATE)
WHOLE_RATE = text("A rate that is a whole number of pieces per day.", _RATE)

MONEY = or_number("Money: a number, or an amount in the network's currency.", _AMOUNT, minimum=0)
PRICE = or_number("Money per piece: a number, or an amount per pcs.", rf"{_AMOUNT}(\s*/\s*pcs)?", minimum=0)
_FREIGHT = rf"\s*{_AMOUNT}\s*/\s*(pcs|shipment)\s*"
TRANSPORT_PRICE = text("Per pcs, per shipment, or both joined by +.", rf"{_FREIGHT}(\+{_FREIGHT})?")
PENALTY = text("Money per day late, per pcs or per order.", rf"{_AMOUNT}\s*/\s*(pcs|order)\s*/\s*d")

PREFERENCE: Shape = {
    "description": "true, false, or a rank from 1.",
    "anyOf": [{"type": "boolean"}, {"type": "integer", "minimum": 1}],
}
_YEARLY = r"\s*(%\s*/\s*a|/\s*a|%)"
PER_YEAR = or_number("A share per year: 20%/a, or a plain share.", f"{NUMBER}{_YEARLY}", minimum=0, maximum=10)
PER_YEAR_SIGNED = or_number(
    "A share per year: 2%/a, or a plain share.", f"-?{NUMBER}{_YEARLY}", minimum=-0.9, maximum=10
)
_FACTOR = number("A factor of normal.", minimum=0, maximum=MOST_FACTOR)
WEEKDAYS: Shape = {
    "description": "Seven factors, Monday to Sunday.", "type": "array", "items": _FACTOR, "minItems": 7, "maxItems": 7,
}  # fmt: skip
MONTHLY: Shape = {
    "description": "Month (Jan, Feb, ...) -> factor; 1 for those left out.",
    "type": "object",
    "propertyNames": {"enum": list(MONTHS)},
    "additionalProperties": _FACTOR,
}

_PLACES = whole(0, "Places between two machines.")
BUFFERS: Shape = {
    "description": "Places in every gap between machines, or a list with one number per gap.",
    "anyOf": [_PLACES, {"type": "array", "items": _PLACES}],
}
WEEK: Shape = {
    "description": f"Shifts by weekday ({', '.join(DAYS)}), range or list of days; over midnight and 24h too.",
    "type": "object",
    "minProperties": 1,
    "additionalProperties": {"anyOf": [ref("shift"), {"type": "array", "items": ref("shift")}]},
}
SHIFT = text("From and to on the clock.", r"\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2}|24h")


def law(what: str, unit: Shape, constant: Shape | None = None) -> Shape:
    """A constant, or a distribution of values of a unit: one form for each row of the table."""
    return {
        "description": f"A {what}: constant, or drawn from a distribution. Negative draws become 0.",
        "anyOf": [constant or unit, *(_form(row, unit) for row in NAMED.values())],
    }


def _form(row: Distribution, unit: Shape) -> Shape:
    parameters = {p.name: _parameter(p, unit, row) for p in row.parameters}
    body: Shape
    match row.form:
        case "file":
            body = ref("values_csv")
        case "value":
            (body,) = parameters.values()
        case "mapping":
            body = closed(parameters, list(parameters))
        case _:
            n = len(parameters)
            body = {"type": "array", "items": unit, "minItems": n, "maxItems": n}
    return closed({row.name: {**body, "description": f"{row.written}. {row.text}"}}, [row.name])


def _parameter(parameter: Parameter, unit: Shape, row: Distribution) -> Shape:
    if not parameter.pure:
        return {**unit, "description": f"{parameter.name} of the distribution, in the unit of what is drawn."}
    bound = "exclusiveMinimum" if parameter.written == "above" else "minimum"
    number: Shape = {"type": "integer", "minimum": 1} if parameter.whole else {"type": "number", bound: 0}
    example = row.example[row.parameters.index(parameter)]
    return {**number, "description": f"{parameter.name} of the distribution, a pure number.", "examples": [example]}


def csv(table: Table) -> Shape:
    """The name of a CSV file below the folder of the file that names it, with its columns under `x-csv`."""
    columns = [
        {"name": c.name, "description": c.text, "examples": [c.example], "required": not c.optional, "empty": c.blank}
        for c in table.columns
    ]
    return {
        "description": f"Path of a CSV file below this folder: UTF-8, commas, decimal points, a header. {table.text}",
        "type": "string",
        "x-csv": {"contentMediaType": "text/csv", "columns": columns},
    }


def closed(properties: Shape, required: list[str]) -> Shape:
    """A mapping with these keys and no others."""
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
