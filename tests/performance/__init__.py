"""Tests of activity and performance indicators."""
