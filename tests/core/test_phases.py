"""Before, during and after a purchase order."""

from datetime import date, timedelta

import pytest

from sfactl.core.phases import BEFORE_DAYS, USUAL_DAYS, Booking, Bookings

ONE = Booking("O-1", date(2026, 3, 1), date(2026, 3, 20))
TWO = Booking("O-2", date(2026, 6, 1), date(2026, 6, 10))
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "phase"),
    [
        (date(2025, 11, 30), (None, None)),  # 91 days before the first
        (date(2025, 12, 1), ("before", "O-1")),
        (date(2026, 2, 28), ("before", "O-1")),
        (date(2026, 3, 1), ("during", "O-1")),
        (date(2026, 3, 20), ("during", "O-1")),
        (date(2026, 3, 21), ("after", "O-1")),
        (date(2026, 4, 25), ("after", "O-1")),  # 36 days after, 37 before
        (date(2026, 4, 26), ("before", "O-2")),  # 37 and 36
        (date(2026, 6, 5), ("during", "O-2")),
        (date(2030, 1, 1), ("after", "O-2")),
    ],
)
def test_a_day_is_told_by_the_nearest_order(day, phase):
    assert Bookings([TWO, ONE]).phase(day) == phase


def test_as_near_to_both_is_before_the_next():
    middle = Bookings([ONE, Booking("O-3", date(2026, 3, 30))])

    assert middle.phase(date(2026, 3, 25)) == ("before", "O-3")


def test_after_the_order_that_ended_last_whatever_was_booked_last():
    long = Booking("LONG", date(2026, 1, 1), date(2026, 5, 1))
    short = Booking("SHORT", date(2026, 2, 1), date(2026, 2, 10))

    assert Bookings([short, long]).phase(date(2026, 2, 5)) == ("during", "SHORT")
    assert Bookings([short, long]).phase(date(2026, 3, 1)) == ("during", "LONG")
    assert Bookings([short, long]).phase(date(2026, 5, 2)) == ("after", "LONG")


def test_an_order_that_nobody_says_is_done_ends_after_the_usual_days():
    order = Bookings([Booking("O-1", date(2026, 3, 1))])
    last = date(2026, 3, 1) + timedelta(days=USUAL_DAYS)

    assert order.phase(last) == ("during", "O-1")
    assert order.phase(last + DAY) == ("after", "O-1")


def test_an_order_done_before_it_was_booked_has_one_day():
    order = Bookings([Booking("O-1", date(2026, 3, 5), date(2026, 3, 1))])

    assert [order.phase(date(2026, 3, day))[0] for day in (4, 5, 6)] == ["before", "during", "after"]


def test_what_is_done_for_a_sale_is_before_the_order_it_became():
    orders = Bookings([ONE, TWO])
    during_one = date(2026, 3, 10)

    assert orders.phase_in_sale(during_one, date(2026, 6, 1), is_won=True) == ("before", "O-2")
    assert orders.phase_in_sale(during_one, date(2026, 6, 1), is_won=False) == ("before", None)
    assert orders.phase_in_sale(during_one, None, is_won=False) == ("before", None)
    assert orders.phase_in_sale(during_one, date(2026, 3, 9), is_won=True) == ("during", "O-1")


def test_a_sale_won_long_before_any_order_became_none():
    won_on = TWO.booked_on - timedelta(days=BEFORE_DAYS + 1)
    orders = Bookings([TWO])

    assert orders.phase_in_sale(won_on, won_on, is_won=True) == ("before", None)
    assert orders.phase_in_sale(won_on, won_on + DAY, is_won=True) == ("before", "O-2")


def test_without_orders_there_is_no_phase():
    assert Bookings([]).phase(date(2026, 1, 1)) == (None, None)


def test_every_day_has_the_phase_that_a_look_at_all_orders_gives():
    orders = [Booking(f"O-{n}", date(2026, 1, 1) + timedelta(days=17 * n % 211), None) for n in range(12)]
    orders += [Booking(f"P-{n}", o.booked_on, o.booked_on + timedelta(days=n * 7)) for n, o in enumerate(orders)]

    for number in range(400):
        day = date(2025, 10, 1) + timedelta(days=number)
        assert Bookings(orders).phase(day) == _by_looking(orders, day), day


def _by_looking(orders, day):
    def key(order):
        return order.booked_on, order.code

    running = [order for order in orders if order.booked_on <= day <= order.ends_on]
    if running:
        return "during", max(running, key=key).code
    past = [order for order in orders if order.ends_on < day]
    coming = [order for order in orders if day < order.booked_on <= day + timedelta(days=BEFORE_DAYS)]
    if coming:
        first = min(coming, key=key)
        if not past or first.booked_on - day <= day - max(order.ends_on for order in past):
            return "before", first.code
    return ("after", max(past, key=lambda order: (order.ends_on, *key(order))).code) if past else (None, None)
