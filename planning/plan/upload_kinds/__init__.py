"""The files of the plan: how each is checked and stored."""
