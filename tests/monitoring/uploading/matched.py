"""The form about columns, as a browser sends it and as a layout says it."""

from typing import Any

from council_finance import registry
from council_finance.uploads.layouts import read_layout
from council_finance.uploads.matching import likely_headings
from council_finance.uploads.reading import read_rows
from council_finance.uploads.saved_layout import SavedLayout
from council_finance.uploads.sheets import sheets_in
from monitoring.uploading.matching.columns_form import ColumnsForm


def as_sent(form: ColumnsForm) -> dict[str, Any]:
    """What a browser sends of the page as it is drawn, without fields that are empty."""
    sent = {bound.html_name: bound.value() for each in (form, form.shape) for bound in each}
    return {
        name: value if isinstance(value, list) else str(value)
        for name, value in sent.items()
        if value not in (None, "", False, [])
    }


def opened(content: bytes, definition: dict | None, kind: str = "position"):
    """The form for a file, opened with a layout, or with none."""
    found = registry.upload_kind(kind, per_period=kind == "position")
    layout = read_layout(definition or {"columns": {"Any": "account"}})
    raw = read_rows(content, layout.sheet, set(map(str.casefold, layout.headings)))
    headings = likely_headings(raw, found.columns)
    base = SavedLayout("Shape", definition, 1, 1) if definition else None
    sheets = [each.name for each in sheets_in(content)]
    return lambda *sent: ColumnsForm(found, headings, base, sheets, *sent)


def saved_unchanged(content: bytes, definition: dict, **more: Any) -> tuple[dict, ColumnsForm]:
    """The definition that the page saves where nobody changes anything on it, and the form."""
    make = opened(content, definition, **more)
    form = make(as_sent(make()))
    assert form.is_valid(), (form.errors, form.shape.errors)
    return form.definition(), form


def said_anew(content: bytes, definition: dict, **more: Any) -> dict:
    """The definition that the page saves where a person answers what a layout says, without it."""
    sent = as_sent(opened(content, definition, **more)())
    form = opened(content, None, **more)(sent)
    assert form.is_valid(), (form.errors, form.shape.errors)
    return form.definition()
