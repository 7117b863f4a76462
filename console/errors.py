"""What can go wrong at the front door itself. Words that cannot be are Refused, as everywhere.

Unavailable   exit 6   what a command needs is not on this machine
"""


class Unavailable(Exception):
    """One line: what is missing, and where it would be."""

    exit_code = 6
