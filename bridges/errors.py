"""What can go wrong at a bridge, by whose fault.

Refused           the user asked for something that is not allowed                              exit 2
ConnectionFailed  broker, server or twin cannot be reached, or turned us away                   exit 6
Rejected          somebody else's packet is not what the contract says: counted, never fatal

All of them are a BridgeError.
"""


class BridgeError(Exception):
    """Its text is one clear line for people; `exit_code` is the command's."""

    exit_code = 1


class Refused(BridgeError):
    """Whose fault: the user's. The line says what is allowed."""

    exit_code = 2


class ConnectionFailed(BridgeError):
    """Whose fault: the environment's. The line says what was tried."""

    exit_code = 6


class Rejected(BridgeError):
    """Whose fault: the sender's. Raised by the strict decoders of `bridges.wire.codec`."""
