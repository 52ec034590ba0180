"""Figures in written words, compared with the figures of the report's tables."""
