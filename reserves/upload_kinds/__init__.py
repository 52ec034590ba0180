"""The files that reserves takes: what is in them, how they are checked and stored."""
