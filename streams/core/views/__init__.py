"""What a key shows: its views and their JSON lines (design.md §9)."""
