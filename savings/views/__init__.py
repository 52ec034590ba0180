"""Pages about savings."""
