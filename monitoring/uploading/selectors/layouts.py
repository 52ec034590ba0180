"""The saved layouts for each kind of file."""

from typing import Any

from council_finance.errors import Refused
from monitoring.uploading.models import Layout


def layout_names(kinds: list[str]) -> list[str]:
    """Return the names of the layouts for these kinds of file."""
    return list(Layout.objects.filter(kind__in=kinds).values_list("name", flat=True))


def saved_layout(name: str, kind: str) -> dict[str, Any]:
    """Return the layout of that name for a kind. Raise `Refused` with the names there are."""
    layout = Layout.objects.filter(name=name, kind=kind).first()
    if layout is None:
        names = layout_names([kind])
        known = f"The saved ones are: {', '.join(names)}." if names else "None is saved yet."
        raise Refused(f"There is no saved layout called “{name}” for {kind}. {known}")
    return dict(layout.definition)


def layouts_of(kind: str) -> list[Layout]:
    """Return every saved layout for a kind of file."""
    return list(Layout.objects.filter(kind=kind))
