"""What goes over any wire: envelopes, sessions, files that say where everything is."""
