"""A file in, a run folder out. The only storey where the twin is wired together."""
