"""A bundle put together at the customer's table: what is needed and what is chosen, with the price as it would be."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from sfactl import services
from sfactl.core import configuration, quote_words
from sfactl.core.quantities import parse_quantity
from sfactl.i18n import _
from sfactl.render import formats
from sfactl.tui import bundle_orders
from sfactl.tui.bundle_orders import Order, Priced
from sfactl.tui.cells import Cell, Tone, line
from sfactl.tui.desk import Desk
from sfactl.tui.forms import Answers, Field, Form, Kind
from sfactl.tui.keys import key_of
from sfactl.tui.screens.base import BaseScreen
from sfactl.tui.widgets.fact_sheet import FactSheet, Section, drawn
from sfactl.tui.widgets.fitting import GridColumn
from sfactl.tui.widgets.record_grid import GridRow, RecordGrid

if TYPE_CHECKING:
    from sfactl.db.session import Door
    from sfactl.services.configuring import AttributeRow
    from sfactl.services.configuring_options import OptionState, Picture

_PAUSE_S: Final = 0.15
"""Who goes on pressing keys is not kept up with; the last change is worked out."""
_SECONDS: Final = 5.0
"""So long a configuration is looked for while somebody waits."""
_ONE: Final = 1000


class ConfigureScreen(BaseScreen[tuple[str] | None], ModalScreen[tuple[str] | None]):
    """Gives back the code of the quote in a tuple; None when nothing was put on it."""

    DEFAULT_CLASSES = "in-full configure"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "app.help", _("Help"), id="configure.help", tooltip=_("All keys, and what the signs mean.")),
        Binding("escape", "cancel", _("Cancel"), id="configure.cancel", tooltip=_("Go back; nothing is put on the quote. What was chosen is dropped only when you press it twice.")),
        Binding("enter", "amount", _("How many"), id="configure.amount", tooltip=_("Say how much is needed, or how many of the option.")),
        Binding("plus,equals_sign", "more(1)", _("More"), id="configure.more", key_display="+−", tooltip=_("One more of it.")),
        Binding("minus", "more(-1)", _("Fewer"), show=False, id="configure.fewer", tooltip=_("One fewer of it.")),
        Binding("w", "wanted", _("With"), id="configure.with", tooltip=_("With this option, as many as it takes.")),
        Binding("x", "unwanted", _("Without"), id="configure.without", tooltip=_("Without this option.")),
        Binding("f,backspace,delete", "free", _("Free"), id="configure.free", tooltip=_("Leave it to the best configuration.")),
        Binding("d", "discount", _("Discount"), id="configure.discount", tooltip=_("Take something off all of the quote.")),
        Binding("s,ctrl+s", "accept", _("Accept"), id="configure.accept", tooltip=_("Put what is chosen on the quote.")),
    ]  # fmt: skip

    def __init__(self, desk: Desk, order: Order) -> None:
        super().__init__(desk)
        self._at_first = self._order = order
        self._is_leaving = False
        "Whether somebody wanted to leave, and something is chosen."
        self._picture: Picture | None = None
        self._priced: Priced | None = None

    def body(self) -> Iterable[Widget]:
        """What there is to choose, and below it what that comes to."""
        columns = (
            GridColumn(_("Part"), rank=2), GridColumn(_("What"), is_text=True), GridColumn(_("Asked"), is_right=True),
            GridColumn(_("There is"), is_right=True), GridColumn(_("Unit price"), is_right=True, rank=1),
            GridColumn(_("What is against it"), is_text=True, rank=3),
        )  # fmt: skip
        with Vertical(classes="dialog"):
            yield Static(id="configure-title")
            yield RecordGrid(columns, empty="", id="configure-options")
            yield Static(id="configure-about")
            yield FactSheet()

    def on_mount(self) -> None:
        """Paint first, ask then; the options have the keys."""
        super().on_mount()
        self.query_one(RecordGrid).focus()

    def changed(self) -> None:
        """What others do does not disturb who is choosing."""

    def reload(self) -> None:
        """Work it out."""
        self._work_out(self._order, after_s=0)

    def command(self) -> list[str]:
        """The same by command."""
        return self._order.command()

    def _work_out(self, order: Order, *, after_s: float = _PAUSE_S) -> None:
        self._is_leaving = False
        self._order, self._priced = order, None
        self.forget("price")
        self.ask(
            "options",
            lambda session: services.configuring_options.picture(session, order.bundle, order.wishes, seconds=_SECONDS),
            self._show, after_s=after_s,
        )  # fmt: skip

    def _show(self, picture: "Picture") -> None:
        self._picture = picture
        order, found, door = self._order, picture.found, self.desk.door
        self.query_one(RecordGrid).show(self._rows(picture))
        self._say_option()
        self._say_title(picture)
        self._say_price()
        if found is not None:
            self.try_out("price", lambda: bundle_orders.priced(door, order, found), self._show_price)

    def _show_price(self, priced: Priced) -> None:
        self._priced = priced
        self._say_price()

    def _say_title(self, picture: "Picture") -> None:
        target = self._order.target
        where = target.quote or _("a new quote for {opportunity}").format(opportunity=target.opportunity)
        self.query_one("#configure-title", Static).update(
            line(Cell(f"{picture.bundle} · {picture.name}", Tone.STRONG), " → ", where)
        )

    def _say_price(self) -> None:
        if self._picture is not None:
            self.query_one(FactSheet).show(sections(self._picture, self._priced, self.desk.locale))
            self._fit()

    def on_resize(self) -> None:
        """What it comes to is in sight, however low the terminal."""
        self._fit()

    def _fit(self) -> None:
        if self._picture is not None:
            grid = self.query_one(RecordGrid)
            below = len(drawn(sections(self._picture, self._priced, self.desk.locale), self.size.width - _FRAME))
            room = self.size.height - _FRAME - min(below, _MOST_BELOW)
            grid.styles.height = min(grid.count + 1, max(room, _LEAST_ROWS))

    @on(RecordGrid.Moved)
    def _say_option(self) -> None:
        """What is known of the row under the cursor, in full."""
        option, said = self._option, ""
        if option is not None:
            price = formats.format_unit_price(option.unit_price, self.desk.locale)
            said = " ".join(option.against) or _("{price} a piece").format(price=price)
        tone = Tone.WARNING if option is not None and not option.is_possible else Tone.FAINT
        self.query_one("#configure-about", Static).update(line(Cell(said, tone)))

    def _rows(self, picture: "Picture") -> list[GridRow]:
        rows = [_need_row(each, is_first=not n, locale=self.desk.locale) for n, each in enumerate(picture.attributes)]
        before = ""
        for each in picture.options:
            rows.append(_option_row(each, self._order, is_first=each.feature != before, locale=self.desk.locale))
            before = each.feature
        return rows

    @property
    def _attribute(self) -> "AttributeRow | None":
        key = self.query_one(RecordGrid).cursor_key
        rows = self._picture.attributes if self._picture else ()
        return next((each for each in rows if _need_key(each) == key), None)

    @property
    def _option(self) -> "OptionState | None":
        key = self.query_one(RecordGrid).cursor_key
        rows = self._picture.options if self._picture else ()
        return next((each for each in rows if _option_key(each) == key), None)

    def code_under_cursor(self) -> str:
        """The option, or the attribute that is needed."""
        attribute, option = self._attribute, self._option
        return attribute.attribute if attribute else option.product if option else ""

    def action_more(self, pieces: int) -> None:
        """One more, or one fewer when negative: of what is needed, or of the option."""
        attribute, option = self._attribute, self._option
        if attribute is not None:
            needed = self._order.needs.get(attribute.attribute, attribute.amount if pieces < 0 else 0)
            self._work_out(self._order.needing(attribute.attribute, needed + pieces * _ONE))
        elif option is not None:
            self._work_out(self._order.with_option(option.product, _beside(option, self._asked(option), pieces)))

    def _asked(self, option: "OptionState") -> int:
        asked = self._order.including.get(option.product)
        return option.quantity if asked is None else asked

    def action_wanted(self) -> None:
        """With the option under the cursor."""
        if self._option is not None:
            self._work_out(self._order.with_option(self._option.product, None))

    def action_unwanted(self) -> None:
        """Without it."""
        if self._option is not None:
            self._work_out(self._order.without(self._option.product))

    def action_free(self) -> None:
        """Nothing is said of what is under the cursor."""
        if self._attribute is not None:
            self._work_out(self._order.needing(self._attribute.attribute, 0))
        elif self._option is not None:
            self._work_out(self._order.free(self._option.product))

    @on(RecordGrid.Chosen)
    def action_amount(self) -> None:
        """Ask for a number."""
        attribute, option = self._attribute, self._option
        if attribute is not None:
            name, now = attribute.attribute, self._order.needs.get(attribute.attribute)
            self._ask_amount(_("{name}: at least").format(name=name), now, lambda n: self._order.needing(name, n))
        elif option is not None:
            code, now = option.product, self._asked(option)
            self._ask_amount(
                _("{name}: exactly").format(name=option.name), now, lambda n: self._order.with_option(code, n)
            )

    def _ask_amount(self, label: str, now: int | None, order: Callable[[int], Order]) -> None:
        shown = "" if now is None else configuration.shown(now)

        def act(_door: "Door", answers: Answers) -> Order:
            return order(parse_quantity(answers["amount"] or "0"))

        self._ask_for(Field("amount", label, shown, hint=_("0 takes it out"), kind=Kind.NUMBER), act)

    def action_discount(self) -> None:
        """Ask for a discount on all of it."""

        def act(_door: "Door", answers: Answers) -> Order:
            from dataclasses import replace

            if answers["discount"]:
                quote_words.share_bp(answers["discount"])
            return replace(self._order, discount=answers["discount"])

        field = Field("discount", _("Discount on all of it"), self._order.discount, kind=Kind.SHARE)
        self._ask_for(field, act)

    def _ask_for(self, field: Field, act: "Callable[[Door, Answers], Order]") -> None:
        form = Form(
            self._order.bundle, (field,), act, lambda _answers: [], lambda _order: "", verb=_("work it out")
        )  # fmt: skip
        self.open_form(form, self._answered)

    def _answered(self, result: tuple[Order] | None) -> None:
        if result is not None:
            self._work_out(result[0], after_s=0)

    def action_accept(self) -> None:
        """Put it on the quote."""
        found = self._picture.found if self._picture else None
        if self.is_doing("options"):
            self.notify(_("Wait: it is still being worked out."), markup=False)
        elif found is None:
            self.notify(_("Nothing meets what is asked; ask for less first."), severity="warning", markup=False)
        elif not self.is_doing("accept"):
            door, order = self.desk.door, self._order
            self.do("accept", lambda: door.write(bundle_orders.put, order, found), self._accepted)

    def _accepted(self, code: str) -> None:
        self.notify(_("{bundle} is on {quote} now.").format(bundle=self._order.bundle, quote=code), markup=False)
        self.dismiss((code,))

    def keeps_open(self) -> bool:
        """Ask once, where something is chosen."""
        is_asked = self._order != self._at_first and not self._is_leaving
        if is_asked:
            self._is_leaving = True
            told = _("! What you chose is on no quote yet: {accept} puts it there, {leave} again drops it.")
            keys = {"accept": key_of(self, "configure.accept"), "leave": key_of(self, "configure.cancel")}
            self.notify(told.format(**keys), severity="warning", markup=False)
        return is_asked

    def action_cancel(self) -> None:
        """Put nothing on it; what was chosen is dropped only by the second key."""
        if self.is_doing("accept"):
            self.notify(_("It is being written; wait until that is done."), severity="warning", markup=False)
        elif not self.keeps_open():
            self.dismiss(None)


_FRAME: Final = 7
"""Lines of the frame, the title, the row under the cursor, the border above the price, and the keys."""
_MOST_BELOW: Final = 8
_LEAST_ROWS: Final = 4


def _beside(option: "OptionState", quantity: int, pieces: int) -> int:
    """The next quantity that there may be; below the fewest there is none."""
    wanted = quantity + pieces * option.step
    if 0 < wanted < option.first:
        return option.first if pieces > 0 else 0
    return wanted


def _need_key(row: "AttributeRow") -> str:
    return f"need {row.attribute}"


def _option_key(row: "OptionState") -> str:
    return f"option {row.feature} {row.product}"


def _need_row(row: "AttributeRow", *, is_first: bool, locale: str) -> GridRow:
    needed = Cell("" if row.needed is None else f"≥ {formats.format_quantity(row.needed, locale)}", Tone.STRONG)
    there = Cell(formats.format_quantity(row.amount, locale), Tone.PLAIN if row.amount else Tone.FAINT)
    head = Cell(_("Needed") if is_first else "", Tone.FAINT)
    return GridRow(_need_key(row), (head, Cell(row.attribute), needed, there, Cell(), Cell()))


def _option_row(row: "OptionState", order: Order, *, is_first: bool, locale: str) -> GridRow:
    is_chosen = row.quantity > 0
    sign = "●" if is_chosen else "○" if row.is_possible else "✗"
    against = Cell(" ".join(row.against), Tone.FAINT if row.is_possible else Tone.WARNING)
    return GridRow(
        _option_key(row),
        (
            Cell(row.feature if is_first else "", Tone.FAINT),
            Cell(f"{sign} {row.name}", Tone.STRONG if is_chosen else Tone.PLAIN),
            Cell(_asked_of(row.product, order, locale), Tone.STRONG),
            Cell(formats.format_quantity(row.quantity, locale) if is_chosen else ""),
            Cell(formats.format_unit_price(row.unit_price, locale), Tone.FAINT), against,
        ),
    )  # fmt: skip


def _asked_of(product: str, order: Order, locale: str) -> str:
    if product in order.excluding:
        return _("none")
    if product not in order.including:
        return ""
    quantity = order.including[product]
    return _("some") if quantity is None else formats.format_quantity(quantity, locale)


def sections(picture: "Picture", priced: Priced | None, locale: str) -> Sequence[Section]:
    """What it comes to and who must agree; where nothing meets what is asked, why not."""
    from sfactl.tui.screens.quote import needs_of

    if picture.found is None:
        return [_refused(picture, locale)]
    listed = formats.format_money(picture.found.list_price, locale, with_currency=True)
    price = Cell(_price(priced, locale) if priced else "…", Tone.STRONG)
    facts = [(Cell(_("List price"), Tone.FAINT), Cell(listed)), (Cell(_("The quote"), Tone.FAINT), price)]
    if not picture.found.is_proven:
        facts.append((Cell("!", Tone.WARNING), Cell(_("A better configuration may exist."), Tone.WARNING)))
    if priced is None or not priced.needs:
        agreed = _("Nobody needs to agree to it as it is.") if priced else "…"
        facts.append((Cell(_("Must agree"), Tone.FAINT), Cell(agreed)))
        return [Section("", tuple(facts))]
    return [Section("", tuple(facts)), needs_of(priced.needs, locale, empty="")]


def _price(priced: Priced, locale: str) -> str:
    page = priced.page
    if page.amount == page.list_amount:
        return formats.format_money(page.amount, locale, with_currency=True)
    return _("{price} · {list_price} less {discount}").format(
        price=formats.format_money(page.amount, locale, with_currency=True),
        list_price=formats.format_money(page.list_amount, locale),
        discount=formats.format_discount(page.discount, locale),
    )


def _refused(picture: "Picture", locale: str) -> Section:
    refused = picture.refused
    rows = [(Cell("!", Tone.WARNING), Cell(each.message)) for each in (refused.reasons if refused else ())]
    for each in refused.needs if refused else ():
        if each.possible is not None and each.possible < each.needed:
            told = _("At most {amount} {attribute} are possible.").format(
                amount=formats.format_quantity(each.possible, locale), attribute=each.attribute
            )
            rows.append((Cell("→", Tone.FAINT), Cell(told, Tone.STRONG)))
    return Section(_("This cannot be had together"), tuple(rows))
