"""Statements of indicators."""
