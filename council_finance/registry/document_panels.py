"""The panels that apps offer for the report as a document: charts with their table, sentences."""

from collections.abc import Callable
from typing import Any, NamedTuple

from council_finance.registry.order import Register

DocumentPanelFunction = Callable[[Any], list[Any]]


class DocumentPanelEntry(NamedTuple):
    """A registered panel: its name in an outline, its title, and the function that makes it."""

    name: str
    title: str
    make: DocumentPanelFunction


_panels: Register[DocumentPanelEntry] = Register("document panel", "document_panels")


def document_panel(
    name: str, *, title: str, after: str = ""
) -> Callable[[DocumentPanelFunction], DocumentPanelFunction]:
    """Register a panel for the report as a document.

    The function takes the data of a report and returns blocks (council_finance.documents.model),
    or an empty list where there is nothing to show.
    """

    def decorate(function: DocumentPanelFunction) -> DocumentPanelFunction:
        _panels.add(name, DocumentPanelEntry(name, title, function), after=after)
        return function

    return decorate


def document_panels() -> dict[str, DocumentPanelEntry]:
    """Return the registered panels by name, in order."""
    return _panels.in_order()
