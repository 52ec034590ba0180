"""The files of activity: groups and lines of a year, and the figures of a period."""
