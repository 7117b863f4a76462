"""What can go wrong at a bridge, by whose fault. What the user asked for and cannot be is Refused, as everywhere.

BridgeError
  ConnectionFailed   exit 6   broker, server or twin cannot be reached, or turned us away
  Rejected           exit 6   somebody else's packet is not what the contract says: counted where work goes on
"""


class BridgeError(Exception):
    """Its text is one clear line for people; `exit_code` is the command's."""

    exit_code = 6


class ConnectionFailed(BridgeError):
    """Whose fault: the environment's. The line says what was tried."""


class Rejected(BridgeError):
    """Whose fault: the sender's. Raised by the strict decoders of `bridges.wire.codec`."""
