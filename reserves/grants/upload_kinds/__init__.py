"""The files of grants: their columns, and how they are checked and stored."""
