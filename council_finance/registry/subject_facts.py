"""What each app reports on a service, so that one page has all of it in one table."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from council_finance.registry.order import Register


class SubjectFact(NamedTuple):
    """Something that is reported on a service: an indicator, a saving, a grant.

    `kind` is its noun, such as "Saving". `service` is the key of the row of the tree, "" without
    one. `figure` and `status` are in words; `is_good` is None where it is neither good nor bad.
    `pence` is what facts are compared by, positive where it is adverse: of a saving agreed less
    forecast, of a budget its net variance, of an activity group what its stated unit costs moved
    the cost by. `links` are references of other facts that it names.
    """

    kind: str
    reference: str
    service: str
    name: str
    figure: str
    status: str
    is_good: bool | None
    url: str = ""
    pence: int | None = None
    links: tuple[str, ...] = ()


SubjectFactsFunction = Callable[[Any], Iterable[SubjectFact]]
_functions: Register[SubjectFactsFunction] = Register("subject facts", "subject_facts")


def subject_facts(name: str) -> Callable[[SubjectFactsFunction], SubjectFactsFunction]:
    """Register a function of a report that returns what an app reports on services."""

    def decorate(function: SubjectFactsFunction) -> SubjectFactsFunction:
        _functions.add(name, function)
        return function

    return decorate


def facts_of_subjects(facts: Any) -> Iterator[SubjectFact]:
    """Yield what every app reports on the services of a report."""
    for function in _functions.in_order().values():
        yield from function(facts)
