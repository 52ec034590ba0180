"""Addresses of years, reports and uploads."""

from django.urls import path, register_converter

from council_finance.periods import NotAYear, financial_year_slug, parse_financial_year
from monitoring.views import reports, uploads, years


class YearConverter:
    """`2019-20` in an address is the year that begins in 2019."""

    regex = r"\d{4}-\d{2}"

    def to_python(self, value: str) -> int:
        try:
            return parse_financial_year(value)
        except NotAYear as error:
            raise ValueError(str(error)) from error

    def to_url(self, value: int) -> str:
        return financial_year_slug(value)


register_converter(YearConverter, "year")

urlpatterns = [
    path("", years.home, name="home"),
    path("<year:start>/", years.year, name="year"),
    path("<year:start>/upload/", uploads.new_for_year, name="upload-for-year"),
    path("<year:start>/<int:number>/upload/", uploads.new_for_period, name="upload-for-period"),
    path("uploads/<int:pk>/", uploads.show, name="upload"),
    path("uploads/<int:pk>/progress/", uploads.progress, name="upload-progress"),
    path("uploads/<int:pk>/problems.csv", uploads.problems, name="upload-problems"),
    path("uploads/<int:pk>/confirm/", uploads.confirm, name="upload-confirm"),
    path("uploads/<int:pk>/withdraw/", uploads.withdraw, name="upload-withdraw"),
    path("uploads/<int:pk>/again/", uploads.again, name="upload-again"),
    path("reports/", reports.library, name="reports"),
    path("reports/<year:start>/<int:number>/", reports.report, name="report"),
    path("reports/<year:start>/<int:number>/<slug:name>/", reports.statement, name="statement"),
    path(
        "reports/<year:start>/<int:number>/<slug:name>.<slug:format_name>",
        reports.download,
        name="download",
    ),
]
