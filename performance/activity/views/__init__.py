"""The pages of activity."""
