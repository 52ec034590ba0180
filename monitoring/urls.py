"""Addresses of years, reports and uploads."""

from django.urls import path

from monitoring.accuracy import views as accuracy
from monitoring.api import token_views as tokens
from monitoring.api import views as api
from monitoring.audit import views as audit
from monitoring.claims import views as claims
from monitoring.commentary import due_views as due_commentary
from monitoring.commentary import sign_off_views as commentary_sign_off
from monitoring.commentary import views as commentary
from monitoring.contingency import views as contingency
from monitoring.debt import views as debt
from monitoring.documents import views as documents
from monitoring.feed import upload_api
from monitoring.feed import views as feed
from monitoring.forecast_methods import views as forecast_methods
from monitoring.forecasts import carried_views as carried_forecasts
from monitoring.forecasts import views as forecasts
from monitoring.identity import views as identity
from monitoring.mitigations import views as mitigations
from monitoring.month.views import month, years
from monitoring.odata import connect_views as odata_connect
from monitoring.odata import views as odata
from monitoring.open_data import views as open_data
from monitoring.people import list_views as people_lists
from monitoring.people import tie_views as people_ties
from monitoring.people import token_views as people_tokens
from monitoring.people import views as people
from monitoring.publishing.views import redactions, review
from monitoring.questions import views as questions
from monitoring.reminders import views as reminders
from monitoring.reports.views import (
    downloads,
    figures,
    find,
    overview,
    reports,
    year_statements,
)
from monitoring.restructuring import views as structure
from monitoring.set_up import views as set_up
from monitoring.settings.views import files as settings_files
from monitoring.settings.views import overview as settings
from monitoring.settings.views import tables as settings_tables
from monitoring.uploading.views import kinds as upload_kinds
from monitoring.uploading.views import layouts, uploads
from monitoring.uploading.views import new as new_upload
from monitoring.uploading.views import undo as upload_undo
from monitoring.virements.views import approve as approve_many
from monitoring.virements.views import register as virements
from monitoring.virements.views import virement
from monitoring.warning_signs import views as warning_signs
from monitoring.years import views as years_pages

urlpatterns = [
    path("", years.home, name="home"),
    path("first-year/", years.choose_first, name="first-year"),
    path("<year:start>/", years.year, name="year"),
    path("<year:start>/<int:number>/", overview.overview, name="overview"),
    path("<year:start>/upload/", new_upload.new_for_year, name="upload-for-year"),
    path(
        "<year:start>/upload/about/<slug:name>/",
        upload_kinds.about_year_kind,
        name="upload-about-year",
    ),
    path(
        "<year:start>/upload/template/<slug:name>.<slug:format_name>",
        upload_kinds.year_template,
        name="upload-template-year",
    ),
    path("<year:start>/structure/", structure.show, name="structure"),
    # A code may be any text: fixed parts of an address come before it.
    path("<year:start>/service-lines/<path:code>/", structure.lines, name="lines-move"),
    path("<year:start>/structure/<path:code>/", structure.change, name="service-change"),
    path("<year:start>/redact/", redactions.redact, name="redact"),
    path("<year:start>/new-service/", structure.new, name="service-new"),
    path("<year:start>/roll-forward/", structure.roll, name="year-roll-forward"),
    path("<year:start>/<int:number>/upload/", new_upload.new_for_period, name="upload-for-period"),
    path(
        "<year:start>/<int:number>/upload/about/<slug:name>/",
        upload_kinds.about_period_kind,
        name="upload-about-period",
    ),
    path(
        "<year:start>/<int:number>/upload/template/<slug:name>.<slug:format_name>",
        upload_kinds.period_template,
        name="upload-template-period",
    ),
    path("<year:start>/<int:number>/services/<path:code>/", figures.service, name="service"),
    path("<year:start>/<int:number>/lines/<int:pk>/", figures.line, name="line"),
    path("uploads/<int:pk>/file/", figures.upload_file, name="upload-file"),
    path("<year:start>/<int:number>/forecasts/<path:code>/", forecasts.forecasts, name="forecasts"),
    path(
        "<year:start>/<int:number>/forecast-methods/<path:code>/",
        forecast_methods.methods,
        name="forecast-methods",
    ),
    path(
        "<year:start>/<int:number>/forecasts-file/<path:code>/",
        forecasts.forecasts_file,
        name="forecasts-file",
    ),
    path(
        "<year:start>/<int:number>/confirm-forecasts/",
        carried_forecasts.confirm,
        name="forecasts-confirm",
    ),
    path("<year:start>/<int:number>/virements/", virements.register, name="virements"),
    path("<year:start>/<int:number>/virements/new/", virements.new, name="virement-new"),
    path("<year:start>/<int:number>/virements/lines/", virements.lines, name="virement-lines"),
    path(
        "<year:start>/<int:number>/virements/register.csv",
        virements.download,
        name="virements-download",
    ),
    path(
        "<year:start>/<int:number>/approve-virements/",
        approve_many.approve,
        name="virements-approve",
    ),
    path("<year:start>/virements/<path:reference>/", virement.show, name="virement"),
    path("<year:start>/<int:number>/month/", month.month, name="month"),
    path("<year:start>/<int:number>/next-step/", month.next_step, name="month-next-step"),
    path("<year:start>/<int:number>/debt/", debt.debt, name="debt"),
    path("<year:start>/<int:number>/contingency/", contingency.contingency, name="contingency"),
    path(
        "<year:start>/<int:number>/figures-in-words/<path:code>/",
        claims.check_text,
        name="check-text",
    ),
    path("<year:start>/<int:number>/commentary/", commentary.commentary, name="commentary"),
    path(
        "<year:start>/<int:number>/commentary/<path:code>/",
        commentary.edit,
        name="commentary-edit",
    ),
    path(
        "<year:start>/<int:number>/write-commentary/",
        due_commentary.write,
        name="commentary-write",
    ),
    path(
        "<year:start>/<int:number>/sign-off-commentary/",
        commentary_sign_off.sign_off,
        name="commentary-sign-off",
    ),
    path("<year:start>/<int:number>/mitigations/", mitigations.mitigations, name="mitigations"),
    path(
        "<year:start>/<int:number>/mitigations/<path:code>/",
        mitigations.edit,
        name="mitigations-edit",
    ),
    path(
        "<year:start>/<int:number>/forecast-accuracy/",
        accuracy.accuracy,
        name="forecast-accuracy",
    ),
    path("<year:start>/<int:number>/warning-signs/", warning_signs.signs, name="warning-signs"),
    path("<year:start>/<int:number>/review/", review.review, name="review"),
    path("uploads/<int:pk>/", uploads.show, name="upload"),
    path("uploads/<int:pk>/columns/", uploads.columns, name="upload-columns"),
    path("uploads/<int:pk>/sheets/", uploads.sheets, name="upload-sheets"),
    path("uploads/<int:pk>/progress/", uploads.progress, name="upload-progress"),
    path("uploads/<int:pk>/problems.csv", uploads.problems, name="upload-problems"),
    path("uploads/<int:pk>/confirm/", uploads.confirm, name="upload-confirm"),
    path("uploads/<int:pk>/withdraw/", uploads.withdraw, name="upload-withdraw"),
    path("uploads/<int:pk>/again/", uploads.again, name="upload-again"),
    path("uploads/<int:pk>/undo/", upload_undo.undo, name="upload-undo"),
    path("audit/", audit.audit, name="audit"),
    path("audit.csv", audit.download, name="audit-download"),
    path("settings/", settings.index, name="settings"),
    path("settings/<year:start>/", settings.year, name="settings-year"),
    path("settings/<year:start>/pack.toml", settings_files.download, name="settings-download"),
    path("settings/<year:start>/import/", settings_files.import_file, name="settings-import"),
    path("settings/<year:start>/<slug:name>/", settings_tables.table, name="settings-table"),
    path("settings/council/", identity.council, name="council"),
    path("settings/years/", years_pages.years, name="years"),
    path("settings/years/<year:start>/take-back/", years_pages.take_back, name="year-take-back"),
    path("settings/years/<year:start>/archive/", years_pages.archive, name="year-archive"),
    path("settings/years/<year:start>/bring-back/", years_pages.bring_back, name="year-bring-back"),
    path("settings/people/", people.people, name="people"),
    path("settings/people/new/", people.new, name="person-new"),
    path("settings/people/list/", people_lists.add_list, name="people-list"),
    path("settings/people/links/", people_lists.links, name="people-links"),
    path("settings/people/services/", people_ties.services, name="people-services"),
    path("settings/people/<int:pk>/", people.person, name="person"),
    path("settings/people/<int:pk>/link/", people.link, name="person-link"),
    path(
        "settings/people/<int:pk>/second-factor/",
        people.second_factor,
        name="person-second-factor",
    ),
    path("settings/people/<int:pk>/sign-on/", people.sign_on, name="person-sign-on"),
    path("settings/people/<int:pk>/tokens/", people_tokens.revoke, name="person-tokens"),
    path("settings/people/<int:pk>/export/", people.export, name="person-export"),
    path("settings/people/<int:pk>/erase/", people.erase, name="person-erase"),
    path(
        "<year:start>/<int:number>/questions/new/<path:code>/", questions.ask, name="question-new"
    ),
    path("reminders/", reminders.choose, name="reminders"),
    path("reminders/stop/<str:token>/", reminders.stop, name="reminders-stop"),
    path("settings/mails/", reminders.log, name="mail-log"),
    path("questions/<int:pk>/", questions.question, name="question"),
    path("api/v1/uploads", upload_api.send_file, name="api-uploads"),
    path("api/v1/uploads/<int:pk>", upload_api.show_upload, name="api-upload"),
    path("settings/ledger-feed/", feed.ledger_feed, name="ledger-feed"),
    path("settings/layouts/", layouts.layouts, name="layouts"),
    path("settings/layouts/import/", layouts.import_file, name="layout-import"),
    path("settings/layouts/named/<path:name>/", layouts.by_name, name="layout-by-name"),
    path("settings/layouts/<int:pk>/", layouts.layout, name="layout"),
    path("settings/layouts/<int:pk>/try/", layouts.trial, name="layout-try"),
    path("settings/layouts/<int:pk>/rename/", layouts.rename, name="layout-rename"),
    path("settings/layouts/<int:pk>/delete/", layouts.delete, name="layout-delete"),
    path("settings/layouts/<int:pk>/export/", layouts.export, name="layout-export"),
    path("settings/layouts/<int:pk>/restore/", layouts.restore, name="layout-restore"),
    path("password/tokens/", tokens.tokens, name="tokens"),
    path("password/tokens/<int:pk>/revoke/", tokens.revoke, name="token-revoke"),
    path("data/", tokens.data_for_programs, name="data-for-programs"),
    path("api/v1/", api.start, name="api-start"),
    path("api/v1/openapi.json", api.openapi, name="api-openapi"),
    path("api/v1/years", api.years, name="api-years"),
    path("api/v1/years/<year:start>/periods", api.periods, name="api-periods"),
    path("api/v1/reports", api.reports, name="api-reports"),
    path("api/v1/figures.<slug:format_name>", api.figures, name="api-figures"),
    *(
        path(f"api/v1/reports/<year:start>/<int:number>/<slug:version>{rest}", view, name=name)
        for rest, view, name in (
            ("", api.report, "api-report"),
            ("/statements", api.statements, "api-statements"),
            ("/statements/<slug:name>", api.statement, "api-statement"),
            ("/services", api.services, "api-services"),
        )
    ),
    path("identity/<int:version>/<slug:colour>.css", identity.style, name="council-style"),
    path("identity/logo-<slug:version>.png", identity.logo, name="council-logo"),
    path("set-up/", set_up.steps, name="set-up"),
    path("set-up/dismiss/", set_up.dismiss, name="set-up-dismiss"),
    path("set-up/council/", set_up.council, name="set-up-council"),
    path("set-up/year/", set_up.year, name="set-up-year"),
    path("set-up/services/", set_up.services, name="set-up-services"),
    path("set-up/services/preview/", set_up.preview, name="set-up-services-preview"),
    path("set-up/settings/", set_up.settings, name="set-up-settings"),
    path("set-up/first-month/", set_up.first_month, name="set-up-first-month"),
    path("data/excel-and-power-bi/", odata_connect.connect, name="odata-connect"),
    path("odata/v1/", odata.resource, name="odata"),
    path("odata/v1/<path:resource>", odata.resource, name="odata-resource"),
    path("compare/", find.comparison, name="compare"),
    path("compare.<slug:format_name>", find.comparison_file, name="compare-download"),
    path("search/", find.search, name="search"),
    path("reports/", reports.library, name="reports"),
    path("reports/<year:start>/<int:number>/", reports.report, name="report"),
    # Addresses of statements come after these, as no statement is called “figures”.
    path("reports/figures.<slug:format_name>", open_data.all_figures, name="figures-all"),
    path(
        "reports/<year:start>/figures.<slug:format_name>",
        open_data.year_figures,
        name="figures-year",
    ),
    path(
        "reports/<year:start>/<int:number>/open-data.zip",
        open_data.report_bundle,
        name="open-data",
    ),
    path(
        "reports/<year:start>/<int:number>/figures.<slug:format_name>",
        open_data.report_figures,
        name="figures-report",
    ),
    path("reports/<year:start>/<slug:name>/", year_statements.statement, name="year-statement"),
    path(
        "reports/<year:start>/<slug:name>.<slug:format_name>",
        year_statements.download,
        name="year-download",
    ),
    path("reports/<year:start>/<int:number>/document/", documents.document, name="document"),
    path(
        "reports/<year:start>/<int:number>/document.<slug:format_name>",
        documents.document_file,
        name="document-file",
    ),
    path(
        "reports/<year:start>/<int:number>/figures-for-texts/",
        documents.figure_codes,
        name="figures-for-texts",
    ),
    path("reports/<year:start>/<int:number>/<slug:name>/", reports.statement, name="statement"),
    path(
        "reports/<year:start>/<int:number>/pack.<slug:format_name>",
        downloads.whole_report,
        name="pack",
    ),
    path(
        "reports/<year:start>/<int:number>/<slug:name>.<slug:format_name>",
        downloads.download,
        name="download",
    ),
    # The last of these: every other address under it is answered as the API answers.
    path("api/v1/<path:rest>", api.nowhere, name="api-nowhere"),
]
