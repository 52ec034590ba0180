"""The types of what is offered, as `$metadata` describes them and `$filter` checks them. Pure."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

Value = str | int | Decimal | datetime.date | bool | None
"""A value of a property; None is null."""

STRING, INTEGER, DECIMAL = "Edm.String", "Edm.Int32", "Edm.Decimal"
DATE, BOOLEAN = "Edm.Date", "Edm.Boolean"

KINDS = {
    STRING: "text",
    INTEGER: "a number",
    DECIMAL: "a number",
    DATE: "a date",
    BOOLEAN: "true or false",
}
"""What values of each type are called in sentences; equal ones may be compared."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property of an entity; `scale` is the number of decimals of an `Edm.Decimal`."""

    name: str
    edm: str
    description: str
    nullable: bool = True
    scale: int | None = None

    @property
    def kind(self) -> str:
        """Return `text`, `a number`, `a date` or `true or false`."""
        return KINDS[self.edm]


@dataclass(frozen=True)
class EntityType:
    """A type of entity; `id`, a text, is the key of each."""

    name: str
    description: str
    properties: tuple[Property, ...]

    def find_property(self, name: str) -> Property | None:
        """Return the property of that name, or None."""
        return next((each for each in self.properties if each.name == name), None)


@dataclass(frozen=True)
class EntitySet:
    """A set of entities under the service's root."""

    name: str
    entity_type: EntityType
    description: str


def _required_property(name: str, edm: str, description: str) -> Property:
    return Property(name, edm, description, nullable=False)


FIGURE = EntityType(
    "Figure",
    "One cell of a statement, with everything that says which figure it is.",
    (
        _required_property("id", STRING, "Year, period, version, statement, row and measure"),
        _required_property("report_id", STRING, "The id of its report in Reports"),
        Property("service_id", STRING, "The id of its service in Services"),
        _required_property("council", STRING, "The council's name"),
        _required_property("financial_year", STRING, "Such as 2019/20"),
        Property("period", INTEGER, "0 to 13; empty in statements of a whole year"),
        _required_property("version", INTEGER, "The version of its report"),
        _required_property("status", STRING, "published or draft"),
        Property("as_at", DATE, "The date of the figures"),
        _required_property("statement", STRING, "The statement's name, such as annex-a"),
        _required_property("row_number", INTEGER, "The row's place in the statement, from 1"),
        _required_property(
            "row_key", STRING, "The row's key, which stays the same from month to month"
        ),
        _required_property("label", STRING, "The row's label as printed"),
        _required_property("kind", STRING, "heading, service, line, subtotal, total or percent"),
        Property("service_code", STRING, "The code of the service, where the row is one"),
        Property("service_path", STRING, "Names from the council down, joined by /"),
        Property("level", INTEGER, "0 is the council; empty where the row is no service"),
        _required_property(
            "counted", BOOLEAN, "true: add up such rows only, and nothing counts twice"
        ),
        _required_property("measure", STRING, "The key of the column, such as budget"),
        _required_property("measure_label", STRING, "The column's heading as printed"),
        Property("unit", STRING, "The unit in which the statement prints it"),
        Property("pounds", DECIMAL, "An amount in pounds, exact to the penny", scale=2),
        Property("percent", DECIMAL, "A percentage, rounded as printed", scale=4),
        Property("number", DECIMAL, "A number that is no money and no percentage", scale=4),
        Property("text", STRING, "The cell as printed"),
        Property("previous", DECIMAL, "The same cell in the report before", scale=4),
    ),
)

REPORT = EntityType(
    "Report",
    "One version of a published report.",
    (
        _required_property("id", STRING, "Year, period and version"),
        _required_property("council", STRING, "The council's name"),
        _required_property("financial_year", STRING, "Such as 2019/20"),
        _required_property("period", INTEGER, "0 (approved budget) to 13 (close)"),
        _required_property("period_name", STRING, "Such as Month 3"),
        _required_property("version", INTEGER, "From 1"),
        _required_property("latest", BOOLEAN, "true where no later version was published"),
        _required_property("as_at", DATE, "The date of the figures"),
        _required_property("published_on", DATE, "The day of publication"),
        Property("reason", STRING, "Why a new version was published"),
        _required_property("address", STRING, "The report's page"),
    ),
)

SERVICE = EntityType(
    "Service",
    "A row of a year's tree of services, as in the year's latest published report.",
    (
        _required_property("id", STRING, "Year and code"),
        Property("parent_id", STRING, "The id of the service above it"),
        _required_property("financial_year", STRING, "Such as 2019/20"),
        _required_property("code", STRING, "The service's code"),
        _required_property("name", STRING, "The service's name"),
        Property("parent_code", STRING, "The code of the service above it"),
        _required_property("path", STRING, "Names from the council down, joined by /"),
        _required_property("level", INTEGER, "0 is the council"),
        _required_property("place", INTEGER, "The place in the order of the tree, from 1"),
        _required_property("lowest", BOOLEAN, "true where no other service is under it"),
    ),
)

FIGURES = EntitySet("Figures", FIGURE, "Every statement of the latest version of each report")
EARLIER_FIGURES = EntitySet(
    "EarlierFigures", FIGURE, "The same of versions that were replaced by a later one"
)
DRAFT_FIGURES = EntitySet(
    "DraftFigures", FIGURE, "The same of drafts, for those who may see them before publication"
)
REPORTS = EntitySet("Reports", REPORT, "Every version of every published report")
SERVICES = EntitySet("Services", SERVICE, "The tree of services of each year")

ENTITY_SETS = {
    each.name: each for each in (FIGURES, EARLIER_FIGURES, DRAFT_FIGURES, REPORTS, SERVICES)
}
