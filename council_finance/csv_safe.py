"""Text in a CSV file that a spreadsheet will open. Pure."""

RUNS_IN_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run as a formula."""
    return f"'{text}" if text.startswith(RUNS_IN_SPREADSHEETS) else text
