"""Published figures as one flat table for other programs, its description and its bundle."""
