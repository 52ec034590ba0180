"""The previews of other thresholds for questions about figures, and of what publication waits."""

from council_finance.money import plain_pounds
from council_finance.registry import PreviewTable, SettingsPreview, settings_preview
from monitoring.ledger.selectors.line_names import line_names
from monitoring.plausibility.selectors.questions import ask_about
from monitoring.plausibility.settings_tables import NAME, QuestionSettings
from monitoring.plausibility.wording import Question
from monitoring.publishing.selectors.outstanding import review_outstanding
from monitoring.publishing.settings_tables import NAME as PUBLICATION
from monitoring.reports.selectors.report_data import ReportData

_SHOWN = 50


@settings_preview(NAME)
def preview_questions(report: ReportData, value: QuestionSettings) -> SettingsPreview:
    """Count the open questions about a report's lines now and after, and list those after."""
    lines = report.positions
    now = ask_about(report.period, lines)
    after = ask_about(report.period, lines, thresholds=value.thresholds)
    sentences = [
        f"{_count_questions(len(now))} about the lines of this report now, and "
        f"{len(after) or 'none'} after."
    ]
    if needed := after.count_from(value.reason_from):
        sentences.append(f"{_count_questions(needed)} would need a reason.")
    if not len(after):
        return SettingsPreview(tuple(sentences))
    caption = "Questions that would be asked"
    if len(after) > _SHOWN:
        caption += f": the first {_SHOWN} of {len(after):,}"
    table = PreviewTable(caption, _HEADINGS, _list_questions(after.first(_SHOWN)))
    return SettingsPreview(tuple(sentences), (table,))


_HEADINGS = ("Line", "Rule", "Question", "Effect")


def _list_questions(questions: list[Question]) -> tuple[tuple[str, ...], ...]:
    names = line_names(question.line for question in questions if question.line is not None)
    return tuple(
        (names[question.line], question.title, question.sentence, plain_pounds(question.effect))
        for question in questions
        if question.line is not None
    )


def _count_questions(count: int) -> str:
    return "1 question" if count == 1 else f"{count:,} questions"


@settings_preview(PUBLICATION)
def preview_publication(report: ReportData, value: frozenset[str]) -> SettingsPreview:
    """List the work that is outstanding in a draft, and whether publication would wait for it."""
    if report.report is not None:
        return SettingsPreview(("The next month’s draft is the first that it holds for.",))
    settings = report.settings.with_value(PUBLICATION, value)
    now = review_outstanding(report, report.settings)
    after = {each.work.name: each.blocks for each in review_outstanding(report, settings)}
    if not now:
        return SettingsPreview(("Nothing is outstanding in this draft.",))
    rows = tuple(
        (each.work.text, _EFFECTS[each.blocks], _EFFECTS[after[each.work.name]]) for each in now
    )
    waits = sum(after.values())
    sentence = f"Publication would wait for {waits} of {len(now)} that are outstanding."
    table = PreviewTable("Outstanding work", ("Work", "Now", "After"), rows)
    return SettingsPreview((sentence,), (table,))


_EFFECTS = {True: "Publication waits", False: "Warning"}
