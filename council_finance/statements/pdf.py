"""Statements as PDF, tagged for screen readers (PDF/UA-1), on paper as a report's appendix."""

import hashlib
from collections.abc import Iterable

from django.conf import settings
from django.core.cache.backends.filebased import FileBasedCache
from django.template.loader import render_to_string

from council_finance.errors import Refused
from council_finance.statements.model import Statement
from council_finance.statements.pack import Pack
from council_finance.statements.paper import column_widths, lies_across
from council_finance.statements.presenting import for_page
from council_finance.statements.wording import facts, paper_notes, seal

_MOST_KEPT = 500
_NEEDED = (
    "PDF files are made with the Pango library, which is not on this machine. Install "
    "libpango-1.0-0 and libpangoft2-1.0-0 (on Debian: apt-get install libpango-1.0-0 "
    "libpangoft2-1.0-0) and start the server again; every other format works without it."
)


def to_pdf(statement: Statement) -> bytes:
    """Title, facts, the table with its head on every page, notes. Raises Refused without Pango."""
    header = statement.header
    return _printed(
        {
            "title": f"{statement.title}, {facts(header)}",
            "line": facts(header),
            "draft": not statement.sha256,
            "sections": _sections([statement]),
        }
    )


def pack_to_pdf(pack: Pack) -> bytes:
    """Cover, contents with page numbers, bookmarks, a section a statement. Raises Refused."""
    return _printed(
        {
            "title": f"{pack.title}, {pack.header.council}",
            "line": facts(pack.header),
            "draft": not pack.final,
            "cover": pack,
            "sections": _sections(pack.statements),
        }
    )


def _sections(statements: Iterable[Statement]) -> list[dict]:
    return [
        {
            "page": for_page(statement),
            "facts": facts(statement.header),
            "unit": statement.display.unit_label,
            "seal": seal(statement),
            "notes": paper_notes(statement),
            "wide": lies_across(statement),
            "widths": widths,
            "width": min(sum(widths), 100),
        }
        for statement, widths in ((each, column_widths(each)) for each in statements)
    ]


def _printed(context: dict) -> bytes:
    """The PDF of a page; what is final is printed once and kept, as printing takes seconds."""
    page = render_to_string("statements/paper.html", context)
    if context["draft"]:
        return _print(page)
    key = hashlib.sha256(page.encode()).hexdigest()
    kept = _kept()
    found = kept.get(key)
    if found is None:
        found = _print(page)
        kept.set(key, found)
    return found


def _kept() -> FileBasedCache:
    """Published pages as printed, by the SHA-256 of the page; the folder may be emptied."""
    options = {"timeout": None, "max_entries": _MOST_KEPT}
    return FileBasedCache(str(settings.DATA_DIR / "printed"), options)


def _print(page: str) -> bytes:
    try:
        # Slow to import, and it needs the Pango library.
        from weasyprint import HTML  # noqa: PLC0415

        from council_finance.statements.pdf_tags import join_pages  # noqa: PLC0415
    except OSError as error:
        raise Refused(_NEEDED) from error
    document = HTML(string=page, url_fetcher=_fetch_nothing)
    return document.write_pdf(pdf_variant="pdf/ua-1", finisher=join_pages)


def _fetch_nothing(url: str, *args, **kwargs) -> dict:
    raise ValueError(f"A printed statement holds all it needs; {url} is not read.")
