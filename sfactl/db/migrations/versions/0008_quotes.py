"""Prices beyond the price books, and quotes."""

import sqlalchemy as sa
from alembic import op

from sfactl.models import types

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    _make_rules()
    _make_quotes()
    _make_lines()
    for statement in _TRIGGERS if op.get_bind().dialect.name == "sqlite" else ():
        op.execute(statement)


def _make_rules() -> None:
    op.create_table(
        "price_rule",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("external_id", types.Words, nullable=True),
        sa.Column("created_at", types.Stamp(timezone=True), nullable=False),
        sa.Column("updated_at", types.Stamp(timezone=True), nullable=False),
        sa.Column("version", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("name", types.Words, nullable=False),
        sa.Column("step", types.Words, nullable=False),
        sa.Column("segment", types.Words, nullable=True),
        sa.Column("territory_id", types.Whole, nullable=True),
        sa.Column("product_id", types.Whole, nullable=True),
        sa.Column("family", types.Words, nullable=True),
        sa.Column("min_quantity_milli", types.Whole, nullable=False),
        sa.Column("max_quantity_milli", types.Whole, nullable=True),
        sa.Column("currency", types.Words, nullable=True),
        sa.Column("method", types.Words, nullable=False),
        sa.Column("value_e4", types.Whole, nullable=True),
        sa.Column("discount_bp", types.Whole, nullable=True),
        sa.Column("overage_e4", types.Whole, nullable=True),
        sa.Column("valid_from", types.Day(), nullable=False),
        sa.Column("valid_to", types.Day(), nullable=True),
        sa.Column("origin", types.Words, nullable=False),
        sa.CheckConstraint("(step = 'list') = (method = 'block')", name=op.f("ck_price_rule_block")),
        sa.CheckConstraint("segment IS NULL OR territory_id IS NULL", name=op.f("ck_price_rule_whom")),
        sa.CheckConstraint(
            "CASE method WHEN 'percent' THEN discount_bp IS NOT NULL AND value_e4 IS NULL WHEN 'price' THEN value_e4 IS NOT NULL AND discount_bp IS NULL WHEN 'amount' THEN value_e4 IS NOT NULL AND discount_bp IS NULL ELSE value_e4 IS NULL AND discount_bp IS NULL END",
            name=op.f("ck_price_rule_value"),
        ),
        sa.CheckConstraint("max_quantity_milli > min_quantity_milli", name=op.f("ck_price_rule_quantity")),
        sa.CheckConstraint(
            "step IN ('list', 'contract', 'schedule', 'promotion', 'floor')", name=op.f("ck_price_rule_step")
        ),
        sa.CheckConstraint("(step = 'schedule') = (method IN ('range', 'slab'))", name=op.f("ck_price_rule_schedule")),
        sa.CheckConstraint("discount_bp BETWEEN 0 AND 10000", name=op.f("ck_price_rule_discount")),
        sa.CheckConstraint("origin IN ('policy', 'import')", name=op.f("ck_price_rule_origin")),
        sa.CheckConstraint("product_id IS NULL OR family IS NULL", name=op.f("ck_price_rule_about")),
        sa.CheckConstraint("value_e4 >= 0", name=op.f("ck_price_rule_price")),
        sa.CheckConstraint(
            "currency IS NOT NULL OR method IN ('percent', 'range', 'slab')", name=op.f("ck_price_rule_currency")
        ),
        sa.CheckConstraint(
            "method IN ('price', 'percent', 'amount', 'range', 'slab', 'block')", name=op.f("ck_price_rule_method")
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_price_rule_dates")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_price_rule_territory_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_price_rule_product_id")),
        sa.UniqueConstraint("external_id", name=op.f("uq_price_rule_external_id")),
        sa.UniqueConstraint("code", name=op.f("uq_price_rule_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_rule")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_price_rule_product_id"), "price_rule", ["product_id"], unique=False)
    op.create_index(op.f("ix_price_rule_territory_id"), "price_rule", ["territory_id"], unique=False)
    op.create_table(
        "price_tier",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("rule_id", types.Whole, nullable=False),
        sa.Column("from_milli", types.Whole, nullable=False),
        sa.Column("price_e4", types.Whole, nullable=True),
        sa.Column("discount_bp", types.Whole, nullable=True),
        sa.CheckConstraint("price_e4 >= 0", name=op.f("ck_price_tier_price")),
        sa.CheckConstraint("from_milli >= 0", name=op.f("ck_price_tier_quantity")),
        sa.CheckConstraint("discount_bp BETWEEN 0 AND 10000", name=op.f("ck_price_tier_discount")),
        sa.CheckConstraint("(price_e4 IS NULL) <> (discount_bp IS NULL)", name=op.f("ck_price_tier_value")),
        sa.ForeignKeyConstraint(["rule_id"], ["price_rule.id"], name=op.f("fk_price_tier_rule_id")),
        sa.UniqueConstraint("rule_id", "from_milli", name=op.f("uq_price_tier_rule_id_from_milli")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_tier")),
        sqlite_strict=True,
    )
    op.create_table(
        "contract_price",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("external_id", types.Words, nullable=True),
        sa.Column("created_at", types.Stamp(timezone=True), nullable=False),
        sa.Column("updated_at", types.Stamp(timezone=True), nullable=False),
        sa.Column("version", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("account_id", types.Whole, nullable=False),
        sa.Column("kind", types.Words, nullable=False),
        sa.Column("product_id", types.Whole, nullable=True),
        sa.Column("family", types.Words, nullable=True),
        sa.Column("min_quantity_milli", types.Whole, nullable=False),
        sa.Column("currency", types.Words, nullable=True),
        sa.Column("method", types.Words, nullable=False),
        sa.Column("value_e4", types.Whole, nullable=True),
        sa.Column("discount_bp", types.Whole, nullable=True),
        sa.Column("valid_from", types.Day(), nullable=False),
        sa.Column("valid_to", types.Day(), nullable=True),
        sa.CheckConstraint("kind IN ('contract', 'customer')", name=op.f("ck_contract_price_kind")),
        sa.CheckConstraint(
            "CASE method WHEN 'percent' THEN discount_bp IS NOT NULL AND value_e4 IS NULL WHEN 'price' THEN value_e4 IS NOT NULL AND discount_bp IS NULL WHEN 'amount' THEN value_e4 IS NOT NULL AND discount_bp IS NULL ELSE value_e4 IS NULL AND discount_bp IS NULL END",
            name=op.f("ck_contract_price_value"),
        ),
        sa.CheckConstraint("discount_bp BETWEEN 0 AND 10000", name=op.f("ck_contract_price_discount")),
        sa.CheckConstraint("currency IS NOT NULL OR method = 'percent'", name=op.f("ck_contract_price_currency")),
        sa.CheckConstraint("value_e4 >= 0", name=op.f("ck_contract_price_price")),
        sa.CheckConstraint("method IN ('price', 'percent', 'amount')", name=op.f("ck_contract_price_method")),
        sa.CheckConstraint("product_id IS NULL OR family IS NULL", name=op.f("ck_contract_price_about")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_contract_price_dates")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_contract_price_product_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_contract_price_account_id")),
        sa.UniqueConstraint("code", name=op.f("uq_contract_price_code")),
        sa.UniqueConstraint("external_id", name=op.f("uq_contract_price_external_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_price")),
        sqlite_strict=True,
    )
    op.create_index("ix_contract_price_account_id", "contract_price", ["account_id", "product_id"], unique=False)
    op.create_index(op.f("ix_contract_price_product_id"), "contract_price", ["product_id"], unique=False)
    op.create_table(
        "exchange_rate",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("from_currency", types.Words, nullable=False),
        sa.Column("to_currency", types.Words, nullable=False),
        sa.Column("rated_on", types.Day(), nullable=False),
        sa.Column("rate_e9", types.Whole, nullable=False),
        sa.CheckConstraint("from_currency <> to_currency", name=op.f("ck_exchange_rate_currencies")),
        sa.CheckConstraint("rate_e9 > 0", name=op.f("ck_exchange_rate_rate")),
        sa.UniqueConstraint(
            "from_currency", "to_currency", "rated_on", name=op.f("uq_exchange_rate_from_currency_to_currency_rated_on")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rate")),
        sqlite_strict=True,
    )


def _make_quotes() -> None:
    op.create_table(
        "quote",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("external_id", types.Words, nullable=True),
        sa.Column("created_at", types.Stamp(timezone=True), nullable=False),
        sa.Column("updated_at", types.Stamp(timezone=True), nullable=False),
        sa.Column("version", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("revision", types.Whole, nullable=False),
        sa.Column("of_id", types.Whole, nullable=True),
        sa.Column("name", types.Words, nullable=False),
        sa.Column("opportunity_id", types.Whole, nullable=False),
        sa.Column("primary_of_id", types.Whole, nullable=True),
        sa.Column("account_id", types.Whole, nullable=False),
        sa.Column("account_name", types.Words, nullable=False),
        sa.Column("territory_id", types.Whole, nullable=False),
        sa.Column("owner_id", types.Whole, nullable=True),
        sa.Column("credited_territory_id", types.Whole, nullable=False),
        sa.Column("credited_id", types.Whole, nullable=True),
        sa.Column("contact_id", types.Whole, nullable=True),
        sa.Column("author_id", types.Whole, nullable=False),
        sa.Column("currency", types.Words, nullable=False),
        sa.Column("status", types.Words, nullable=False),
        sa.Column("price_book", types.Words, nullable=False),
        sa.Column("step_order", types.Words, nullable=False),
        sa.Column("priced_on", types.Day(), nullable=False),
        sa.Column("valid_until", types.Day(), nullable=False),
        sa.Column("locale", types.Words, nullable=False),
        sa.Column("payment_days", types.Whole, nullable=False),
        sa.Column("terms", types.Words, nullable=True),
        sa.Column("header_bp", types.Whole, nullable=True),
        sa.Column("list_minor", types.Whole, nullable=False),
        sa.Column("lines_minor", types.Whole, nullable=False),
        sa.Column("header_minor", types.Whole, nullable=False),
        sa.Column("net_minor", types.Whole, nullable=False),
        sa.Column("discount_bp", types.Whole, nullable=False),
        sa.Column("digest", types.Words, nullable=True),
        sa.Column("changed_by_id", types.Whole, nullable=True),
        sa.Column("sent_at", types.Stamp(timezone=True), nullable=True),
        sa.Column("closed_on", types.Day(), nullable=True),
        sa.Column("closing_reason", types.Words, nullable=True),
        sa.Column("order_id", types.Whole, nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'approved', 'rejected', 'recalled', 'expired', 'stale', 'sent', 'accepted', 'declined')",
            name=op.f("ck_quote_status"),
        ),
        sa.CheckConstraint("valid_until > priced_on", name=op.f("ck_quote_dates")),
        sa.CheckConstraint("header_bp IS NULL OR header_bp BETWEEN 0 AND 10000", name=op.f("ck_quote_header")),
        sa.CheckConstraint("list_minor >= 0 AND lines_minor >= 0 AND net_minor >= 0", name=op.f("ck_quote_sums")),
        sa.CheckConstraint("(of_id IS NULL) = (revision = 1)", name=op.f("ck_quote_revision")),
        sa.CheckConstraint("payment_days >= 0", name=op.f("ck_quote_payment")),
        sa.CheckConstraint("primary_of_id = opportunity_id", name=op.f("ck_quote_primary")),
        sa.CheckConstraint("lines_minor - header_minor = net_minor AND header_minor >= 0", name=op.f("ck_quote_net")),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_quote_opportunity_id")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_quote_order_id")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["app_user.id"], name=op.f("fk_quote_changed_by_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_quote_contact_id")),
        sa.ForeignKeyConstraint(
            ["account_id", "territory_id"],
            ["account.id", "account.territory_id"],
            name=op.f("fk_quote_account_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_quote_territory_id")),
        sa.ForeignKeyConstraint(
            ["credited_territory_id"], ["territory.id"], name=op.f("fk_quote_credited_territory_id")
        ),
        sa.ForeignKeyConstraint(["of_id"], ["quote.id"], name=op.f("fk_quote_of_id")),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_quote_author_id")),
        sa.ForeignKeyConstraint(["credited_id"], ["app_user.id"], name=op.f("fk_quote_credited_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_quote_owner_id")),
        sa.UniqueConstraint("of_id", "revision", name=op.f("uq_quote_of_id_revision")),
        sa.UniqueConstraint("code", name=op.f("uq_quote_code")),
        sa.UniqueConstraint("primary_of_id", name=op.f("uq_quote_primary_of_id")),
        sa.UniqueConstraint("external_id", name=op.f("uq_quote_external_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
        sqlite_strict=True,
    )
    op.create_index("ix_quote_account_id", "quote", ["account_id", "territory_id"], unique=False)
    op.create_index(op.f("ix_quote_author_id"), "quote", ["author_id"], unique=False)
    op.create_index(op.f("ix_quote_contact_id"), "quote", ["contact_id"], unique=False)
    op.create_index(op.f("ix_quote_credited_id"), "quote", ["credited_id"], unique=False)
    op.create_index(op.f("ix_quote_credited_territory_id"), "quote", ["credited_territory_id"], unique=False)
    op.create_index(op.f("ix_quote_opportunity_id"), "quote", ["opportunity_id"], unique=False)
    op.create_index(op.f("ix_quote_order_id"), "quote", ["order_id"], unique=False)
    op.create_index(op.f("ix_quote_owner_id"), "quote", ["owner_id"], unique=False)
    op.create_index(op.f("ix_quote_territory_id"), "quote", ["territory_id"], unique=False)


def _make_lines() -> None:
    op.create_table(
        "quote_line",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("quote_id", types.Whole, nullable=False),
        sa.Column("line", types.Whole, nullable=False),
        sa.Column("parent_line", types.Whole, nullable=True),
        sa.Column("product_id", types.Whole, nullable=False),
        sa.Column("product_name", types.Words, nullable=False),
        sa.Column("feature", types.Words, nullable=True),
        sa.Column("is_included", types.Flag(), nullable=False),
        sa.Column("is_standard", types.Flag(), nullable=False),
        sa.Column("quantity_milli", types.Whole, nullable=False),
        sa.Column("list_e4", types.Whole, nullable=False),
        sa.Column("net_e4", types.Whole, nullable=False),
        sa.Column("list_minor", types.Whole, nullable=False),
        sa.Column("amount_minor", types.Whole, nullable=False),
        sa.Column("header_minor", types.Whole, nullable=False),
        sa.Column("net_minor", types.Whole, nullable=False),
        sa.Column("discount_bp", types.Whole, nullable=False),
        sa.Column("manual_e4", types.Whole, nullable=True),
        sa.Column("manual_reason", types.Words, nullable=True),
        sa.Column("manual_by_id", types.Whole, nullable=True),
        sa.Column("manual_at", types.Stamp(timezone=True), nullable=True),
        sa.Column("manual_base_e4", types.Whole, nullable=True),
        sa.Column("is_base_changed", types.Flag(), nullable=False),
        sa.Column("floor_e4", types.Whole, nullable=True),
        sa.Column("is_below_floor", types.Flag(), nullable=False),
        sa.Column("better_milli", types.Whole, nullable=True),
        sa.Column("better_minor", types.Whole, nullable=True),
        sa.CheckConstraint(
            "amount_minor - header_minor = net_minor AND net_minor >= 0", name=op.f("ck_quote_line_net")
        ),
        sa.CheckConstraint(
            "line > 0 AND (parent_line IS NULL OR parent_line <> line)", name=op.f("ck_quote_line_line")
        ),
        sa.CheckConstraint("quantity_milli > 0", name=op.f("ck_quote_line_quantity")),
        sa.CheckConstraint("discount_bp BETWEEN 0 AND 10000", name=op.f("ck_quote_line_discount")),
        sa.CheckConstraint(
            "manual_e4 IS NULL OR (manual_e4 >= 0 AND manual_reason IS NOT NULL)", name=op.f("ck_quote_line_manual")
        ),
        sa.CheckConstraint("list_e4 >= 0 AND net_e4 >= 0", name=op.f("ck_quote_line_prices")),
        sa.ForeignKeyConstraint(["manual_by_id"], ["app_user.id"], name=op.f("fk_quote_line_manual_by_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_quote_line_product_id")),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_quote_line_quote_id")),
        sa.UniqueConstraint("quote_id", "line", name=op.f("uq_quote_line_quote_id_line")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_line")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_quote_line_product_id"), "quote_line", ["product_id"], unique=False)
    op.create_table(
        "quote_line_cost",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("quote_id", types.Whole, nullable=False),
        sa.Column("line", types.Whole, nullable=False),
        sa.Column("product_id", types.Whole, nullable=False),
        sa.Column("cost_e4", types.Whole, nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_quote_line_cost_product_id")),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_quote_line_cost_quote_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_line_cost")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_quote_line_cost_product_id"), "quote_line_cost", ["product_id"], unique=False)
    op.create_index("ix_quote_line_cost_quote_id", "quote_line_cost", ["quote_id", "line", "id"], unique=False)
    op.create_table(
        "price_step",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("quote_id", types.Whole, nullable=False),
        sa.Column("line", types.Whole, nullable=False),
        sa.Column("position", types.Whole, nullable=False),
        sa.Column("step", types.Words, nullable=False),
        sa.Column("rule", types.Words, nullable=True),
        sa.Column("title", types.Words, nullable=True),
        sa.Column("before_e4", types.Whole, nullable=True),
        sa.Column("after_e4", types.Whole, nullable=True),
        sa.Column("lost_by", types.Words, nullable=True),
        sa.CheckConstraint(
            "step IN ('list', 'exchange', 'contract', 'schedule', 'promotion', 'seller', 'manual', 'floor')",
            name=op.f("ck_price_step_step"),
        ),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_price_step_quote_id")),
        sa.UniqueConstraint("quote_id", "line", "position", name=op.f("uq_price_step_quote_id_line_position")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_step")),
        sqlite_strict=True,
    )
    op.create_table(
        "quote_version",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("quote_id", types.Whole, nullable=False),
        sa.Column("version", types.Whole, nullable=False),
        sa.Column("user_id", types.Whole, nullable=False),
        sa.Column("changed_at", types.Stamp(timezone=True), nullable=False),
        sa.Column("content", types.Words, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_quote_version_user_id")),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_quote_version_quote_id")),
        sa.UniqueConstraint("quote_id", "version", name=op.f("uq_quote_version_quote_id_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_version")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_quote_version_user_id"), "quote_version", ["user_id"], unique=False)


_RATE = (
    "(SELECT rate_e9 FROM exchange_rate AS r WHERE r.from_currency = c.currency AND r.to_currency = q.currency"
    " AND r.rated_on <= q.priced_on ORDER BY r.rated_on DESC LIMIT 1)"
)
_COST = f"CASE WHEN c.currency = q.currency THEN c.cost_e4 ELSE (c.cost_e4 * {_RATE} + 500000000) / 1000000000 END"
_KEEP = (
    "INSERT INTO quote_line_cost (quote_id, line, product_id, cost_e4)"
    f" SELECT NEW.quote_id, NEW.line, NEW.product_id, {_COST}"
    " FROM quote AS q JOIN product_cost AS c ON c.product_id = NEW.product_id"
    f" WHERE q.id = NEW.quote_id AND {_COST} IS NOT NULL ORDER BY c.currency = q.currency DESC, c.currency LIMIT 1;"
)
_TRIGGERS = (
    f"CREATE TRIGGER guard_quote_line_made AFTER INSERT ON quote_line BEGIN {_KEEP} END",
    f"CREATE TRIGGER guard_quote_line_changed AFTER UPDATE OF product_id, quantity_milli, net_minor ON quote_line"
    f" BEGIN {_KEEP} END",
)
"""What keeps the cost of what is offered; on a server, the guard makes them (`db/postgres_guard.py`)."""
