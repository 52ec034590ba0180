"""The addresses of the app, each subject's beside each other."""

from django.urls import path

from planning.contracts import views as contracts
from planning.decisions import views as decisions
from planning.entry import estimate_views as sheet
from planning.entry import views as entry
from planning.plan import adoption_views as adoption
from planning.plan import views as plan
from planning.subjectives import views as subjectives

urlpatterns = [
    path("<year:start>/plan/", plan.plan_of_year, name="plan"),
    path("<year:start>/<int:number>/plan/", plan.plan_of_report, name="plan-of-report"),
    path("<year:start>/plan/adopt/", adoption.adopt, name="plan-adopt"),
    path("<year:start>/plan/not-delivered/", adoption.not_delivered, name="savings-not-delivered"),
    path("<year:start>/plan/entry/estimates/", sheet.first_sheet, name="plan-estimates-first"),
    path("<year:start>/plan/entry/estimates/<year:of>/", sheet.estimates, name="plan-estimates"),
    path(
        "<year:start>/plan/entry/estimates/<year:of>/<path:step>/",
        sheet.estimates,
        name="plan-estimates",
    ),
    path("<year:start>/plan/entry/<slug:name>/", entry.rows, name="plan-entry"),
    path("<year:start>/plan/entry/<slug:name>/row/", entry.row, name="plan-entry-row"),
    path("<year:start>/plan/items/<path:reference>/", plan.plan_item, name="plan-item"),
    path("<year:start>/decision-entry/", decisions.new_decision, name="decision-new"),
    path(
        "<year:start>/decision-entry/<path:reference>/",
        decisions.change_decision,
        name="decision-change",
    ),
    path("<year:start>/decisions/<path:reference>/", decisions.decision, name="decision"),
    path("<year:start>/contract-entry/", contracts.new_contract, name="contract-new"),
    path(
        "<year:start>/contract-entry/<path:reference>/",
        contracts.change_contract,
        name="contract-change",
    ),
    path("<year:start>/contracts/<path:reference>/", contracts.contract, name="contract"),
    path("<year:start>/<int:number>/decisions/", decisions.decisions, name="decisions"),
    path("<year:start>/<int:number>/contracts/", contracts.contracts, name="contracts"),
    path(
        "<year:start>/<int:number>/contracts/published/",
        contracts.contracts_published,
        name="contracts-published",
    ),
    path("<year:start>/<int:number>/decision-dates/", contracts.dates, name="decision-dates"),
    path("<year:start>/<int:number>/subjectives/", subjectives.subjectives, name="subjectives"),
]
