"""The signs that monitoring registers, by what they are read from."""
