"""The one error family of the core: our own bug, about one person. Its text never holds a value of a fact."""
from __future__ import annotations


class InvariantBroken(Exception):
    """Something the laws of the fold exclude has happened: park the person, tell operations, go on with the
    next.
    """
