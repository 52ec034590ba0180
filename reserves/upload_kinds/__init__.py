"""The files of reserves: their columns, and how they are checked and stored."""
