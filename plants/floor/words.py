"""The words a line and its surroundings share: machine states, kinds of trace records, what a raised hand asks for."""

# machine states, by number; sync.vocabulary.changes maps them to PackML
STATES = ("idle", "setup", "working", "blocked", "starved", "down", "maintenance", "off-shift")
IDLE, SETUP, WORKING, BLOCKED, STARVED, DOWN, MAINTENANCE, OFF_SHIFT = range(8)

# what the diary of a line tells: its machines' states; of one that has told MOST_TOLD changes no more than `running`,
# whichever of the first five it is, and those after them
TOLD = (*STATES, "running")
RUNNING = 8
MOST_TOLD = 1 << 21

# why a machine shows `down`, by number: a failure of its own, a stop of the machine, a halt of the whole line
CAUSES = ("", "breakdown", "stopped", "halted")
BREAKING, STOPPING, HALTING = 1, 2, 3

# kinds of trace records; those marked * are fired time advances, the others follow from one
DONE = 1  # * a machine finished a part (value: how many so far)
STATE = 2  # a machine shows another state
OUT = 3  # a piece left the line (state 1: good, 0: scrap; value: how many of those so far)
FAILED = 4  # * a machine broke down
MENDED = 5  # * a machine is repaired
SERVICED = 6  # * a service is over
SET_UP = 7  # * a setup is over
DUE = 8  # * a service by the calendar is due
SHIFT = 9  # * a shift begins (state 1) or ends (0)
HALTED, LIFTED = 10, 11  # the line was halted, or released, from above
LOST = 12  # a part found no room and is gone
PAUSED = 13  # * work was interrupted for a service that came due

# what a raised hand asks for: (what, unit, aux, value)
WORK = 1  # the first machine is free and there is no lot: aux -
MATERIAL = 2  # the credit of material is used up: aux lot
LOT = 3  # the last piece of a lot is counted: aux lot
CREW = 4  # somebody must repair or service: aux whose turn (REPAIR, BREAKDOWN, or a service's number), value seconds
BROKEN = 5  # a machine broke down (asked for by `reporting`)
WHOLE = 6  # a machine is whole again

REPAIR, BREAKDOWN = -1, -2  # a repair after a failure that counts operating, and calendar time

# what is noted down besides the trace, until somebody asks (what: of which number)
ENTERED = 1  # a piece of a lot entered
SCRAPPED = 2  # a piece of a lot was scrapped
LEFT = 3  # a good piece left, on a line with unlimited supply and demand
