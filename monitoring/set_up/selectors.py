"""The steps from an empty site to a council's first figures, and what is still to do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import QuerySet
from django.urls import reverse

from council_finance.accounts.models import Role, User
from council_finance.periods import APPROVED_BUDGET
from council_finance.prepared import prepared
from monitoring.identity.selectors import Identity, read_identity
from monitoring.people.rights import (
    may_change_settings,
    may_change_structure,
    may_keep_people,
    may_read_settings,
    reach_of,
)
from monitoring.people.rights import may_upload as may_upload_figures
from monitoring.published.models import Report
from monitoring.set_up.models import Mark, SetUpMark, TreeDraft
from monitoring.structure.models import UNALLOCATED, FinancialYear, Period, Service
from monitoring.uploading.models import UNDER_WAY, Upload

_BUDGET, _FIRST_MONTH = "budget", "first-month"
"""Keys of the steps in which figures are uploaded."""


class State(StrEnum):
    """How far a step is."""

    DONE = "done"
    UNDER_WAY = "under way"
    TO_DO = "to do"
    WAITS = "waits"


@dataclass(frozen=True)
class Step:
    """A step of the set-up.

    `text` says what is there, or what is to be done and why not yet. `url` is where the reader does
    it, "" for a reader who may not, or not yet; `action` is what the link says. `who` does it.
    """

    key: str
    title: str
    state: State
    text: str
    action: str
    url: str
    who: str

    @property
    def is_of_figures(self) -> bool:
        """True where figures are uploaded, to which the first page and the year lead too."""
        return self.key in (_BUDGET, _FIRST_MONTH)


@dataclass(frozen=True)
class SetUp:
    """The set-up of the site as one reader sees it; `comes_first`: it is their first page."""

    steps: list[Step]
    year: FinancialYear | None
    is_dismissed: bool
    comes_first: bool

    @property
    def done(self) -> int:
        """Return the number of steps that are done."""
        return sum(step.state == State.DONE for step in self.steps)

    @property
    def is_complete(self) -> bool:
        """True where every step is done."""
        return self.done == len(self.steps)

    @property
    def next_step(self) -> Step | None:
        """The first step that the reader can do now."""
        return next((step for step in self.steps if step.url and step.state != State.DONE), None)

    @property
    def waits_for(self) -> Step | None:
        """The first step that is not done, where the reader can do none."""
        if self.next_step:
            return None
        return next((step for step in self.steps if step.state != State.DONE), None)


@dataclass
class _Facts:
    """What the steps are worked out from, read once."""

    identity: Identity
    year: FinancialYear | None
    services: int = 0
    draft: TreeDraft | None = None
    marks: set[str] = field(default_factory=set)
    roles: dict[str, int] = field(default_factory=dict)
    periods: list[Period] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)

    def period_with_figures(self, *, budget: bool) -> Period | None:
        """Return the approved budget or else the first month, where it has figures."""
        found = (each for each in self.periods if (each.number == APPROVED_BUDGET) == budget)
        return next(found, None)

    def upload_under_way(self, *, budget: bool) -> Upload | None:
        """Return the file for the approved budget, or for a month, that is not yet stored."""
        found = (each for each in self.uploads if (each.period == APPROVED_BUDGET) == budget)
        return next(found, None)


def set_up_of(user: User) -> SetUp:
    """Return the set-up as that person sees it."""
    facts = _read_facts()
    steps = [build(facts, user) for build in _STEPS]
    return SetUp(steps, facts.year, Mark.DISMISSED in facts.marks, _comes_first(facts, user))


def _comes_first(facts: _Facts, user: User) -> bool:
    """Return whether an unfinished set-up is a person's first page.

    An administrator's it is; a finance lead's until there is a year with services.
    """
    if not may_change_structure(user):
        return False
    return user.role == Role.ADMINISTRATOR or not facts.services


def unfinished_set_up(user: User) -> SetUp | None:
    """Return the set-up for the first page of a person who takes part in it.

    None once it is complete, a month has been published, or it was dismissed where there is a year.
    """
    if not may_read_settings(user) or _has_reported():
        return None
    found = set_up_of(user)
    is_over = found.is_complete or (found.is_dismissed and found.year is not None)
    return None if is_over else found


def _has_reported() -> bool:
    """Return whether a month has been published: then the council is set up."""
    return bool(_first_reported())


@prepared
def _first_reported() -> QuerySet[Report, int]:
    """Return the id of a report of a month, of whichever the database finds first."""
    reports = Report.objects.filter(period__number__gt=APPROVED_BUDGET).order_by()
    return reports.values_list("pk", flat=True)[:1]


def year_to_set_up() -> FinancialYear | None:
    """Return the year that the set-up is about: the latest."""
    return FinancialYear.objects.order_by("-start").first()


def has_services(year: FinancialYear) -> bool:
    """Return whether a year has services beside the one that the product keeps."""
    return Service.objects.filter(year=year).exclude(code=UNALLOCATED).exists()


def draft_of(year: FinancialYear) -> TreeDraft | None:
    """Return the tree of a year that waits to be stored; None where there is none."""
    return TreeDraft.objects.select_related("year", "by").filter(year=year).first()


def settings_are_marked() -> bool:
    """Return whether somebody has said that the settings are right."""
    return SetUpMark.objects.filter(mark=Mark.SETTINGS).exists()


def _read_facts() -> _Facts:
    year = year_to_set_up()
    active = User.objects.filter(is_active=True).values_list("role", flat=True)
    roles = list(active)
    facts = _Facts(
        read_identity(),
        year,
        marks=set(SetUpMark.objects.values_list("mark", flat=True)),
        roles={role: roles.count(role) for role in set(roles)},
    )
    if year is not None:
        services = Service.objects.filter(year=year, named=True).exclude(code=UNALLOCATED)
        facts.services = services.count()
        facts.draft = draft_of(year)
        facts.periods = list(year.periods.filter(batch__isnull=False).order_by("number"))
        files = Upload.objects.filter(year=year, period__isnull=False, state__in=UNDER_WAY)
        facts.uploads = list(files.only("period", "file_name", "state").order_by("pk"))
    return facts


def _council_step(facts: _Facts, user: User) -> Step:
    done = bool(facts.identity.name)
    return Step(
        "council",
        "The council",
        State.DONE if done else State.TO_DO,
        facts.identity.name or "Its name, and its own colour and logo at the head of every page.",
        "Change" if done else "Name the council",
        reverse("set-up-council") if may_change_settings(user) else "",
        _KEEPERS,
    )


_KEEPERS = "An administrator or finance lead"
_FINANCE = "A finance officer or lead"


def _year_step(facts: _Facts, user: User) -> Step:
    if facts.year is not None:
        address = reverse("year", args=[facts.year.start])
        return Step(
            "year", "First financial year", State.DONE, facts.year.label, "See", address, _KEEPERS
        )
    named = bool(facts.identity.name)
    return Step(
        "year",
        "First financial year",
        State.TO_DO if named else State.WAITS,
        "The year that you report first." if named else "Once the council has a name.",
        "Choose the year",
        reverse("set-up-year") if named and may_change_structure(user) else "",
        _KEEPERS,
    )


def _services_step(facts: _Facts, user: User) -> Step:
    text = "The directorates and services that reports print: typed, pasted from Excel or a file."
    state, action = State.TO_DO, "Enter the services"
    if facts.year is None:
        state, text = State.WAITS, "Once there is a financial year."
    elif facts.draft is not None:
        state, action = State.UNDER_WAY, "Look at the services and store them"
        text = f"Entered by {facts.draft.by.name} and not stored yet."
    elif facts.services:
        state, action = State.DONE, "See"
        text = "1 service" if facts.services == 1 else f"{facts.services} services and groups"
    may_do = facts.year is not None and may_change_structure(user)
    address = reverse("set-up-services") if may_do else ""
    return Step("services", "Services", state, text, action, address, _KEEPERS)


def _settings_step(facts: _Facts, user: User) -> Step:
    text = "Units, thresholds for commentary, limits for virements and statuses of savings."
    state, action = State.TO_DO, "Look at the settings"
    if facts.year is None:
        state, text = State.WAITS, "Once there is a financial year."
    elif Mark.SETTINGS in facts.marks:
        state, action, text = State.DONE, "See", "Looked at"
    may_do = facts.year is not None and may_change_settings(user)
    address = reverse("set-up-settings") if may_do else ""
    return Step("settings", "Settings", state, text, action, address, _KEEPERS)


def _people_step(facts: _Facts, user: User) -> Step:
    needed = [role for role in (Role.FINANCE_LEAD, Role.FINANCE_OFFICER) if role not in facts.roles]
    counts = [_count_role(role, facts.roles[role]) for role in Role if role in facts.roles]
    text = ", ".join(counts)
    if needed:
        missing = " and ".join(f"a {role.label.lower()}" for role in needed)
        text = f"{text}. To be added: {missing}."
    done = not needed
    return Step(
        "people",
        "People",
        State.DONE if done else State.TO_DO,
        text,
        "See" if done else "Add people",
        reverse("people") if may_keep_people(user) else "",
        "An administrator",
    )


def _count_role(role: Role, count: int) -> str:
    if role == Role.NO_ROLE:
        return f"{count} without a role"
    return f"{count} {role.label.lower()}{'' if count == 1 else 's'}"


def _budget_step(facts: _Facts, user: User) -> Step:
    return _figures_step(
        facts,
        user,
        budget=True,
        title="Approved budget",
        text="The budget as the council approved it, line by line.",
    )


def _month_step(facts: _Facts, user: User) -> Step:
    return _figures_step(
        facts,
        user,
        budget=False,
        title="First month",
        text="The ledger’s figures of the month that you report first.",
    )


def _figures_step(facts: _Facts, user: User, *, budget: bool, title: str, text: str) -> Step:
    year = facts.year
    state, address = State.TO_DO, ""
    action = "Upload the approved budget" if budget else "Choose the month"
    may_do = year is not None and may_upload_figures(user) and reach_of(user, year).everything
    if year is None or not facts.services:
        state, text, may_do = State.WAITS, "Once there are services.", False
    elif period := facts.period_with_figures(budget=budget):
        state, action = State.DONE, "See"
        text, may_do = f"{period.name}, {period.month}", True
        address = reverse("overview", args=[year.start, period.number])
    elif upload := facts.upload_under_way(budget=budget):
        state, action, may_do = State.UNDER_WAY, "See the file", True
        text = f"{upload.file_name}: {upload.get_state_display().lower()}."
        address = reverse("upload", args=[upload.pk])
    elif budget:
        address = (
            reverse("upload-for-period", args=[year.start, APPROVED_BUDGET]) + "?kind=position"
        )
    else:
        address = reverse("set-up-first-month")
    key = _BUDGET if budget else _FIRST_MONTH
    return Step(key, title, state, text, action, address if may_do else "", _FINANCE)


_STEPS: tuple[Callable[[_Facts, User], Step], ...] = (
    _council_step,
    _year_step,
    _services_step,
    _settings_step,
    _people_step,
    _budget_step,
    _month_step,
)
