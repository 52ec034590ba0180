"""The files of indicators."""
