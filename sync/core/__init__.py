"""The engine's pure core: no clock, no I/O, no randomness, integers only. `evolve` believes, `decide` and `conclude`
choose; both are functions of the state, the fact and the instant, so the same journal always gives the same answer.

Theory of operation
-------------------
The path of one fact, here `line.stopped` of lyon.L1:

    shell.receive    Heard(message)      journal, then `evolve`: it waits in state.inbox
    shell.step       TakenIn             `evolve.stop_line`: a belief about the line, a Trigger that asks for a look
                     Looked              `decide`: the workflow's rules state a Case; triggers are used up
                     Judged              orders nobody can serve, each place with its Reason
                     Drafted             greedy answer ready, the solver is asked; due a moment of virtual time later
    step at due_ms   Improved            what the solver said (recorded, never computed again)
                     Concluded           `conclude`: keep, greedy and solver plan priced exactly, the cheapest taken
                       or Dropped        nothing beats the plan in force; or stale: its basis is gone, look again
                     Announced           everybody is told
                     Dispatched          each command whose forerunner is done leaves for its system
    later            Heard, Answered     approvals, answers of systems: TakenIn moves the decision along its table

Every change of the state is a fact, and every fact is in the journal, in the order and at the instant it was evolved:
`for entry in journal: evolve(state, fact, time)` gives the state, hash for hash (sync.shell.recovery.fold).

A draft:      drafted -> concluded | dropped | dropped, stale (the basis changed, or what it is computed from was lost
              with its process: a Work holds live objects, the shell keeps it beside the state, never in it).
A decision:   proposed -> pending -> approved -> executing -> done, with its other ends in the table of policy.py. A
              final one leaves the state with its commands; the shell's archive keeps it.
A command:    waiting (for its forerunner, or for a person) -> sent -> done | refused | failed | expired; or dropped.

What is where, an import only goes down:

    decide                         what to look at, what to do about it
    workflows                      trigger -> rules
    classes | pools                cases: orders made to order | places served from stock
    poolrecord, sources            what a decision says of stocking places, where goods could come from
    repair, plan, projection       first safe answer, plans and cases, the plan in force carried forward
    problem | hours                the decision problem as integers | capacity of a line
    evolve > proposals             rules for messages > rules for our own facts
    policy | facts                 who must agree, the table of a proposal | what the journal holds
    state > network                what is believed > master data, indexed
    spelling                       the one spelling that hashes are taken of

The state holds what is open. Of what is over it keeps as much as news may still be late about (state.KEPT_MS); so a
step costs what is open, not what has been. Reasons, triggers and limits are codes with numbers: no sentence is made
here (sync.vocabulary.decisions has the values, the answers above have the words).
"""
