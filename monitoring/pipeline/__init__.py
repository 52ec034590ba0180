"""What a job does: read, check, store, recompute."""
