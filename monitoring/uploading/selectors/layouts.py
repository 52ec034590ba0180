"""Saved layouts as uploads use them."""

from council_finance.errors import Refused
from monitoring.uploading.models import Layout


def layout_names(kinds: list[str]) -> list[str]:
    """The names of the layouts for these kinds of file."""
    return list(Layout.objects.filter(kind__in=kinds).values_list("name", flat=True))


def saved_layout(name: str, kind: str) -> dict:
    """The layout of that name for that kind of file. Raises Refused with the names there are."""
    layout = Layout.objects.filter(name=name, kind=kind).first()
    if layout is None:
        names = layout_names([kind])
        known = f"The saved ones are: {', '.join(names)}." if names else "None is saved yet."
        raise Refused(f"There is no saved layout called “{name}” for {kind}. {known}")
    return layout.definition


def layouts_of(kind: str) -> list[Layout]:
    """Every saved layout for a kind of file."""
    return list(Layout.objects.filter(kind=kind))
