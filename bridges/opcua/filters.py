"""What a client may ask of a monitored item, judged as OPC UA Part 4 says; asyncua takes everything as Good.

    filter of another kind than a change of data      BadMonitoredItemFilterUnsupported
    a filter on anything but a value, or a
    deadband on a value that is no number             BadFilterNotAllowed
    a deadband below 0, no number, over 100 percent   BadDeadbandFilterInvalid
    an unknown trigger, or kind of deadband           BadMonitoredItemFilterInvalid
    percent of a value without a range (all of ours)  BadMonitoredItemFilterUnsupported

A deadband is held against the last value that was reported, so a slow rise is told too; a change of status always is.
"""

from math import isfinite
from typing import Any

NUMBERS = range(2, 12)  # the built-in types from SByte to Double
VALUE = 13  # the attribute
ABSOLUTE, PERCENT = 1, 2
TRIGGERS = (0, 1, 2)


def fault_of(ua: Any, data_type: int, attribute: int, wish: Any) -> int | None:
    """The status code that refuses a filter; None when it is taken. data_type: number of the built-in type."""
    codes = ua.StatusCodes
    name = type(wish).__name__  # once a server runs, the class is another than the one `ua` names
    if wish is None or (name == "ExtensionObject" and wish.TypeId.is_null()):
        code = None
    elif name != "DataChangeFilter":
        code = codes.BadMonitoredItemFilterUnsupported
    elif attribute != VALUE:
        code = codes.BadFilterNotAllowed
    elif int(wish.Trigger) not in TRIGGERS or int(wish.DeadbandType) not in (0, ABSOLUTE, PERCENT):
        code = codes.BadMonitoredItemFilterInvalid
    else:
        code = _deadband_fault(codes, data_type, int(wish.DeadbandType), float(wish.DeadbandValue))
    return None if code is None else int(code)


def _deadband_fault(codes: Any, data_type: int, kind: int, band: float) -> Any:
    if not kind:
        return None
    if not isfinite(band) or band < 0 or (kind == PERCENT and band > 100):
        return codes.BadDeadbandFilterInvalid
    if data_type not in NUMBERS:
        return codes.BadFilterNotAllowed
    return codes.BadMonitoredItemFilterUnsupported if kind == PERCENT else None


def judging(subscriptions: Any, ua: Any, base: Any) -> None:
    """Let a subscription service judge what its items are asked. base: asyncua's service of the items."""

    class Items(base):  # type: ignore[misc]
        def _fault(self, what: Any, wish: Any) -> Any:
            """The status that refuses a wish; None when it is taken, or when the item itself is the fault."""
            data_type = self.aspace.read_attribute_value(what.NodeId, ua.AttributeIds.DataType)
            known = data_type.Value.Value if data_type.Value is not None else None
            number = known.Identifier if isinstance(known, ua.NodeId) and known.NamespaceIndex == 0 else -1
            code = fault_of(ua, number, int(what.AttributeId), wish)
            return None if code is None else ua.StatusCode(code)

        async def _create_data_change_monitored_item(self, params: Any) -> Any:
            fault = self._fault(params.ItemToMonitor, params.RequestedParameters.Filter)
            if fault is not None:
                return ua.MonitoredItemCreateResult(StatusCode=fault)
            return await super()._create_data_change_monitored_item(params)

        def _modify_monitored_item(self, params: Any) -> Any:
            item = self._monitored_items.get(params.MonitoredItemId)
            if item is None:
                return ua.MonitoredItemModifyResult(StatusCode=ua.StatusCode(ua.StatusCodes.BadMonitoredItemIdInvalid))
            fault = self._fault(item.read_value_id, params.RequestedParameters.Filter)
            if fault is not None:
                return ua.MonitoredItemModifyResult(StatusCode=fault)
            return super()._modify_monitored_item(params)

        def _is_deadband_exceeded(self, values: Any, wish: Any) -> bool:
            now, told = values.get_current_datavalue(), getattr(values, "told", None)
            small = (
                told is not None
                and int(wish.DeadbandType) == ABSOLUTE
                and told.StatusCode == now.StatusCode
                and told.Value is not None
                and now.Value is not None
                and abs(now.Value.Value - told.Value.Value) <= wish.DeadbandValue
            )
            if not small:
                values.told = now
            return not small

    create = subscriptions.create_subscription

    async def create_subscription(*args: Any, **kwargs: Any) -> Any:
        result = await create(*args, **kwargs)
        made = subscriptions.subscriptions[result.SubscriptionId]
        made.monitored_item_srv = Items(made, subscriptions.aspace)
        return result

    subscriptions.create_subscription = create_subscription
