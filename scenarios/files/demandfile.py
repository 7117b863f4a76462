"""Customers and their demand in a network file, key by key: a random stream with its seasons, or a file of orders."""

from typing import Annotated, ClassVar

from pydantic import Field

from plants import definition as d
from scenarios.files.fields import (
    CountLaw,
    Flag,
    Growth,
    Id,
    IdList,
    Months,
    OrdersFile,
    Part,
    Penalty,
    Position,
    Share,
    SomeTimeLaw,
    TimeLaw,
    Weekdays,
    one_of,
)


class SeasonPart(Part):
    """How the quantity ordered goes with the calendar, as factors of `quantity`; they are not scaled to a mean of 1."""

    weekly: Weekdays | None = Field(None, description="Seven factors, Monday to Sunday.")
    yearly: Months | None = Field(None, description="Factor by month; 1 for those left out.")


class OrdersPart(Part):
    """Where a customer's orders come from: a random stream, or a `file`."""

    shown: ClassVar[tuple[str, ...]] = ("every", "items", "quantity", "due")

    every: SomeTimeLaw | None = Field(None, description="Time between orders.", examples=[{"exponential": "35min"}])
    items: dict[str, Share] = Field(
        {}, description="Item -> share of the orders; the shares sum to 1.", examples=[{"GEAR": 1}]
    )
    quantity: CountLaw | None = Field(None, description="Pieces per order.")
    due: TimeLaw | None = Field(None, description="Time from order to due date.")
    late_penalty: Penalty | None = Field(None, description="12/pcs/d or 1000/order/d; none when left out.")
    partial: Flag = Field(d.OrderStreamSpec.partial, description="Whether an order may be shipped in parts.")
    patience: TimeLaw | None = Field(
        None, description="How long an order waits before it is lost; for ever when left out."
    )
    season: SeasonPart = Field(SeasonPart(), description="Factors of the quantity by weekday and month.")
    trend: Growth = Field(d.OrderStreamSpec.trend, description="Growth of the quantity, compounding, as 2%/a.")
    file: OrdersFile | None = Field(None, description="CSV of orders instead of a stream.")
    due_from: Annotated[str, *one_of("order", "start")] | None = Field(
        None,
        description="What a due date in `file` counts from, order or start; left out: durations from the order.",
    )


class CustomerPart(Part):
    """A customer."""

    id: Id = Field(
        description="Name of the customer, unique among plants, suppliers, warehouses and customers.", examples=["west"]
    )
    served_by: IdList | None = Field(
        None, description="Sites that serve it, in order of preference.", examples=[["dc-west", "lyon"]]
    )
    orders: OrdersPart = Field(description="Its orders.")
    at: Position | None = Field(None, description="[latitude, longitude].")
