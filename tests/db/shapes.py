"""Ways to ask for the same rows: each is run in scope and on a copy that holds only what may be seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import exists, func, literal_column, select, text, union_all
from sqlalchemy.orm import Session, aliased

from sfactl.models import tables as t
from tests.db.company import TABLES
from tests.db.objects import Account, Contact, Credit, Opportunity, OpportunitySplit, Order, OrderLine, Territory

Shape = Callable[[Session], Any]
SHAPES: dict[str, Shape] = {}


def shape(function: Shape) -> Shape:
    SHAPES[function.__name__.replace("_", " ")] = function
    return function


def _names(found: Any) -> list[Any]:
    return [(row.id, row.name) for row in found]


# objects


@shape
def objects(s: Session) -> Any:
    return _names(s.scalars(select(Account)))


@shape
def objects_by_alias(s: Session) -> Any:
    other = aliased(Account)
    return _names(s.scalars(select(other).where(other.id > 0)))


@shape
def objects_from_a_subquery(s: Session) -> Any:
    return _names(s.scalars(select(aliased(Account, select(Account).subquery()))))


@shape
def objects_from_text(s: Session) -> Any:
    return _names(s.scalars(select(Account).from_statement(text("SELECT * FROM account"))))


@shape
def objects_from_a_union(s: Session) -> Any:
    both = union_all(select(t.account), select(t.account))
    return _names(s.scalars(select(Account).from_statement(both)))


@shape
def objects_by_the_old_query(s: Session) -> Any:
    return _names(s.query(Account).all())


@shape
def rows_by_the_old_query(s: Session) -> Any:
    return [(row.id, row.name) for row in s.query(t.account).all()]


@shape
def an_object_by_each_key(s: Session) -> Any:
    return [(key, s.get(Account, key) is not None) for key in range(12)]


@shape
def an_object_by_each_key_again(s: Session) -> Any:
    kept = list(s.scalars(select(Order)))  # held, so that the session knows them
    return [(key, s.get(Order, key) is not None) for key in range(12)], len(kept)


@shape
def objects_refreshed(s: Session) -> Any:
    found = list(s.scalars(select(Opportunity)))
    for one in found:
        s.expire(one)
        s.refresh(one)
    return _names(found)


@shape
def objects_expired_and_read_again(s: Session) -> Any:
    found = list(s.scalars(select(Contact)))
    s.expire_all()
    return _names(found)


@shape
def objects_populated_again(s: Session) -> Any:
    list(s.scalars(select(Account)))
    return _names(s.scalars(select(Account).execution_options(populate_existing=True)))


@shape
def objects_in_parts(s: Session) -> Any:
    return _names(s.scalars(select(Account).execution_options(yield_per=2)))


@shape
def objects_of_two_classes(s: Session) -> Any:
    pairs = s.execute(select(Opportunity, Account).join(Account, Account.id == Opportunity.account_id))
    return [(one.code, other.code) for one, other in pairs]


# columns


@shape
def columns_of_a_class(s: Session) -> Any:
    return s.execute(select(Account.name)).all()


@shape
def columns_of_a_table(s: Session) -> Any:
    return s.execute(select(t.account.c.name)).all()


@shape
def a_whole_table(s: Session) -> Any:
    return s.execute(select(t.order)).all()


@shape
def a_table_by_alias(s: Session) -> Any:
    other = t.account.alias("other")
    return s.execute(select(other.c.name)).all()


@shape
def a_class_joined_to_a_table(s: Session) -> Any:
    return s.execute(select(Opportunity.code, t.account.c.name).join_from(Opportunity, t.account)).all()


@shape
def lines_of_orders(s: Session) -> Any:
    return s.execute(
        select(Order.code, OrderLine.line, OrderLine.amount_minor).join(OrderLine, OrderLine.order_id == Order.id)
    ).all()


@shape
def lines_without_their_orders(s: Session) -> Any:
    return s.execute(select(OrderLine.order_id, OrderLine.line)).all()


@shape
def accounts_and_what_may_hang_on_them(s: Session) -> Any:
    return s.execute(
        select(Account.code, Contact.name, Order.code)
        .outerjoin(Contact, Contact.account_id == Account.id)
        .outerjoin(Order, Order.account_id == Account.id)
    ).all()


@shape
def everything_with_everything(s: Session) -> Any:
    return s.execute(text("SELECT a.id, o.id, t.id FROM account AS a, sales_order AS o, territory AS t")).all()


# sums


@shape
def a_sum(s: Session) -> Any:
    return s.execute(select(func.sum(Order.amount_minor), func.count(Order.id), func.max(Order.booked_on))).all()


@shape
def a_count_of_nothing_named(s: Session) -> Any:
    return s.execute(select(func.count()).select_from(Account)).all()


@shape
def counts_of_every_table(s: Session) -> Any:
    return [s.execute(text(f"SELECT count(*) FROM {table}")).scalar() for table in TABLES]


@shape
def a_number_for_every_row_of_every_table(s: Session) -> Any:
    return [len(s.execute(text(f"SELECT 1 FROM {table}")).all()) for table in TABLES]


@shape
def whether_every_table_has_rows(s: Session) -> Any:
    return [bool(s.execute(text(f"SELECT EXISTS (SELECT 1 FROM {table})")).scalar()) for table in TABLES]


@shape
def a_table_that_is_joined_and_not_read(s: Session) -> Any:
    statement = "SELECT count(*) FROM product AS p, {table} AS r"
    return [s.execute(text(statement.format(table=table))).scalar() for table in TABLES]


@shape
def sums_by_territory(s: Session) -> Any:
    return s.execute(
        select(Territory.code, func.count(Account.id), func.sum(Account.annual_revenue_minor))
        .outerjoin(Account, Account.territory_id == Territory.id)
        .group_by(Territory.code)
        .having(func.count(Account.id) >= 0)
    ).all()


@shape
def shares_of_a_total(s: Session) -> Any:
    total = func.sum(Credit.amount_minor).over()
    return s.execute(select(Credit.id, Credit.amount_minor, total)).all()


@shape
def ranks(s: Session) -> Any:
    return s.execute(select(Order.code, func.rank().over(order_by=(Order.amount_minor, Order.id)))).all()


@shape
def running_totals(s: Session) -> Any:
    window = func.sum(Order.amount_minor).over(partition_by=Order.credited_territory_id, order_by=Order.id)
    return s.execute(select(Order.code, window)).all()


@shape
def a_filtered_sum(s: Session) -> Any:
    return s.execute(
        select(func.sum(Order.amount_minor).filter(Order.channel == "direct"), func.count(Order.channel.distinct()))
    ).all()


# subqueries


@shape
def a_scalar_subquery(s: Session) -> Any:
    largest = select(func.max(Order.amount_minor)).scalar_subquery()
    return s.execute(select(Territory.code, largest)).all()


@shape
def a_subquery_in_text(s: Session) -> Any:
    return s.execute(select(t.product.c.code, literal_column("(SELECT max(amount_minor) FROM sales_order)"))).all()


@shape
def a_correlated_count(s: Session) -> Any:
    number = select(func.count()).where(Order.account_id == Account.id).correlate(Account).scalar_subquery()
    return s.execute(select(Account.code, number)).all()


@shape
def where_something_exists(s: Session) -> Any:
    return s.execute(select(Territory.id).where(exists().where(Account.territory_id == Territory.id))).all()


@shape
def where_something_exists_in_a_table(s: Session) -> Any:
    return s.execute(select(t.user.c.login).where(exists().where(t.account.c.owner_id == t.user.c.id))).all()


@shape
def people_with_orders_above(s: Session) -> Any:
    known = select(Order.credited_id).where(Order.amount_minor > 50000)
    return s.execute(select(t.user.c.login).where(t.user.c.id.in_(known))).all()


@shape
def people_without_orders(s: Session) -> Any:
    known = select(Order.credited_id).where(Order.credited_id.is_not(None))
    return s.execute(select(t.user.c.login).where(t.user.c.id.not_in(known))).all()


@shape
def a_common_table(s: Session) -> Any:
    rows = select(Account.name, Account.territory_id).cte("rows")
    return s.execute(select(rows.c.name)).all()


@shape
def a_common_table_named_like_a_guarded_one(s: Session) -> Any:
    return s.execute(text("WITH account AS (SELECT code AS name FROM sales_order) SELECT name FROM account")).all()


@shape
def a_tree_walked(s: Session) -> Any:
    return s.execute(
        text(
            "WITH RECURSIVE up (id, parent_id, n) AS (SELECT id, parent_id, 0 FROM territory UNION ALL"
            " SELECT t.id, t.parent_id, n + 1 FROM territory AS t JOIN up ON t.id = up.parent_id) SELECT * FROM up"
        )
    ).all()


@shape
def a_union(s: Session) -> Any:
    return s.execute(union_all(select(Account.name), select(Contact.name), select(t.account.c.code))).all()


@shape
def what_is_in_one_and_not_in_the_other(s: Session) -> Any:
    return s.execute(text("SELECT id FROM account EXCEPT SELECT account_id FROM sales_order")).all()


@shape
def what_is_in_both(s: Session) -> Any:
    return s.execute(text("SELECT id FROM account INTERSECT SELECT account_id FROM opportunity")).all()


# raw


@shape
def text_alone(s: Session) -> Any:
    return s.execute(text("SELECT name FROM account")).all()


@shape
def text_with_comments_and_quotes(s: Session) -> Any:
    return s.execute(text('SELECT "a"."name" /* , ; -- */ FROM "account" AS "a" -- the end')).all()


@shape
def text_in_a_sorted_page(s: Session) -> Any:
    return s.execute(
        text("SELECT name FROM account ORDER BY coalesce(annual_revenue_minor, 0), id LIMIT 3 OFFSET 1")
    ).all()


@shape
def the_connection_of_the_session(s: Session) -> Any:
    return s.connection().execute(select(t.account.c.name)).all()


@shape
def the_driver(s: Session) -> Any:
    return s.connection().exec_driver_sql("SELECT name FROM account").all()


@shape
def a_cursor_of_the_driver(s: Session) -> Any:
    raw: Any = s.connection().connection.dbapi_connection
    cursor = raw.cursor()
    try:
        cursor.execute("SELECT name FROM account")
        return cursor.fetchall()
    finally:
        cursor.close()


@shape
def a_forgotten_child(s: Session) -> Any:
    return s.execute(select(OpportunitySplit.opportunity_id, OpportunitySplit.share_bp)).all()
