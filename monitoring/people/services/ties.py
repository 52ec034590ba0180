"""The service that ties people to services by a list: every row of it, or none."""

from django.db import transaction

from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.people.rows_of_lists import ListOfRows
from monitoring.people.selectors.tie_plan import plan_ties
from monitoring.people.services.list_changed import ListChanged
from monitoring.people.services.people import change_person, locked_administrators
from monitoring.people.tie_rows import ListedTie


@transaction.atomic
def store_ties(*, listed: ListOfRows[ListedTie], revision: str, by: User) -> int:
    """Tie people to services as the list says; return how many people have changed.

    `revision` is that of the plan that was shown. Raise `ListChanged` where it is another by now,
    `Refused` where a row is refused; then nothing is stored.
    """
    locked_administrators()
    plan = plan_ties(listed)
    if plan.problems:
        raise Refused(*(fault.sentence for fault in plan.problems))
    if plan.revision != revision:
        raise ListChanged
    for each in plan.people:
        change_person(
            person=each.person,
            name=each.person.get_full_name(),
            email=each.person.email,
            role=each.person.role,
            parts=each.after,
            active=True,
            by=by,
        )
    return len(plan.people)
