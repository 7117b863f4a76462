"""The only place where the twin is wired together and run."""
