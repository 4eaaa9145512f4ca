"""What the facts say of a stay: timeline, readiness, plan, delays, death (design.md §4 Timeline)."""
