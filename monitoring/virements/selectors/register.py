"""The register of virements as pages show it: what each moves, and what became of it."""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, QuerySet

from council_finance.audit import AuditEntry
from council_finance.money import plain_pounds
from monitoring.published.models import Report
from monitoring.structure.models import FinancialYear, Period
from monitoring.virements.models import Virement
from monitoring.virements.rules import ENTERED, Reversals, audit_name
from monitoring.virements.selectors.ends import End, EndNames

PENDING, APPROVED, REVERSED, DECLINED = "pending", "approved", "reversed", "declined"
STATES = {
    PENDING: "Pending",
    APPROVED: "Approved",
    REVERSED: "Reversed",
    DECLINED: "Declined",
}
"""What may have become of a virement, in the order in which the register shows them."""

OUTSIDE = "outside this budget"
"""What an end is called that is no budget line."""

_NUMBERED = re.compile(r"(?P<head>.*?)(?P<number>[0-9]{1,9})", re.ASCII)
_FIRST_REFERENCE = "V001"


@dataclass(frozen=True)
class Leg:
    """One leg: its ends (None: outside this budget) and what it moves, in pence."""

    leg: Virement
    giver: End | None
    receiver: End | None

    @property
    def amount(self) -> int:
        """The budget that moves, in pence."""
        return self.leg.amount_pence

    @property
    def spending(self) -> int:
        """The spending that moves with it, in pence."""
        return self.leg.forecast_amount_pence

    @property
    def amount_text(self) -> str:
        """The budget that moves, in pounds."""
        return plain_pounds(self.amount)

    @property
    def spending_text(self) -> str:
        """The spending that moves with it, in pounds."""
        return plain_pounds(self.spending)

    @property
    def way_back(self) -> str:
        """From where to where a reversal goes."""
        giver, receiver = (each.name if each else OUTSIDE for each in (self.receiver, self.giver))
        return f"{giver} to {receiver}"


@dataclass(frozen=True)
class RegisterEntry:
    """One virement: its legs, and what became of it. `taken_back_by` are approved reversals."""

    legs: tuple[Leg, ...]
    state: str
    taken_back_by: tuple[str, ...]

    @property
    def first(self) -> Virement:
        """The leg that speaks for what all of them share."""
        return self.legs[0].leg

    @property
    def rows(self) -> list[Virement]:
        """The legs as they are stored."""
        return [leg.leg for leg in self.legs]

    @property
    def reference(self) -> str:
        """How people call it."""
        return self.first.reference

    @property
    def reason(self) -> str:
        """Why the budget moves; a file may say it leg by leg."""
        return "; ".join(dict.fromkeys(leg.reason for leg in self.rows if leg.reason))

    @property
    def state_text(self) -> str:
        """The state in a word."""
        return STATES[self.state]

    @property
    def amount(self) -> int:
        """The budget that all legs move, in pence."""
        return sum(leg.amount for leg in self.legs)

    @property
    def amount_text(self) -> str:
        """The budget that all legs move, in pounds."""
        return plain_pounds(self.amount)

    @property
    def ends(self) -> list[End]:
        """The ends within the budget."""
        return [end for leg in self.legs for end in (leg.giver, leg.receiver) if end is not None]

    @cached_property
    def words(self) -> str:
        """What a search looks through."""
        texts = [self.reference, self.first.reverses, self.first.get_kind_display()]
        for end in self.ends:
            texts += [end.name, end.service]
        return " ".join(texts).casefold()


def register(
    year: FinancialYear, *, exempt: bool, reach: Container[int] | None = None
) -> list[RegisterEntry]:
    """The year's virements, the pending first, then by period and reference.

    `exempt` says whether exempt lines are named; `reach`, where given, holds the services that one
    of a virement's ends must lie in to be shown. The other end is named as reports name it.
    """
    entries = _entries(year, Virement.objects.filter(year=year), exempt, reach)
    seen = [
        entry
        for entry in entries
        if reach is None or any(end.service_id in reach for end in entry.ends)
    ]
    return sorted(seen, key=lambda entry: entry.state != PENDING)


def find_entry(
    year: FinancialYear, reference: str, *, exempt: bool, reach: Container[int] | None = None
) -> RegisterEntry | None:
    """One virement of the year's register, its ends named as in `register`."""
    of_it = Virement.objects.filter(Q(reference=reference) | Q(reverses=reference), year=year)
    entries = {entry.reference: entry for entry in _entries(year, of_it, exempt, reach)}
    return entries.get(reference)


def _entries(
    year: FinancialYear, legs: QuerySet[Virement], exempt: bool, reach: Container[int] | None
) -> list[RegisterEntry]:
    people = ("entered_by", "approver", "declined_by")
    legs = legs.select_related("year", "from_line__service", "to_line__service", *people)
    by_reference: dict[str, list[Virement]] = {}
    for leg in sorted(legs, key=lambda leg: (leg.period, leg.reference, leg.leg)):
        by_reference.setdefault(leg.reference, []).append(leg)
    lines = [line for leg in legs for line in (leg.from_line, leg.to_line)]
    names = EndNames(year, lines, exempt=exempt, reach=reach)
    taken_back = _taken_back(by_reference)
    approved = reversals(by_reference, approved_only=True)
    return [
        RegisterEntry(
            tuple(_leg(leg, names) for leg in same),
            _state(same, approved),
            tuple(taken_back.get(reference, ())),
        )
        for reference, same in by_reference.items()
    ]


def narrowed(entries: Iterable[RegisterEntry], text: str, state: str) -> list[RegisterEntry]:
    """Those with every word of the text in reference, lines or services, and in the state."""
    words = text.casefold().split()
    return [
        entry
        for entry in entries
        if (not state or entry.state == state) and all(word in entry.words for word in words)
    ]


def reversals(register: dict[str, list[Virement]], *, approved_only: bool = False) -> Reversals:
    """What stands in the register to be taken back: pending reversals count, declined ones not."""
    legs = [leg for same in register.values() for leg in same if leg.declined_on is None]
    if approved_only:
        legs = [leg for leg in legs if leg.approved_on is not None]
    standing: dict[str, list[Virement]] = {}
    for leg in legs:
        standing.setdefault(leg.reference, []).append(leg)
    return Reversals(standing, counted=legs)


def year_register(year: FinancialYear) -> dict[str, list[Virement]]:
    """The year's legs by reference, each in its order."""
    found: dict[str, list[Virement]] = {}
    for leg in Virement.objects.filter(year=year).order_by("leg"):
        found.setdefault(leg.reference, []).append(leg)
    return found


def _taken_back(by_reference: dict[str, list[Virement]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for reference, same in by_reference.items():
        if same[0].approved_on is not None:
            for original in dict.fromkeys(leg.reverses for leg in same if leg.reverses):
                found.setdefault(original, []).append(reference)
    return found


def _state(same: list[Virement], approved: Reversals) -> str:
    if same[0].declined_on is not None:
        return DECLINED
    if same[0].approved_on is None:
        return PENDING
    left = approved.rest(same[0].reference).values()
    return APPROVED if any(each.amount for each in left) else REVERSED


def _leg(leg: Virement, names: EndNames) -> Leg:
    return Leg(leg, names.of(leg.from_line), names.of(leg.to_line))


def left_to_take_back(year: FinancialYear, reference: str) -> list[tuple[int, int]]:
    """By the number of its first leg, pence of each pair of ends that no reversal takes back yet.

    Pending reversals count.
    """
    rest = reversals(year_register(year)).rest(reference)
    return [(left.leg, left.amount) for left in rest.values()]


def entered_here(year: FinancialYear, references: Iterable[str]) -> set[str]:
    """Those of the references that a person entered, rather than a file."""
    names = {audit_name(year, reference): reference for reference in references}
    entries = AuditEntry.objects.filter(action=ENTERED, record__in=list(names))
    return {names[record] for record in entries.values_list("record", flat=True)}


def next_reference(year: FinancialYear) -> str:
    """The reference that follows the highest number of the style last used: `V012`."""
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
    """A free reference for what takes a virement back: its own with an R, else the next free."""
    own = f"{reference}R"
    longest = Virement._meta.get_field("reference").max_length
    taken = Virement.objects.filter(year=year, reference=own).exists()
    return next_reference(year) if taken or len(own) > longest else own


def year_periods(year: FinancialYear) -> QuerySet[Period]:
    """The year's periods in their order."""
    return Period.objects.filter(year=year).select_related("year").order_by("number")


def period_of(virement: Virement) -> Period:
    """The period that a virement is of."""
    return year_periods(virement.year).get(number=virement.period)


def spoken(period: Period) -> str:
    """A period within a sentence: `month 4`, `the close`, `the approved budget`."""
    name = period.name.lower()
    return name if name.startswith("month") else f"the {name}"


def first_report(virement: Virement) -> Report | None:
    """The first published report that reflects an approved virement."""
    reports = Report.objects.filter(virements=virement).select_related("period")
    return reports.order_by("period__number", "version").first()


def counting_periods(year: FinancialYear, number: int) -> list[Period]:
    """The periods whose reports a virement of period `number`, approved today, may count in.

    Open ones of its period or after that may still be published; it counts once, in the first.
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
