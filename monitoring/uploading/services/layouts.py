"""The service that saves a layout for a council's own export."""

from typing import Any

from django.db import transaction

from council_finance import audit, registry
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.typed_text import holds_nul
from council_finance.uploads.layouts import LayoutError, read_layout
from monitoring.uploading.models import Layout


@transaction.atomic
def save_layout(*, name: str, kind: str, definition: dict[str, Any], by: User | None) -> Layout:
    """Save a layout under a name, in the place of an earlier one. Raise `Refused`.

    Uploads keep the layout that they were read through. A name is for one kind of file only.
    """
    columns = [
        {column.name for column in each.columns}
        for each in registry.upload_kinds()
        if each.name == kind
    ]
    if not columns:
        raise Refused(f"There is no kind of upload called “{kind}”.")
    if not name.strip() or len(name) > 100:
        raise Refused("A layout needs a name of at most 100 characters.")
    if holds_nul([name, definition]):
        raise Refused("The layout has a NUL character in a text, which cannot be stored.")
    try:
        layout = read_layout(definition)
    except LayoutError as error:
        raise Refused(*error.sentences) from error
    if unknown := sorted(set(layout.made) - set().union(*columns)):
        raise Refused(*(f"A {kind} file has no column {column}." for column in unknown))
    if Layout.objects.filter(name=name.strip()).exclude(kind=kind).exists():
        raise Refused(
            f"There is a layout called “{name.strip()}” for another kind of file. "
            "Choose another name."
        )
    saved, _ = Layout.objects.update_or_create(
        name=name.strip(), defaults={"kind": kind, "definition": definition}
    )
    audit.record(by=by, action="saved a layout", on=f"layout {saved.name}", kind=kind)
    return saved
