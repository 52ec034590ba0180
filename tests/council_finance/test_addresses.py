"""Addresses by code, found once for a table."""

import pytest
from django.template import engines
from django.urls import NoReverseMatch, reverse, set_script_prefix

from council_finance.addresses import Addresses, address_of


@pytest.mark.parametrize(
    "code", ["ADULT", "A/B", "é ü", '50% & "more" <b>', "a?b#c;d=e,f~-._!$'()*+:@"]
)
@pytest.mark.parametrize("page", ["service", "forecasts", "commentary-edit"])
def test_an_address_is_the_one_that_reverse_gives(page: str, code: str) -> None:
    assert Addresses(page, 2019, 5).at(code) == reverse(page, args=[2019, 5, code])


def draw(text: str, **context: object) -> str:
    return engines["django"].from_string(text).render(context)


def test_a_kept_address_is_the_one_that_reverse_gives() -> None:
    for code in ("ADULT", "A&B", "ADULT"):
        assert draw("{% url 'service' 2019 5 code %}", code=code) == reverse(
            "service", args=[2019, 5, code]
        ).replace("&", "&amp;")
    assert address_of("service", 2019, 5, "A&B") == reverse("service", args=[2019, 5, "A&B"])
    assert draw("{% url 'home' as here %}{{ here }}{% url 'none' as no %}{{ no }}") == "/"
    with pytest.raises(NoReverseMatch):
        draw("{% url 'service' 2019 %}")


def test_an_address_follows_the_prefix_of_the_site() -> None:
    assert address_of("home") == "/"
    set_script_prefix("/budget/")
    try:
        assert address_of("home") == "/budget/"
    finally:
        set_script_prefix("/")
