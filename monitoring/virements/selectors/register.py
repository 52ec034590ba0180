"""The register of virements as pages show it: the amounts and the state of each."""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, QuerySet

from council_finance.audit import AuditEntry
from council_finance.money import plain_pounds
from monitoring.published.models import Report
from monitoring.structure.models import FinancialYear, Period
from monitoring.virements.models import REFERENCE_LENGTH, Virement
from monitoring.virements.rules import ENTERED, Reversals, audit_name
from monitoring.virements.selectors.ends import End, EndNames

PENDING, APPROVED, REVERSED, DECLINED = "pending", "approved", "reversed", "declined"
STATES = {
    PENDING: "Pending",
    APPROVED: "Approved",
    REVERSED: "Reversed",
    DECLINED: "Declined",
}
"""The states of a virement, in the order in which the register shows them."""

OUTSIDE = "outside this budget"
"""The name of an end that is not a budget line."""

_NUMBERED = re.compile(r"(?P<head>.*?)(?P<number>[0-9]{1,9})", re.ASCII)
_FIRST_REFERENCE = "V001"


@dataclass(frozen=True)
class Leg:
    """One leg with its ends (None: outside this budget) and its amounts."""

    leg: Virement
    giver: End | None
    receiver: End | None

    @property
    def amount(self) -> int:
        """Return the budget that moves, in pence."""
        return self.leg.amount_pence

    @property
    def spending(self) -> int:
        """Return the spending that moves with it, in pence."""
        return self.leg.forecast_amount_pence

    @property
    def amount_text(self) -> str:
        """Return the budget that moves, in pounds."""
        return plain_pounds(self.amount)

    @property
    def spending_text(self) -> str:
        """Return the spending that moves with it, in pounds."""
        return plain_pounds(self.spending)

    @property
    def way_back(self) -> str:
        """Return the ends of a reversal, in words."""
        giver, receiver = (each.name if each else OUTSIDE for each in (self.receiver, self.giver))
        return f"{giver} to {receiver}"


@dataclass(frozen=True)
class RegisterEntry:
    """One virement with its legs and state; `taken_back_by` are its approved reversals."""

    legs: tuple[Leg, ...]
    state: str
    taken_back_by: tuple[str, ...]

    @property
    def first(self) -> Virement:
        """Return the first leg, for the fields that all legs share."""
        return self.legs[0].leg

    @property
    def rows(self) -> list[Virement]:
        """Return the legs as stored."""
        return [leg.leg for leg in self.legs]

    @property
    def reference(self) -> str:
        """Return the reference."""
        return self.first.reference

    @property
    def reason(self) -> str:
        """Return why the budget moves; a file may give a reason for each leg."""
        return "; ".join(dict.fromkeys(leg.reason for leg in self.rows if leg.reason))

    @property
    def state_text(self) -> str:
        """Return the name of the state."""
        return STATES[self.state]

    @property
    def amount(self) -> int:
        """Return the budget that all legs move, in pence."""
        return sum(leg.amount for leg in self.legs)

    @property
    def amount_text(self) -> str:
        """Return the budget that all legs move, in pounds."""
        return plain_pounds(self.amount)

    @property
    def ends(self) -> list[End]:
        """Return the ends within the budget."""
        return [end for leg in self.legs for end in (leg.giver, leg.receiver) if end is not None]

    @cached_property
    def words(self) -> str:
        """Return the text that a search looks through."""
        texts = [self.reference, self.first.reverses, self.first.get_kind_display()]
        for end in self.ends:
            texts += [end.name, end.service]
        return " ".join(texts).casefold()


def register(
    year: FinancialYear, *, exempt: bool, reach: Container[int] | None = None
) -> list[RegisterEntry]:
    """Return the year's virements, the pending first, then by period and reference.

    `exempt` says that exempt lines are named. Where `reach` is given, only virements with an end in
    one of its services are returned, and other ends have the names that reports give them.
    """
    entries = _build_entries(year, Virement.objects.filter(year=year), exempt, reach)
    shown = [
        entry
        for entry in entries
        if reach is None or any(end.service_id in reach for end in entry.ends)
    ]
    return sorted(shown, key=lambda entry: entry.state != PENDING)


def find_entry(
    year: FinancialYear, reference: str, *, exempt: bool, reach: Container[int] | None = None
) -> RegisterEntry | None:
    """Return one virement, its ends named as in `register`; None where there is none."""
    of_it = Virement.objects.filter(Q(reference=reference) | Q(reverses=reference), year=year)
    entries = {entry.reference: entry for entry in _build_entries(year, of_it, exempt, reach)}
    return entries.get(reference)


def _build_entries(
    year: FinancialYear, legs: QuerySet[Virement], exempt: bool, reach: Container[int] | None
) -> list[RegisterEntry]:
    people = ("entered_by", "approver", "declined_by")
    legs = legs.select_related("year", "from_line__service", "to_line__service", *people)
    by_reference: dict[str, list[Virement]] = {}
    for leg in sorted(legs, key=lambda leg: (leg.period, leg.reference, leg.leg)):
        by_reference.setdefault(leg.reference, []).append(leg)
    lines = [line for leg in legs for line in (leg.from_line, leg.to_line)]
    names = EndNames(year, lines, exempt=exempt, reach=reach)
    taken_back = _approved_reversals(by_reference)
    approved = reversals(by_reference, approved_only=True)
    return [
        RegisterEntry(
            tuple(_build_leg(leg, names) for leg in same),
            _find_state(same, approved),
            tuple(taken_back.get(reference, ())),
        )
        for reference, same in by_reference.items()
    ]


def filter_entries(entries: Iterable[RegisterEntry], text: str, state: str) -> list[RegisterEntry]:
    """Return entries of a state with every word of the text in reference, lines or services."""
    words = text.casefold().split()
    return [
        entry
        for entry in entries
        if (not state or entry.state == state) and all(word in entry.words for word in words)
    ]


def reversals(register: dict[str, list[Virement]], *, approved_only: bool = False) -> Reversals:
    """Return what reversals take back in a register; pending ones count, declined ones do not."""
    legs = [leg for same in register.values() for leg in same if leg.declined_on is None]
    if approved_only:
        legs = [leg for leg in legs if leg.approved_on is not None]
    valid: dict[str, list[Virement]] = {}
    for leg in legs:
        valid.setdefault(leg.reference, []).append(leg)
    return Reversals(valid, counted=legs)


def year_register(year: FinancialYear) -> dict[str, list[Virement]]:
    """Return the year's legs by reference, in their order."""
    found: dict[str, list[Virement]] = {}
    for leg in Virement.objects.filter(year=year).order_by("leg"):
        found.setdefault(leg.reference, []).append(leg)
    return found


def _approved_reversals(by_reference: dict[str, list[Virement]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for reference, same in by_reference.items():
        if same[0].approved_on is not None:
            for original in dict.fromkeys(leg.reverses for leg in same if leg.reverses):
                found.setdefault(original, []).append(reference)
    return found


def _find_state(same: list[Virement], approved: Reversals) -> str:
    if same[0].declined_on is not None:
        return DECLINED
    if same[0].approved_on is None:
        return PENDING
    left = approved.remaining(same[0].reference).values()
    return APPROVED if any(each.amount for each in left) else REVERSED


def _build_leg(leg: Virement, names: EndNames) -> Leg:
    return Leg(leg, names.of(leg.from_line), names.of(leg.to_line))


def left_to_take_back(year: FinancialYear, reference: str) -> list[tuple[int, int]]:
    """Return number of the first leg and pence left of each pair of ends of a virement.

    Pending reversals count as taken back.
    """
    rest = reversals(year_register(year)).remaining(reference)
    return [(left.leg, left.amount) for left in rest.values()]


def entered_here(year: FinancialYear, references: Iterable[str]) -> set[str]:
    """Return those of the references that a person entered on a page."""
    names = {audit_name(year, reference): reference for reference in references}
    entries = AuditEntry.objects.filter(action=ENTERED, record__in=list(names))
    return {names[record] for record in entries.values_list("record", flat=True)}


def next_reference(year: FinancialYear) -> str:
    """Return the reference after the highest number of the style last used, such as `V012`."""
    references = list(
        Virement.objects.filter(year=year).order_by("-pk").values_list("reference", flat=True)
    )
    numbered = [match for text in references if (match := _NUMBERED.fullmatch(text))]
    if not numbered:
        return _FIRST_REFERENCE
    head, width = numbered[0]["head"], len(numbered[0]["number"])
    highest = max(int(match["number"]) for match in numbered if match["head"] == head)
    return f"{head}{highest + 1:0{width}d}"


def reversal_reference(year: FinancialYear, reference: str) -> str:
    """Return a free reference for a reversal: the virement's own with an R, else the next free."""
    own = f"{reference}R"
    taken = Virement.objects.filter(year=year, reference=own).exists()
    return next_reference(year) if taken or len(own) > REFERENCE_LENGTH else own


def year_periods(year: FinancialYear) -> QuerySet[Period]:
    """Return the year's periods in their order."""
    return Period.objects.filter(year=year).select_related("year").order_by("number")


def period_of(virement: Virement) -> Period:
    """Return the period of a virement."""
    return year_periods(virement.year).get(number=virement.period)


def name_in_sentence(period: Period) -> str:
    """Return a period's name within a sentence: `month 4`, `the close`, `the approved budget`."""
    name = period.name.lower()
    return name if name.startswith("month") else f"the {name}"


def first_report(virement: Virement) -> Report | None:
    """Return the first published report that reflects an approved virement."""
    reports = Report.objects.filter(virements=virement).select_related("period")
    return reports.order_by("period__number", "version").first()


def counting_periods(year: FinancialYear, number: int) -> list[Period]:
    """Return the open periods in whose report a virement of period `number` may count.

    They are of its period or later, and may still be published; it counts once, in the first.
    """
    reported = set(Report.objects.filter(period__year=year).values_list("period", flat=True))
    periods = Period.objects.filter(year=year).select_related("year", "batch").order_by("number")
    latest = max((each.number for each in periods if each.pk in reported), default=-1)
    return [
        period
        for period in periods
        if period.number >= number
        and not period.is_published
        and (period.number > latest or period.pk in reported)
    ]
