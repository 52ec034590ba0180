"""The files of savings: the register of a year, and the positions of a period."""
