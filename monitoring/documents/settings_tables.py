"""The setting that holds the outline of the report as a document."""

from collections.abc import Mapping

from council_finance.registry import (
    FieldKind,
    LaterChoices,
    SettingsError,
    SettingsField,
    SettingsTable,
    document_panels,
    register_settings_table,
    statements,
)
from monitoring.documents.outline import (
    DEFAULT,
    OutlineError,
    OutlinePart,
    PartKind,
    outline_data,
    read_outline,
)
from monitoring.structure.council_settings import CouncilSettings

NAME = "report-outline"


def outline_of(settings: CouncilSettings) -> tuple[OutlinePart, ...]:
    """Return the outline of a council's settings; the product's own where it has none."""
    outline: tuple[OutlinePart, ...] = settings.of_apps[NAME]
    return outline or DEFAULT


def _read_table(table: Mapping[str, object]) -> tuple[OutlinePart, ...]:
    try:
        return read_outline(table.get("parts", []))
    except OutlineError as error:
        raise SettingsError(str(error)) from error


def _list_names() -> list[tuple[str, str]]:
    """Return the names of panels and statements with their titles, each name once."""
    titles = {name: each.title for name, each in document_panels().items()}
    for name, each in statements().items():
        title = f"Statement: {each.title}"
        titles[name] = f"{titles[name]} / {title}" if name in titles else title
    return list(titles.items())


_COLUMNS = (
    SettingsField(
        "kind",
        "Kind",
        "Explanations are the commentary of services; “all other statements” are those that no "
        "part names.",
        FieldKind.CHOICE,
        unset="none chosen",
        choices=(
            (PartKind.HEADING.value, "Heading"),
            (PartKind.TEXT.value, "Text"),
            (PartKind.PANEL.value, "Panel or chart"),
            (PartKind.COMMENTARY.value, "Explanations by service"),
            (PartKind.STATEMENT.value, "Statement"),
            (PartKind.STATEMENTS.value, "All other statements"),
        ),
    ),
    SettingsField(
        "text",
        "Text",
        "Of a heading or a text. A figure of a table is written as "
        "{statement:row.column}; “Figures for texts” on the page of a report’s document "
        "lists them all.",
        FieldKind.LONG_TEXT,
        unset="no text",
    ),
    SettingsField(
        "name",
        "Panel or statement",
        "The panel, chart or statement that is printed.",
        FieldKind.CHOICE,
        unset="none",
        choices=LaterChoices(_list_names),
    ),
    SettingsField(
        "level",
        "Level",
        "Of a heading: 1 begins on a new page, 2 and 3 stand under it. Of explanations: down to "
        "which level of the tree of services they are printed.",
        FieldKind.WHOLE_NUMBER,
        unset="1 for a heading; explanations of every level",
        least=1,
        most=20,
    ),
)


register_settings_table(
    SettingsTable(
        name=NAME,
        title="The report as a document",
        table="report_outline",
        after="ledger-feed",
        fields=(
            SettingsField(
                "parts",
                "Parts in order",
                "Headings, texts, panels, commentary and statements, in the order in which the "
                "document prints them.",
                FieldKind.ROWS,
                unset="a summary, what every app reports, the explanations, and every statement",
                columns=_COLUMNS,
                row_noun="part",
                begins_with=outline_data(DEFAULT),
            ),
        ),
        read=_read_table,
    )
)
