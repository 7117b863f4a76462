"""Messages: business events as a system published them, in the canonical names of the information world.

A message is an envelope (CloudEvents 1.0 attributes, milliseconds for time) around a typed body; the bodies stand in
one file a system, that of their owner. Item codes inside a body are the *sender's*: a plant with `codes` writes its
own, and a receiver translates. This is the one door for callers; what lies behind it never comes in through it.
"""

# ruff: noqa: F403 - every name of the files is a name of the vocabulary
# Owners stand in the order in which BODIES lists their types.
# isort: off
from sync.vocabulary.messages.envelope import *
from sync.vocabulary.messages.erp import *
from sync.vocabulary.messages.mes import *
from sync.vocabulary.messages.wms import *
from sync.vocabulary.messages.tms import *
from sync.vocabulary.messages.qms import *
from sync.vocabulary.messages.portal import *
from sync.vocabulary.messages.people import *
from sync.vocabulary.messages.engine import *
