"""What a database holds, as lines for the person at the terminal."""

from collections.abc import Iterator

from council_finance.backup.doing import Contents, whole


def listed(contents: Contents) -> Iterator[str]:
    """A line a table that has rows: how many, their SHA-256, its name; then all of them as one."""
    for name, content in contents.items():
        if content.rows:
            yield f"{content.rows:>11,}  {content.sha256}  {name}"
    total = whole(contents)
    yield f"{total.rows:>11,}  {total.sha256}  {len(contents)} tables"
