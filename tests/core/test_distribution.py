"""Who gets an account, without a database."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sfactl.core.distribution import Pool, Seller
from sfactl.core.workload import hours_e3, load

ABOVE = {1: 3, 2: 3, 3: None}
CODES = {1: "SW", 2: "NW", 3: "WEST"}


def seller(
    key: int, login: str, *, hours: int = 100, most: int | None = None, work: int = 0, last: int = 0, **skills: int
) -> Seller:
    return Seller(key, login, skills, most, hours, work_e3=work, last_on=last)


def pool(*sellers: Seller, at: dict[int, list[int]] | None = None) -> Pool:
    return Pool(sellers, at or {1: [each.key for each in sellers]}, ABOVE, CODES)


def test_twelve_calls_of_an_hour_half_an_hour_away_are_eighteen_hours() -> None:
    assert hours_e3(12, Decimal("0.5"), Decimal(1)) == 18_000
    assert load(18_000, 1600) == Decimal(18) / 1600


def test_the_least_loaded_for_his_hours_goes_first() -> None:
    people = pool(seller(1, "ana", hours=100, work=20_000), seller(2, "bo", hours=50, work=11_000))

    assert [people.place(1, {}, 3000).login for _ in range(4)] == ["ana", "bo", "ana", "ana"]


def test_of_equals_who_has_waited_longest_and_then_the_first_by_login() -> None:
    people = pool(seller(1, "cy", last=20), seller(2, "bo", last=10), seller(3, "al", last=10))

    assert [people.place(1, {}, 1000, on=30).login for _ in range(4)] == ["al", "bo", "cy", "al"]


def test_the_territory_itself_goes_before_those_above_it() -> None:
    near, far = seller(1, "near", work=90_000, es=2), seller(2, "far", es=3)
    people = pool(near, far, at={1: [1], 3: [2]})

    assert people.place(1, {"es": 1}, 1000).login == "near"
    assert people.place(1, {"es": 3}, 1000).login == "far"
    assert people.place(2, {}, 1000).login == "far"
    assert people.serves(2, 1) and not people.serves(1, 2)


def test_the_missing_skill_is_named() -> None:
    people = pool(seller(1, "ana", es=2), seller(2, "bo", labs=5))

    assert people.place(1, {"es": 3}, 0).reason == "nobody in SW or above it knows es at 3"
    assert people.place(1, {"es": 2, "labs": 1}, 0).reason == "nobody in SW or above it knows es at 2 and labs at 1"
    assert people.place(2, {}, 0).reason == "nobody who may get it works in NW or above it"


def test_nobody_goes_over_his_hours_or_his_accounts() -> None:
    people = pool(seller(1, "ana", hours=10), seller(2, "bo", most=1))

    assert [people.place(1, {}, 6000).login for _ in range(3)] == ["ana", "bo", None]
    assert people.place(1, {}, 6000).reason == "everybody in SW or above it who could take it is at capacity"


def test_what_somebody_gives_away_makes_room() -> None:
    people = pool(seller(1, "ana", hours=10))
    assert people.place(1, {}, 10_000).login == "ana"

    people.moved(1, None, 10_000)

    assert people.place(1, {}, 10_000).login == "ana"


people = st.lists(
    st.tuples(st.integers(0, 60), st.none() | st.integers(0, 4), st.integers(0, 40), st.integers(0, 3), st.integers(1, 3)),
    min_size=1, max_size=5,
)  # fmt: skip
asked = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 3), st.integers(0, 20)), max_size=25)


@given(people, asked)
def test_a_choice_is_the_same_again_has_the_skill_and_stays_within_capacity(
    people: list[tuple[int, int | None, int, int, int]], asked: list[tuple[int, int, int]]
) -> None:
    def run() -> tuple[list[str | None], list[Seller]]:
        made = [
            seller(n, f"u{n}", hours=hours, most=most, work=min(work, hours) * 1000, es=level)
            for n, (hours, most, work, level, _place) in enumerate(people, 1)
        ]
        at: dict[int, list[int]] = {}
        for n, (*_other, place) in enumerate(people, 1):
            at.setdefault(place, []).append(n)
        found = pool(*made, at=at)
        return [
            found.place(place, {"es": level} if level else {}, work * 1000).login for place, level, work in asked
        ], made

    first, sellers = run()

    assert run()[0] == first
    by_login = {each.login: each for each in sellers}
    for login, (_place, level, _work) in zip(first, asked, strict=True):
        assert login is None or by_login[login].skills["es"] >= level
    for each in sellers:
        assert each.work_e3 <= each.capacity_hours * 1000
        assert each.capacity_accounts is None or each.accounts <= each.capacity_accounts
