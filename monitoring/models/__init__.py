from monitoring.models.commentary import Commentary
from monitoring.models.debt import AgedDebt
from monitoring.models.figures import Batch, NodeFigure, Position
from monitoring.models.forecasts import ForecastEntry
from monitoring.models.layouts import Layout
from monitoring.models.people import TreeRight
from monitoring.models.published import FormerDescription, HistoricFigure, ReportFigure
from monitoring.models.reports import Report, ReportStatement
from monitoring.models.structure import BudgetLine, FinancialYear, Period, PeriodState, Service
from monitoring.models.uploads import Upload, UploadOrigins, UploadState
from monitoring.models.virements import Virement, VirementKind

__all__ = [
    "AgedDebt",
    "Batch",
    "BudgetLine",
    "Commentary",
    "FinancialYear",
    "ForecastEntry",
    "FormerDescription",
    "HistoricFigure",
    "Layout",
    "NodeFigure",
    "Period",
    "PeriodState",
    "Position",
    "Report",
    "ReportFigure",
    "ReportStatement",
    "Service",
    "TreeRight",
    "Upload",
    "UploadOrigins",
    "UploadState",
    "Virement",
    "VirementKind",
]
