"""Planners and approvers, with working hours and response times."""
