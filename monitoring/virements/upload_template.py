"""The template of virements.csv: no rows, and the codes of the lines that budget moves between."""

from council_finance.uploads.template_files import CodeList, ListedCode, TemplateContent
from monitoring.structure.models import BudgetLine
from monitoring.uploading.template_place import TemplatePlace
from monitoring.virements.models import Virement


def virements_template(place: TemplatePlace) -> TemplateContent:
    """Return the lists of cost centres and accounts, and of virements that can be reversed."""
    lines = [
        line
        for line in BudgetLine.objects.filter(year=place.year)
        if place.holds(line.service_id) and (place.with_exempt or not line.exempt)
    ]
    lists = {
        f"{end}_{name}": _list_codes({getattr(line, name) for line in lines})
        for end in ("from", "to")
        for name in ("cost_centre", "account")
    }
    approved = Virement.objects.filter(year=place.year, approved_on__isnull=False)
    references = approved.order_by().values_list("reference", flat=True).distinct()
    return TemplateContent(lists={**lists, "reverses": _list_codes(set(references))})


def _list_codes(codes: set[str]) -> CodeList:
    return CodeList([ListedCode(code) for code in sorted(codes)])
