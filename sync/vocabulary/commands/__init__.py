"""Commands ask a system to act; acknowledgements say what came of it. A system applies each command id at most once.

What a command asks for is a typed body in the file of the system that carries it out. This is the one door for
callers; what lies behind it never comes in through it.
"""

# ruff: noqa: F403 - every name of the files is a name of the vocabulary
from sync.vocabulary.commands.envelope import *
from sync.vocabulary.commands.erp import *
