"""Around the pure core: inbox, journal, archive, recovery, solver, outbox."""
