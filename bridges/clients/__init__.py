"""Programs beside a live twin: the engine, injections, watching."""
