"""Brokers we can start, and what any broker can and cannot do."""
