"""The set of facts of a key, each once, and which of them stand (design.md §4 Select)."""
