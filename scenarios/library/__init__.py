"""Scenarios that are found by name."""
