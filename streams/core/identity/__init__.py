"""Who is who: links, claims, verdicts, candidates, and what keys tell each other (design.md §5)."""
