"""The register of contracts by service, and those that end or need notice soon."""

from collections.abc import Iterator

from council_finance import registry
from council_finance.statements import Footnote, Row, Statement
from monitoring.reports.selectors.report_data import ReportData
from planning.contracts.findings import first_day_due
from planning.contracts.report_rows import Bearer, ContractRow
from planning.contracts.report_section import section_of
from planning.contracts.table import ContractTable, columns_of

NAME, DUE = "contracts", "contracts-due"
TITLE, DUE_TITLE = "Contracts", "Contracts that end, or need notice"
_SHARED = "a"


@registry.statement(NAME, title=TITLE, after="decision-effects", of_any_period=True)
def contracts(facts: ReportData) -> Statement:
    """Return a row for each contract under its service; shared ones under each that bears them."""
    table = ContractTable(facts, facts.display(NAME))
    return Statement(
        name=NAME,
        title=TITLE,
        header=facts.header,
        display=table.display,
        columns=columns_of(table.display),
        rows=tuple(_build_blocks(table)),
        footnotes=tuple(_build_notes(table)),
        row_heading="Contract",
    )


@registry.statement(DUE, title=DUE_TITLE, after=NAME, of_any_period=True)
def contracts_due(facts: ReportData) -> Statement:
    """Return the contracts that end, or whose last day for notice is, within the horizon.

    They come in the order of that day.
    """
    table = ContractTable(facts, facts.display(DUE))
    found = [(first_day_due(each, table.day), each) for each in table.contracts]
    due = sorted(
        ((day, place, each) for place, (day, each) in enumerate(found) if day is not None),
        key=lambda one: one[:2],
    )
    rows = [
        Row(each.reference, _build_label(each), "line", table.cells(each)) for _, _, each in due
    ]
    months = table.day.horizon_months
    words = f"in the {months} months from the date of the report"
    note = f"Contracts that end, or whose last day for notice is, {words}."
    none = f"No contract ends {words}, and none has its last day for notice."
    return Statement(
        name=DUE,
        title=DUE_TITLE,
        header=facts.header,
        display=table.display,
        columns=columns_of(table.display),
        rows=tuple(rows),
        footnotes=(Footnote("", note if rows else none),),
        row_heading="Contract",
    )


def _build_label(contract: ContractRow) -> str:
    return f"{contract.reference} {contract.title}"


def _build_blocks(table: ContractTable) -> Iterator[Row]:
    """Yield a heading for each service that bears contracts, in the order of the tree."""
    blocks: dict[str, list[tuple[ContractRow, Bearer]]] = {}
    names: dict[str, str] = {}
    for contract in table.contracts:
        for bearer in contract.bearers:
            blocks.setdefault(bearer.service, []).append((contract, bearer))
            names[bearer.service] = bearer.service_name
    places = {code: place for place, code in enumerate(section_of(table.facts).services)}
    for service in sorted(blocks, key=lambda code: (places.get(code, len(places)), code)):
        yield Row(f"heading:{service}", names[service], "heading")
        for contract, bearer in blocks[service]:
            mark = _SHARED if contract.shares else ""
            key = f"{contract.reference}:{service}" if contract.shares else contract.reference
            cells = table.cells(contract, bearer, mark=mark)
            yield Row(key, _build_label(contract), "line", cells, 1)


def _build_notes(table: ContractTable) -> Iterator[Footnote]:
    if not table.contracts:
        yield Footnote("", "No contracts have been uploaded for this year.")
    for contract in table.contracts:
        if contract.shares:
            shares = ", ".join(
                f"{each.service_name} {each.hundredths / 100:g}%" for each in contract.shares
            )
            yield Footnote(_SHARED, f"{_build_label(contract)} is shared: {shares}.")
