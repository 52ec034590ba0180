"""Rights to upload files: a file does no more than its sender may type on a page.

They are checked when a file comes, when it is checked, when somebody confirms it, and again by the
worker that stores it, as rights may change in between. Packs and commands need none.
"""

from collections.abc import Iterable

from council_finance.accounts.models import User
from council_finance.registry import AnyKind, Brings
from monitoring.people.models import TreeRight
from monitoring.people.rights import (
    Reach,
    may_change_settings,
    may_change_structure,
    may_upload,
    reach_of,
)
from monitoring.structure.models import FinancialYear, Service
from monitoring.uploading.models import Upload


def why_not_upload(user: User, kind: AnyKind, year: FinancialYear, scope: str = "") -> str:
    """Return why a person may not upload a file of that kind; empty where they may.

    A finance officer with parts of the tree may upload lines of a service within them, and
    virements. Files for the whole council need somebody who looks after all of it.
    """
    if not user.is_active:
        return "The account of the person who sent this file is closed."
    if not may_upload_kind(user, kind):
        if kind.brings == Brings.STRUCTURE:
            return "The tree of services is changed by a finance lead or administrator."
        return "Files are uploaded by finance officers and finance leads."
    reach = reach_of(user, year)
    if reach.everything or kind.brings in (Brings.ENTRIES, Brings.STRUCTURE):
        return ""
    return _why_not_within(user, reach, kind, year, scope)


def may_upload_kind(user: User, kind: AnyKind) -> bool:
    """Return whether a person's role may upload files of that kind."""
    return may_change_structure(user) if kind.brings == Brings.STRUCTURE else may_upload(user)


def _why_not_within(
    user: User, reach: Reach, kind: AnyKind, year: FinancialYear, scope: str
) -> str:
    parts = " and ".join(str(part) for part in parts_of(user, year)) or "nothing of this year"
    if kind.brings != Brings.PART:
        return (
            f"This file stands for the whole council, and {user.name} looks after {parts} only. "
            "Enter what belongs there on its page, or ask a finance officer who looks after all."
        )
    if not scope:
        return (
            f"This file holds the whole council’s lines, and {user.name} looks after {parts} only. "
            "Upload a file for one of these services alone, or ask a finance officer who looks "
            "after all."
        )
    service = Service.objects.filter(year=year, code=scope).first()
    if service is None or service.pk not in reach:
        return f"{user.name} looks after {parts}, and {scope} is not part of that."
    return ""


def why_sender_may_not(upload: Upload, kind: AnyKind) -> str:
    """Return why an upload's sender may not send it now; empty where they may, and in commands."""
    sender = upload.uploaded_by
    if upload.is_of_command or sender is None:
        return ""
    return why_not_upload(sender, kind, upload.year, upload.scope)


def parts_of(user: User, year: FinancialYear) -> list[Service]:
    """Return the services of the year that a person looks after."""
    codes = TreeRight.objects.filter(user=user).values_list("service_code", flat=True)
    return list(Service.objects.filter(year=year, code__in=list(codes)).order_by("code"))


def kinds_to_upload(
    user: User, kinds: Iterable[AnyKind], year: FinancialYear, scope: str = ""
) -> list[AnyKind]:
    """Return those of the kinds that a person may upload."""
    return [kind for kind in kinds if not why_not_upload(user, kind, year, scope)]


def may_upload_files(user: User) -> bool:
    """Return whether a person may upload files of any kind."""
    return may_upload(user) or may_change_structure(user)


def why_not_save_layout(user: User, kinds: Iterable[AnyKind]) -> str:
    """Return why a person may not save a layout for kinds of file; empty where they may.

    Whoever may upload a file may say how it is read, and restore an earlier version: nothing is
    stored by it, and every version is kept.
    """
    if not user.is_active:
        return "The account of the person who saves this layout is closed."
    if any(may_upload_kind(user, kind) for kind in kinds):
        return ""
    return "A layout is saved by those who may upload files of its kind."


def why_not_change_layouts(user: User) -> str:
    """Return why a person may not rename and delete layouts; empty where they may.

    A script names its layout (`upload --layout NAME`), so only those who may change the council's
    settings take a name away.
    """
    if user.is_active and may_change_settings(user):
        return ""
    return "Layouts are renamed and deleted by a finance lead or administrator."
