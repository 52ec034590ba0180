"""The form of a financial year in addresses."""

from council_finance.periods import NotAYear, financial_year_slug, parse_financial_year


class YearConverter:
    """`2019-20` in an address is the year that begins in 2019."""

    regex = r"\d{4}-\d{2}"

    def to_python(self, value: str) -> int:
        """Return the year in which the financial year begins."""
        try:
            return parse_financial_year(value)
        except NotAYear as error:
            raise ValueError(str(error)) from error

    def to_url(self, value: int) -> str:
        """Return the financial year as addresses write it."""
        return financial_year_slug(value)
