"""`make bench`: every bench, one after another; each prints its table and writes
`bench/results/<name>.json`.
"""

from __future__ import annotations

from bench import engine

if __name__ == "__main__":
    engine.main()
