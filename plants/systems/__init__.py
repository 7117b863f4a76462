"""The information world: each system owns its records and learns of the truth only through its channel."""
