"""The pages of the council's settings."""
