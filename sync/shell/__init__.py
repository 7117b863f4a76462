"""Around the pure core: inbox, journal, solver, outbox."""
