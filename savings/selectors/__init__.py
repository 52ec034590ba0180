"""Reads of savings: the register, a period's part of a report, one saving with its history."""
