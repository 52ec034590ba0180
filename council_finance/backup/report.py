"""The contents of a database, as lines for the terminal."""

from collections.abc import Iterator

from council_finance.backup.operations import Contents, whole


def listed(contents: Contents) -> Iterator[str]:
    """Yield a line for each table with rows (their number, SHA-256, name), then one for all."""
    for name, content in contents.items():
        if content.rows:
            yield f"{content.rows:>11,}  {content.sha256}  {name}"
    total = whole(contents)
    yield f"{total.rows:>11,}  {total.sha256}  {len(contents)} tables"
