"""Figures, counts and measures of places, and the indicative OPEL (design.md §6, domain 02)."""
