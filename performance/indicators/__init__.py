"""Performance indicators, their targets, floors, comparators and ratings."""
