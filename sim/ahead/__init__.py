"""The machine floor: components that run ahead of the clock and are set back when somebody touches them."""
