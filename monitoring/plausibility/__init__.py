"""Questions about figures that may be wrong, and the answers people gave."""
