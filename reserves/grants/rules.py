"""Words and references of grants that files, pages and the audit trail share. Pure."""

_ROW_KEY_STARTS = ("heading:", "total:", "small:")
REFERENCE_OF_A_ROW = "statements call a row of their own by this reference; give the grant another"


def names_a_statement_row(reference: str) -> bool:
    """Return whether statements use this key for a row that is not a grant."""
    return reference == "total" or reference.startswith(_ROW_KEY_STARTS)


def grant_record(year_label: str, reference: str) -> str:
    """Return the name under which the audit trail keeps a grant of a year."""
    return f"grant {year_label} {reference}"
