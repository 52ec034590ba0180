"""Text in a CSV file that a spreadsheet will open. Pure."""

RUNS_IN_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(RUNS_IN_SPREADSHEETS) else text
