"""Keeps the cyclic garbage collector away from long-lived state: 200,000 states cost 1.1 s per full
collection (streaming.md §2).
"""

from __future__ import annotations

import gc


def freeze() -> None:
    """After a recovery: collect once, then leave what is alive out of later collections."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 1_000)
