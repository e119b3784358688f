"""Every action of the screens is tried by a test that drives it by its key; one that is in no list fails here."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sfactl.services import approvals, moves, moving_along, plan_doing, quote_making
from sfactl.services.narrowing import AccountFilter
from sfactl.services.plan_making import Order
from sfactl.services.quote_making import Wanted, WantedLine
from tests import organisation
from tests.tui.seeing import Person, person_at
from tests.tui.test_frame import all_bindings
from tests.workspace import TestWorkspace, system_rows

TRIED = {
    "test_numbers_switch_between_the_screens_and_each_keeps_its_place": ("app.pipeline app.territories"),
    "test_nothing_outside_the_scope_is_in_any_screen_search_or_palette": (
        "app.opportunities app.accounts app.quotas app.activities app.inbox app.plans activities.mine activities.view inbox.view listing.filter"
    ),
    "test_t_goes_through_dark_light_and_high_contrast": ("app.theme"),
    "test_help_explains_every_key_of_the_screen_and_every_sign": ("app.help"),
    "test_the_palette_finds_what_keys_do": ("app.palette"),
    "test_q_ends_the_program": ("app.quit"),
    "test_y_copies_the_command_that_prints_the_same": ("screen.copy-command territories.period"),
    "test_a_row_and_its_code_are_copied_in_every_list": ("screen.copy-row screen.copy-code"),
    "test_a_list_is_written_to_a_file_in_the_forms_of_the_commands": ("screen.export"),
    "test_a_lost_database_is_told_with_its_remedy_and_r_tries_again": (
        "screen.refresh pipeline.stage-before pipeline.stage-after"
    ),
    "test_enter_shows_the_facts_of_the_row_under_the_cursor_and_escape_goes_back": ("pipeline.facts dialog.close"),
    "test_sums_of_two_currencies_stand_side_by_side_and_are_never_added": ("pipeline.view"),
    "test_a_card_goes_through_a_gate_that_is_met_on_the_way": (
        "pipeline.move-on board.down board.right board.first form.submit"
    ),
    "test_funnel_forecast_and_changes_since_a_day_are_one_key_away": ("pipeline.changes"),
    "test_f_counts_what_closes_any_time_this_quarter_or_next_quarter": ("pipeline.closing"),
    "test_d_hides_the_detail_and_shows_it_again": ("territories.detail"),
    "test_a_manager_drills_from_territory_to_accounts_and_people_and_compares": (
        "territories.accounts territories.people territories.mark territories.compare"
    ),
    "test_enter_lets_the_arrow_keys_scroll_the_detail_and_tab_goes_back": ("territories.into-detail"),
    "test_branches_close_and_open_by_keys": ("tree.open tree.close tree.toggle tree.open-all"),
    "test_an_activity_is_planned_and_done": ("opportunity.plan activities.done opportunities.open"),
    "test_a_quote_is_made_changed_submitted_and_approved": (
        "opportunity.new-quote quote.terms quote.submit inbox.approve"
    ),
    "test_needs_options_and_a_discount_change_price_and_who_must_agree_until_it_is_on_a_quote": (
        "opportunity.configure configure.amount configure.discount configure.accept opportunity.help quote.help configure.help"
    ),
    "test_an_option_that_is_ruled_out_says_why_and_what_cannot_be_had_together_is_told": (
        "configure.cancel configure.more configure.fewer configure.with configure.without configure.free"
    ),
    "test_a_bundle_on_a_quote_is_put_together_anew_in_its_place_and_a_conflict_loses_nothing": ("quote.configure"),
    "test_a_gate_that_is_not_met_keeps_the_card_and_what_was_typed": ("form.cancel"),
    "test_a_filter_is_kept_under_a_name_and_found_again": ("listing.keep-filter filter.clear"),
    "test_an_account_is_found_called_and_given_to_somebody_else_and_that_is_undone": (
        "accounts.log accounts.reassign plans.undo"
    ),
    "test_the_keys_of_a_list_go_where_they_say": (
        "list.up list.down list.page-up list.page-down list.first list.last list.left list.right listing.sort listing.detail filter.leave accounts.full accounts.mark accounts.compare accounts.history form.copy help.close"
    ),
    "test_the_keys_of_the_board_go_where_they_say": (
        "board.up board.left board.page-up board.page-down board.last pipeline.log pipeline.move-back"
    ),
    "test_the_keys_of_opportunities_quotas_activities_and_plans_do_what_they_say": (
        "opportunities.group opportunities.move opportunities.log stages.cancel stages.choose opportunity.move opportunity.log opportunity.edit quotas.period quotas.by quotas.sales activities.log activities.plan activities.open plans.open plans.cancel"
    ),
    "test_an_account_in_full_is_called_given_away_and_sold_to": (
        "account.help account.log account.plan account.opportunity account.new-opportunity account.reassign account.history"
    ),
    "test_groups_of_a_list_have_headings_with_count_and_sums_and_are_folded": (
        "opportunities.fold opportunities.fold-all"
    ),
    "test_the_keys_of_a_quote_do_what_they_say": (
        "opportunity.quote quote.close quote.edit-line quote.add quote.why quote.stock inbox.open inbox.why inbox.reject"
    ),
}
"""By the test that tries them, the ids of keys."""


def test_every_action_is_tried_by_a_test() -> None:
    ids = [each for names in TRIED.values() for each in names.split()]
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))

    assert sorted(ids) == sorted({binding.id for binding in all_bindings()})
    assert [name for name in TRIED if f"def {name}(" not in sources] == []


async def at(person: Person, *keys: str) -> str:
    """The row under the cursor after these keys."""
    await person.press(*keys)
    return person.line("▸").strip()


async def test_the_keys_of_a_list_go_where_they_say(sqlite_workspace: TestWorkspace) -> None:
    async with person_at(sqlite_workspace.door("ana"), 140, 40, opening="accounts") as person:
        first = await at(person)
        second, back = await at(person, "down"), await at(person, "up")
        last, top = await at(person, "end"), await at(person, "home")
        down, up = await at(person, "pagedown"), await at(person, "pageup")
        wide = await person.press("shift+right", "shift+left")
        by_name = await person.press("s")
        hidden = await person.press("d")
        shown = await person.press("d", "slash", "down", "home", "space", "down", "space")
        compared = await person.press("c")
        history = await person.press("escape", "h")
        full = await person.press("escape", "enter")
        await person.press("escape", "l", "ctrl+y")
        copied = person.app.clipboard
        helped = await person.press("escape", "question_mark")
        closed = await person.press("question_mark")

    assert first == back == top and second != first and last not in (first, second) and down == last and up == first
    assert first.split()[1] in wide and "by name" in by_name
    assert hidden != shown and "marked: A-" in shown
    assert compared != shown and history != full and first.split()[1] in full
    assert copied.startswith("sfactl activity log")
    assert "On this screen" in helped and "On this screen" not in closed


async def test_the_keys_of_the_board_go_where_they_say(sqlite_workspace: TestWorkspace) -> None:
    async with person_at(sqlite_workspace.door("sam"), 140, 45) as person:
        begun = await at(person, "right", "right")
        left = await at(person, "left")
        back = await at(person, "right")
        end, top = await at(person, "end", "pageup", "up"), await at(person, "pagedown", "home")
        logging = await person.press("l")
        moved = await person.press("escape", "less_than_sign")

    assert begun == back == top and left
    assert end and "Log an activity" in logging
    assert "is in " in moved or "cannot enter" in moved or "OPP-1" in moved


async def test_the_keys_of_opportunities_quotas_activities_and_plans_do_what_they_say(
    sqlite_workspace: TestWorkspace,
) -> None:
    later = organisation.TODAY + timedelta(days=30)
    request = moves.Request(AccountFilter(where="code = A-SW1"), "nora", None, False, moving_along.Along())
    plan_doing.carry_out(sqlite_workspace.door("mike"), Order("assignment move", moves.lines, request, later, "soon"))

    async with person_at(sqlite_workspace.door("mike"), 140, 40, opening="opportunities") as person:
        grouped = await person.press("g")
        stages = await person.press("greater_than_sign")
        left = await person.press("escape")
        logging = await person.press("l")
        await person.press("escape", "slash")
        await person.types("OPP-1")
        await person.press("enter", "enter", "greater_than_sign")
        moved = await person.press("enter")
        forms = [await person.press("l"), await person.press("escape", "e")]
        quarter = await person.press("escape", "escape", "5")
        seen = [quarter, await person.press("p"), await person.press("b"), await person.press("home", "enter")]
        await person.press("escape")
        await person.press("6", "m", "v", "v", "v", "v")
        activities = [await person.press(*keys) for keys in (("l",), ("escape", "p"), ("escape", "enter"))]
        file = await person.press("escape", "8", "o")
        dropping = await person.press("escape", "x")
        dropped = await person.press("ctrl+s")

    assert "grouped by stage" in grouped and "goes to" in stages and "goes to" not in left
    assert "Log an activity" in logging and "Log an activity" in forms[0] and "Change OPP-1" in forms[1]
    assert "OPP-1 is in negotiate now." in moved
    assert len(set(seen)) == 4
    assert "Log an activity" in activities[0] and "Planned for" in activities[1] and "Process" in activities[2]
    assert "Open a plan" in file and "Drop " in dropping and "is dropped." in dropped
    assert system_rows(sqlite_workspace, "SELECT status FROM run WHERE kind = 'plan'") == [("cancelled",)]


async def test_the_keys_of_a_quote_do_what_they_say(sqlite_workspace: TestWorkspace) -> None:
    line = WantedLine("P-1", 3000)
    code = sqlite_workspace.door("sam").write(quote_making.new, Wanted("OPP-1", [line], header_bp=3000))

    async with person_at(sqlite_workspace.door("sam"), 140, 40, opening="opportunities") as person:
        await person.press("slash")
        await person.types("OPP-1")
        opened = await person.press("enter", "enter", "o")
        changing = await person.press("e")
        adding = await person.press("escape", "a")
        why = await person.press("escape", "w")
        stock = await person.press("escape", "k")
        closed = await person.press("escape", "escape")
    sqlite_workspace.door("sam").write(approvals.submit, code)
    async with person_at(sqlite_workspace.door("mike"), 140, 40, opening="inbox") as person:
        page = await person.press("enter")
        reasons = await person.press("escape", "w")
        await person.press("escape", "x")
        await person.types("too cheap")
        rejected = await person.press("ctrl+s")

    assert code in opened and f"Line 1 of {code}" in changing and f"Add to {code}" in adding
    assert f"How the prices of {code}" in why and f"Availability for {code}" in stock and "Process" in closed
    assert code in page and f"How the prices of {code}" in reasons
    assert f"{code} is rejected." in rejected
    assert system_rows(sqlite_workspace, "SELECT comment FROM approval WHERE status = 'rejected'") == [("too cheap",)]
