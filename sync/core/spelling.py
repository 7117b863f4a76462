"""The one spelling of plain data that hashes are taken of and the journal holds: JSON, fields as declared, keys sorted.

Equal values have equal bytes, whichever way they came; what is decoded again is spelled the same.
"""

import hashlib
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(order="deterministic")


def canonical(value: Any) -> bytes:
    """The JSON of Structs, lists, tuples, dicts with text keys, text and integers."""
    return _ENCODER.encode(value)


def sha256(value: Any) -> str:
    """SHA-256 of the canonical spelling, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()
