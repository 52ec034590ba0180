"""Status schemes on their page: sentences, the order of rules, and every fault beside its rule."""

from itertools import permutations

import pytest

from council_finance.registry import settings_tables
from monitoring.models import FinancialYear
from monitoring.settings.forms.typed import MOST_ADDED, MOST_ROWS, Typed
from monitoring.structure.council_settings import read_settings
from monitoring.structure.settings_words import rule_sentences
from savings.settings_tables import savings_scheme
from tests.monitoring.settings.pages import SettingsPage, page

CAMBRIDGESHIRE = [
    {"status": "Black", "delivered_percent_at_most": 0},
    {"status": "Blue", "shortfall_below": 0},
    {"status": "Red", "agreed_at_least": 500000, "shortfall_percent_above": 19},
    {"status": "Amber", "agreed_at_least": 500000, "shortfall_percent_at_least": 14},
    {"status": "Amber", "shortfall_percent_above": 19},
    {"status": "Green"},
]


def stored(start: int = 2018) -> dict:
    return FinancialYear.objects.get(start=start).settings["status_scheme"]


def rule(place: int, *conditions: tuple[str, str, str], **fields: str) -> dict[str, str]:
    """Typed texts of a rule: its fields, and measure, comparison and limit of its conditions."""
    texts = {f"savings-{place}-{name}": text for name, text in fields.items()}
    for number, (measure, comparison, limit) in enumerate(conditions):
        start = f"savings-{place}-when-{number}"
        texts |= {f"{start}-measure": measure, f"{start}-comparison": comparison}
        texts[f"{start}-limit"] = limit
    return texts


def test_rules_are_shown_as_sentences_in_order(cambridgeshire, lead):
    found = page(lead, "savings-statuses", 2018)
    for place, words in enumerate(
        (
            "Black when the forecast saving is at most 0% of the agreed saving.",
            "Blue when the shortfall is below £0.",
            "Red when the agreed saving is at least £500,000 and the shortfall is above 19%.",
            "Amber when the agreed saving is at least £500,000 and the shortfall is at least 14%.",
            "Amber when the shortfall is above 19%.",
            "Green always.",
        ),
        start=1,
    ):
        assert f"Rule {place} {words}" in found.words


@pytest.mark.parametrize(
    ("rules", "sentences"),
    [
        (
            [
                {"status": "Red", "shortfall_above": 100000},
                {"status": "Red", "shortfall_percent_above": 10},
                {"status": "Green"},
            ],
            ["Red when the shortfall is above £100,000 or above 10%.", "Green otherwise."],
        ),
        (
            [{"status": "Red", "shortfall_above": 0.5, "shortfall_percent_above": 2.25}],
            ["Red when the shortfall is above £0.50 and above 2.25%."],
        ),
        (
            [
                {"status": "Red", "shortfall_above": -5, "agreed_below": 1},
                {"status": "Red", "forecast_at_most": 0},
            ],
            [
                "Red when the shortfall is above -£5 and the agreed saving is below £1,"
                " or when the forecast saving is at most £0."
            ],
        ),
    ],
)
def test_two_rules_with_one_status_mean_or_and_two_conditions_and(rules, sentences):
    field = settings_tables()["savings-statuses"].fields[1]
    assert rule_sentences(field, rules) == sentences


def test_the_level_of_a_rule_is_said(somerset, lead):
    found = page(lead, "variance-statuses").press("add variance").press("add variance")
    found.press("add variance-0-when").press(
        **{
            "variance-0-status": "Red",
            "variance-0-level": "total",
            "variance-0-when-0-measure": "variance_percent",
            "variance-0-when-0-limit": "1.5%",
            "variance-1-status": "Green",
            "variance-1-level": "total",
        }
    )
    assert "Red, for the council’s total, when the variance is above 1.5%." in found.words
    assert "Green, for the council’s total, otherwise." in found.words
    found.press("store")
    assert stored(2019)["variance"] == [
        {"status": "Red", "level": "total", "variance_percent_above": 1.5},
        {"status": "Green", "level": "total"},
    ]
    assert stored(2019)["savings_declared"] == ["Red", "Green", "Blue"]


def test_rules_move_up_and_down_and_go_with_what_was_typed_kept(cambridgeshire, lead):
    found = page(lead, "savings-statuses", 2018)
    found.press("up savings 2", **{"savings-2-status": "Ruby"})
    assert [found.fields[f"savings-{place}-status"] for place in range(3)] == [
        "Black",
        "Ruby",
        "Blue",
    ]
    assert found.fields["savings-1-when-1-limit"] == "19"
    assert found.fields["savings-2-when-0-limit"] == "0"
    found.press("down savings 1").press("remove savings 4").press("remove savings-3-when 0")
    assert found.fields["savings-count"] == "5"
    assert found.fields["savings-3-when-count"] == "1"
    assert found.fields["savings-3-when-0-measure"] == "shortfall_percent"
    assert stored()["savings"] == CAMBRIDGESHIRE, "buttons store nothing"
    found.store()
    assert stored()["savings"] == [
        *CAMBRIDGESHIRE[:2],
        {**CAMBRIDGESHIRE[2], "status": "Ruby"},
        {"status": "Amber", "shortfall_percent_at_least": 14},
        CAMBRIDGESHIRE[5],
    ]


def test_a_scheme_of_rules_replaces_statuses_that_officers_give(somerset, lead):
    found = page(lead, "savings-statuses").press("add savings").press("add savings")
    found.press("add savings-0-when").press(
        **rule(0, ("shortfall", "above", "£100,000.125"), status="Red"), **rule(1, status="Green")
    )
    assert found.status == 422
    assert (
        "Give either “Statuses that officers give” or “Rules”, not both."
        in found.words.partition("Statuses of savings")[0]
    )
    found.store(savings_declared="")
    assert stored(2019) == {
        "savings": [{"status": "Red", "shortfall_above": 100000.125}, {"status": "Green"}]
    }
    scheme = savings_scheme(read_settings(FinancialYear.objects.get(start=2019).settings))
    assert [each.status for each in scheme.rules] == ["Red", "Green"]
    assert page(lead, "savings-statuses").fields["savings-0-when-0-limit"] == "100,000.125"


def beside_rule(found: SettingsPage, number: int) -> str:
    """The words of a rule on the page."""
    start = found.words.index(f"Rule {number} ", found.words.index(" Rules In order"))
    end = found.words.find(f"Rule {number + 1} ", start)
    return found.words[start:end] if end > 0 else found.words[start:]


@pytest.mark.parametrize(
    ("typed", "number", "sentence"),
    [
        (rule(3, ("shortfall", "above", "50%"), status="Red"), 4, "“50%” cannot be read"),
        (rule(2, status=""), 3, "Enter the status that this rule gives."),
        (rule(2, status="x" * 41), 3, "Shorten the text to 40 characters; it has 41."),
        (rule(4, status="Agreed"), 5, "Rule 5: the product has another use for the word “Agreed”."),
        (rule(4, status="amber"), 5, "Rule 5: “Amber” and “amber” are one status spelt two ways."),
        (
            rule(3, ("shortfall_percent", "above", "14"), ("shortfall_percent", "above", "2")),
            4,
            "This condition is there twice. Remove one of them.",
        ),
        (
            rule(2, ("agreed", "at_least", "0"), ("shortfall_percent", "above", "14")),
            5,
            "Rule 5: it is never reached; whatever it would give a status gets one from a rule "
            "before it, or its conditions cannot all hold.",
        ),
        (rule(1, ("", "above", "5")), 2, "Choose the figure that is compared with the limit."),
        (rule(1, ("shortfall", "beside", "5")), 2, "Choose how the figure is compared."),
        (rule(1, ("shortfall", "below", "1" * 13)), 2, "cannot be read"),
    ],
)
def test_every_fault_is_said_beside_its_rule(cambridgeshire, lead, typed, number, sentence):
    found = page(lead, "savings-statuses", 2018).press(**typed)
    assert found.status == 422
    assert sentence in beside_rule(found, number)
    assert sentence in found.words.partition("Rules In order")[0], "and in the summary"
    assert stored()["savings"] == CAMBRIDGESHIRE


def test_a_scheme_with_a_hole_is_refused_above_its_rules(cambridgeshire, lead):
    found = page(lead, "savings-statuses", 2018).press("remove savings 5").press()
    assert found.status == 422
    assert "No rule gives a saving of £" in found.words
    assert "Let the last rule stand without conditions" in found.words


def test_the_schemes_of_one_table_of_the_pack_are_kept_apart(cambridgeshire, lead):
    others = {"savings": CAMBRIDGESHIRE, "performance": stored()["performance"]}
    assert [rule["label"] for rule in others["performance"]] == [
        "Off target (Red)",
        "Within 10% (Amber)",
        "On target (Green)",
    ]
    found = page(lead, "variance-statuses", 2018).press("add variance")
    found.store(**{"variance-0-status": "Green"})
    assert stored() == others | {"variance": [{"status": "Green"}]}
    page(lead, "variance-statuses", 2018).press("remove variance 0").store()
    assert stored() == others


def test_a_status_prints_in_words_of_its_own_which_the_form_keeps(cambridgeshire, lead):
    before = stored()["performance"]
    found = page(lead, "performance-statuses", 2018)
    assert found.fields["performance-0-label"] == "Off target (Red)"
    found.store(**{"performance-0-label": "Off target", "performance-2-label": ""})
    assert stored()["performance"] == [
        {**before[0], "label": "Off target"},
        before[1],
        {"status": "Green"},
    ]


def test_conditions_are_read_in_one_order_whatever_the_order_of_keys():
    """PostgreSQL keeps keys by their length."""
    table = {"variance_above": 0.5, "budget_at_least": 5, "variance_at_least": 7}
    read = [read_settings({"commentary": dict(keys)}) for keys in permutations(table.items())]
    assert len({each.commentary for each in read}) == 1
    assert [each.measure for each in read[0].commentary] == ["budget", "variance", "variance"]


def test_buttons_that_a_form_does_not_have_change_nothing():
    typed = Typed({"a-count": "2", "a-0-x": "1", "a-1-x": "2"})
    for action in ("up a 0", "down a 1", "remove a 7", "up b 1", "remove a x", "add", "", "up a"):
        assert typed.act(action) == typed, action
    assert typed.act("up a 1").fields == {"a-count": "2", "a-0-x": "2", "a-1-x": "1"}
    assert typed.act("remove a 0").fields == {"a-count": "1", "a-0-x": "2"}
    assert Typed({"a-count": "999999"}).count("a") == 0
    full = Typed({"a-count": str(MOST_ADDED)})
    assert full.act("add a") == full
    assert Typed({"a-count": "9999"}).count("a") == MOST_ROWS


@pytest.mark.slow
def test_a_scheme_of_twelve_rules_with_two_conditions_each_is_checked(somerset, lead):
    """Every rule adds two lines to the plane; a fault among them is still found at its rule."""
    found = page(lead, "variance-statuses")
    for place in range(12):
        found.press("add variance")
        found.fields[f"variance-{place}-status"] = f"Band {place}"
        for number in range(2 if place < 11 else 0):
            found.press(f"add variance-{place}-when")
            measure = ("variance", "variance_percent")[number]
            limit = (1000 * (12 - place) + 1, 40 - 3 * place - 0.5)[number]
            found.fields[f"variance-{place}-when-{number}-measure"] = measure
            found.fields[f"variance-{place}-when-{number}-limit"] = str(limit)
    spoilt = {"variance-6-when-0-limit": "50,000", "variance-6-when-1-limit": "50"}
    sound = {name: found.fields[name] for name in spoilt}
    found.press(**spoilt)
    assert found.status == 422
    assert "Rule 7: it is never reached" in beside_rule(found, 7)
    found.store(**sound)
    assert len(stored(2019)["variance"]) == 12
