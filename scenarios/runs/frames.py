"""Tables as notebooks want them: a pandas DataFrame, and a few lines of HTML. Knows columns and cells, no results."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame


def frame(columns: Mapping[str, Sequence[Any]]) -> "DataFrame":
    """Columns as a DataFrame. Raises ModuleNotFoundError saying how to get pandas, which is an extra."""
    try:
        import pandas
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "a DataFrame needs pandas, which is not installed here: pip install pandas", name="pandas"
        ) from None
    return pandas.DataFrame({name: pandas.Series(list(values), name=name) for name, values in columns.items()})


def html(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A titled table; whatever stands in it is text."""
    head = "".join(f"<th>{escape(word)}</th>" for word in heads)
    body = "".join(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
    return f"<h4>{escape(title)}</h4><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def shown(mean: float | None, half: float | None) -> str:
    """`1,836 ± 120`; `-` where there is nothing."""
    if mean is None:
        return "-"
    return f"{mean:,.6g}" if half is None else f"{mean:,.6g} ± {half:,.3g}"
