"""When something is done again and again: as cron reads it, and as systemd says the same."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.core import schedules
from sfactl.core.schedule_lines import crontab, service, timer
from sfactl.errors import UsageFault

MONDAY = schedules.parse("0 6 * * 1")


@pytest.mark.parametrize(
    ("said", "cron", "calendars"),
    [
        (schedules.daily("06:00"), "0 6 * * *", ["*-*-* 06:00:00"]),
        (schedules.weekly("mon", "6:05"), "5 6 * * 1", ["Mon *-*-* 06:05:00"]),
        (schedules.weekly("Sunday", "23:59"), "59 23 * * 0", ["Sun *-*-* 23:59:00"]),
        (schedules.monthly("1", "06:00"), "0 6 1 * *", ["*-*-01 06:00:00"]),
        (schedules.parse("@daily"), "0 0 * * *", ["*-*-* 00:00:00"]),
        (schedules.parse("*/20 6-8 * jan,7 *"), "*/20 6-8 * jan,7 *", ["*-01,07-* 06,07,08:00,20,40:00"]),
        (schedules.parse("0 6 * * 1-5"), "0 6 * * 1-5", ["Mon,Tue,Wed,Thu,Fri *-*-* 06:00:00"]),
        (schedules.parse("0 6 * * 7"), "0 6 * * 7", ["Sun *-*-* 06:00:00"]),
        (schedules.parse("0 6 1 * 1"), "0 6 1 * 1", ["*-*-01 06:00:00", "Mon *-*-* 06:00:00"]),
        (schedules.parse("0 6 29 2 *"), "0 6 29 2 *", ["*-02-29 06:00:00"]),
    ],
)
def test_a_schedule_is_said_to_cron_and_to_systemd(said: schedules.Schedule, cron: str, calendars: list[str]) -> None:
    assert (said.cron, said.calendars) == (cron, calendars)


@pytest.mark.parametrize(
    "text",
    [
        "", "0 6 * *", "0 6 * * 1 2", "60 6 * * *", "0 24 * * *", "0 6 0 * *", "0 6 32 * *", "0 6 * 13 *", "0 6 * * 8",
        "0 6 * * mo", "5/2 6 * * *", "*/0 6 * * *", "8-6 6 * * *", "0 6 31 2 *", "0 6 31 4,6 *", "@reboot", "0 6 * * *;rm",
        "-1 6 * * *", "0 6 * * 1,", "٣ 6 * * *", "0 6 L * *", "0\n6 * * * * *",
    ],
)  # fmt: skip
def test_what_cron_would_not_take_is_refused(text: str) -> None:
    with pytest.raises(UsageFault) as caught:
        schedules.parse(text)

    assert caught.value.message


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (schedules.daily, ["24:00"]), (schedules.daily, ["6"]), (schedules.weekly, ["someday", "06:00"]),
        (schedules.monthly, ["29", "06:00"]), (schedules.monthly, ["0", "06:00"]), (schedules.monthly, ["x", "06:00"]),
    ],
)  # fmt: skip
def test_a_day_or_time_that_is_none_is_refused(make: object, words: list[str]) -> None:
    with pytest.raises(UsageFault):
        make(*words)  # type: ignore[operator]


@given(st.lists(st.text("ab %$'\"\\;&|<>*?é", min_size=1, max_size=8), min_size=1, max_size=5))
def test_a_crontab_line_says_to_the_shell_what_was_said(words: list[str]) -> None:
    comment, line = crontab(MONDAY, ["/bin/x", *words], {"A": "b c"}, "does it\nevery week").splitlines()

    for_shell = line.removeprefix("0 6 * * 1  ").replace("\\%", "%")
    assert "%" not in line.replace("\\%", "")
    assert shlex.split(for_shell) == ["A=b c", "/bin/x", *words]
    assert comment == "# does it every week"


@pytest.mark.parametrize("word", ["a\nb", "a\rb", "\0", "a\x1b[31m"])
def test_a_line_end_cannot_stand_in_a_schedule(word: str) -> None:
    for make in (lambda: crontab(MONDAY, ["x", word], {}, ""), lambda: service(["x", word], {}, "")):
        with pytest.raises(UsageFault):
            make()


def test_units_of_systemd_say_the_same() -> None:
    made = service(["/opt/a b/sfactl", "100%", "$HOME", 'a"b\\c'], {"SFACTL_LOCALE": "es_ES"}, "50 % of it")

    assert 'ExecStart="/opt/a b/sfactl" "100%%" "$$HOME" "a\\"b\\\\c"\n' in made
    assert 'Environment="SFACTL_LOCALE=es_ES"\n' in made
    assert "Description=50 %% of it\n" in made
    assert "OnCalendar=Mon *-*-* 06:00:00\nPersistent=true\n" in timer(MONDAY, "x")
