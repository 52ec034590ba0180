"""The preview of other settings of the ledger feed: whose accounts they name, and what follows."""

from council_finance.registry import SettingsPreview, year_preview
from monitoring.feed.selectors import person_with_address, responsible_with_address
from monitoring.feed.settings_tables import NAME, LedgerFeed
from monitoring.structure.selectors.calendar import years
from monitoring.uploading.rights import may_upload_files


@year_preview(NAME)
def preview_feed(start: int, value: LedgerFeed) -> SettingsPreview:
    """Say in whose name files would be received, which would be stored, and who would be mailed."""
    year = years().get(start=start)
    person, why_not = responsible_with_address(year, value.person)
    taken = (
        f"Files of the watched folder would be received in the name of {person.name}, "
        f"{person.get_role_display().lower()}."
        if person
        else f"{why_not} Nothing would be taken from the watched folder."
    )
    stored = (
        "Files that are clean would be stored without a person."
        if value.stores_clean
        else "Files that are clean would wait for a person."
    )
    return SettingsPreview((taken, stored, *_describe_mails(value.mail_to)))


def _describe_mails(addresses: tuple[str, ...]) -> list[str]:
    """Return a sentence for each address that nobody would be mailed at."""
    found = {address: person_with_address(address) for address in addresses}
    return [
        f"Nobody would be mailed at {address}: it is not the address of one open account that may "
        "upload files."
        for address, person in found.items()
        if person is None or not may_upload_files(person)
    ]
