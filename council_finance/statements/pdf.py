"""Statements as PDF, tagged for screen readers (PDF/UA-1), as the appendix of a report."""

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from django.template.loader import render_to_string

from council_finance.errors import Refused
from council_finance.printed_files import printed_once
from council_finance.statements.model import Statement
from council_finance.statements.paper import column_widths, lies_across, parts_on_paper, print_scale
from council_finance.statements.presenting import for_page
from council_finance.statements.whole_report import WholeReport
from council_finance.statements.wording import amounts_unit, facts, paper_notes, seal

_PRINT = 8.5
"""Points of the usual print."""

_NEEDED = (
    "PDF files are made with the Pango library, which is not on this machine. Install "
    "libpango-1.0-0 and libpangoft2-1.0-0 (on Debian: apt-get install libpango-1.0-0 "
    "libpangoft2-1.0-0) and start the server again; every other format works without it."
)


def to_pdf(statement: Statement) -> bytes:
    """Return the PDF of a statement, its headings on every page. Raise `Refused` without Pango."""
    header = statement.header
    return _render_pdf(
        {
            "title": f"{statement.title}, {facts(header)}",
            "line": facts(header),
            "draft": not statement.sha256,
            "sections": _build_sections([statement]),
        }
    )


def whole_report_to_pdf(whole: WholeReport) -> bytes:
    """Return the PDF of a report: cover, contents, bookmarks, a section for each statement.

    Raise `Refused` without Pango.
    """
    return _render_pdf(
        {
            "title": f"{whole.title}, {whole.header.council}",
            "line": facts(whole.header),
            "draft": not whole.final,
            "cover": whole,
            "sections": _build_sections(whole.statements),
        }
    )


def _build_sections(statements: Iterable[Statement]) -> list[dict[str, Any]]:
    return [
        {
            "page": for_page(statement),
            "facts": facts(statement.header),
            "seal": seal(statement),
            "notes": paper_notes(statement),
            "wide": lies_across(statement),
            "tables": [_build_table(part) for part in parts_on_paper(statement)],
        }
        for statement in statements
    ]


def _build_table(statement: Statement) -> dict[str, Any]:
    widths = column_widths(statement)
    return {
        "page": for_page(statement),
        "unit": amounts_unit(statement),
        "widths": widths,
        "width": min(sum(widths), 100),
        "size": round(_PRINT * print_scale(statement), 1),
    }


def _render_pdf(context: Mapping[str, Any]) -> bytes:
    """Return the PDF of a page; a published one is kept once printed, as that takes seconds."""
    page = render_to_string("statements/paper.html", context)
    if context["draft"]:
        return _print_page(page)
    return printed_once(page, _print_page)


def _print_page(page: str) -> bytes:
    try:
        # Slow to import, and it needs the Pango library.
        from weasyprint import HTML  # noqa: PLC0415

        from council_finance.statements.pdf_tags import join_pages  # noqa: PLC0415
    except OSError as error:
        raise Refused(_NEEDED) from error
    document = HTML(string=page, url_fetcher=_fetch_nothing)
    pdf: bytes = document.write_pdf(pdf_variant="pdf/ua-1", finisher=join_pages)
    return pdf


def _fetch_nothing(url: str, *_args: object, **_options: object) -> NoReturn:
    raise ValueError(f"A printed statement holds all it needs; {url} is not read.")
