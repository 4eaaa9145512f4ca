"""The state of one key: what is kept, cut short, sealed, erased, and owed to the world (design.md §4)."""
