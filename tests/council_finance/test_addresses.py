"""Addresses by code, found once for a table."""

import pytest
from django.urls import reverse

from council_finance.addresses import Addresses


@pytest.mark.parametrize(
    "code", ["ADULT", "A/B", "é ü", '50% & "more" <b>', "a?b#c;d=e,f~-._!$'()*+:@"]
)
@pytest.mark.parametrize("page", ["service", "forecasts", "commentary-edit"])
def test_an_address_is_the_one_that_reverse_gives(page: str, code: str) -> None:
    assert Addresses(page, 2019, 5).at(code) == reverse(page, args=[2019, 5, code])
