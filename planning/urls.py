"""The addresses of the app, each subject's beside each other."""

from django.urls import path

from planning.plan import views as plan

urlpatterns = [
    path("<year:start>/plan/", plan.plan_of_year, name="plan"),
    path("<year:start>/<int:number>/plan/", plan.plan_of_report, name="plan-of-report"),
    path("<year:start>/plan/items/<path:reference>/", plan.plan_item, name="plan-item"),
]
