"""Every table of monitoring, where Django finds them and other apps import them."""

from monitoring.commentary.models import Commentary
from monitoring.contingency.models import ContingencyOffset
from monitoring.debt.models import AgedDebt
from monitoring.feed.models import FeedFile, FeedUpload
from monitoring.figures.models import NodeFigure
from monitoring.forecast_methods.models import BudgetProfile, ForecastMethod
from monitoring.forecasts.models import ForecastEntry, ForecastMeasure
from monitoring.identity.models import Council
from monitoring.ledger.models import Batch, PlannedUseTie, Position
from monitoring.mitigations.models import VariancePart
from monitoring.people.models import ChosenYear, TreeRight
from monitoring.plausibility.models import CheckReason, FigureAnswer
from monitoring.published.models import (
    FormerDescription,
    HistoricFigure,
    Report,
    ReportDocument,
    ReportFigure,
    ReportLines,
    ReportStatement,
)
from monitoring.questions.models import ColleagueQuestion, QuestionMessage
from monitoring.reminders.models import ReminderChoice, ReminderMail, WorkLook
from monitoring.set_up.models import SetUpMark, TreeDraft
from monitoring.structure.models import BudgetLine, FinancialYear, Period, PeriodState, Service
from monitoring.uploading.models import (
    Layout,
    LayoutVersion,
    ReplacedRows,
    Upload,
    UploadOrigins,
    UploadState,
)
from monitoring.virements.models import Virement, VirementKind

__all__ = [
    "AgedDebt",
    "Batch",
    "BudgetLine",
    "BudgetProfile",
    "CheckReason",
    "ChosenYear",
    "ColleagueQuestion",
    "Commentary",
    "ContingencyOffset",
    "Council",
    "FeedFile",
    "FeedUpload",
    "FigureAnswer",
    "FinancialYear",
    "ForecastEntry",
    "ForecastMeasure",
    "ForecastMethod",
    "FormerDescription",
    "HistoricFigure",
    "Layout",
    "LayoutVersion",
    "NodeFigure",
    "Period",
    "PeriodState",
    "PlannedUseTie",
    "Position",
    "QuestionMessage",
    "ReminderChoice",
    "ReminderMail",
    "ReplacedRows",
    "Report",
    "ReportDocument",
    "ReportFigure",
    "ReportLines",
    "ReportStatement",
    "Service",
    "SetUpMark",
    "TreeDraft",
    "TreeRight",
    "Upload",
    "UploadOrigins",
    "UploadState",
    "VariancePart",
    "Virement",
    "VirementKind",
    "WorkLook",
]
