"""Alerts as a sweep over facts and the clock, their life, and the desks that answer (design.md §6 Time)."""
