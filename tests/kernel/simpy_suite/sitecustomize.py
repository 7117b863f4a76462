"""Gives every Python that starts with this folder on its path our environment in place of SimPy's (see alias)."""

import alias  # noqa: F401
