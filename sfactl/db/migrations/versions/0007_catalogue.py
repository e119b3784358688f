"""Bundles: features, options, attributes and rules; and what opportunities need of them."""

import sqlalchemy as sa
from alembic import op

from sfactl.models import types

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    _features()
    _attributes()
    _rules()
    _needs()


def _features() -> None:
    op.create_table(
        "feature",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("bundle_id", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("name", types.Words, nullable=False),
        sa.Column("least", types.Whole, nullable=False),
        sa.Column("most", types.Whole, nullable=True),
        sa.Column("position", types.Whole, nullable=False),
        sa.Column("from_policy", types.Flag(), nullable=False),
        sa.ForeignKeyConstraint(["bundle_id"], ["product.id"], name=op.f("fk_feature_bundle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feature")),
        sa.UniqueConstraint("bundle_id", "code", name=op.f("uq_feature_bundle_id_code")),
        sa.CheckConstraint("least >= 0 AND (most IS NULL OR most >= least)", name=op.f("ck_feature_options")),
        sqlite_strict=True,
    )
    op.create_table(
        "feature_option",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("feature_id", types.Whole, nullable=False),
        sa.Column("product_id", types.Whole, nullable=False),
        sa.Column("position", types.Whole, nullable=False),
        sa.Column("least_milli", types.Whole, nullable=False),
        sa.Column("most_milli", types.Whole, nullable=True),
        sa.Column("step_milli", types.Whole, nullable=False),
        sa.Column("default_milli", types.Whole, nullable=False),
        sa.Column("included_milli", types.Whole, nullable=False),
        sa.Column("is_required", types.Flag(), nullable=False),
        sa.Column("from_policy", types.Flag(), nullable=False),
        sa.ForeignKeyConstraint(["feature_id"], ["feature.id"], name=op.f("fk_feature_option_feature_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_feature_option_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feature_option")),
        sa.UniqueConstraint("feature_id", "product_id", name=op.f("uq_feature_option_feature_id_product_id")),
        sa.CheckConstraint(
            "least_milli > 0 AND (most_milli IS NULL OR most_milli >= least_milli)",
            name=op.f("ck_feature_option_quantity"),
        ),
        sa.CheckConstraint(
            "step_milli > 0 AND default_milli >= 0 AND included_milli >= 0", name=op.f("ck_feature_option_amounts")
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_feature_option_product_id"), "feature_option", ["product_id"], unique=False)


def _attributes() -> None:
    op.create_table(
        "product_attribute",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("product_id", types.Whole, nullable=False),
        sa.Column("name", types.Words, nullable=False),
        sa.Column("amount_milli", types.Whole, nullable=False),
        sa.Column("from_policy", types.Flag(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_attribute_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_attribute")),
        sa.UniqueConstraint("product_id", "name", name=op.f("uq_product_attribute_product_id_name")),
        sqlite_strict=True,
    )


def _rules() -> None:
    op.create_table(
        "configuration_rule",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("code", types.Words, nullable=False),
        sa.Column("bundle_id", types.Whole, nullable=True),
        sa.Column("position", types.Whole, nullable=False),
        sa.Column("kind", types.Words, nullable=False),
        sa.Column("attribute", types.Words, nullable=True),
        sa.Column("against", types.Words, nullable=True),
        sa.Column("least_milli", types.Whole, nullable=True),
        sa.Column("most_milli", types.Whole, nullable=True),
        sa.Column("message", types.Words, nullable=True),
        sa.Column("from_policy", types.Flag(), nullable=False),
        sa.ForeignKeyConstraint(["bundle_id"], ["product.id"], name=op.f("fk_configuration_rule_bundle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_configuration_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_configuration_rule_code")),
        sa.CheckConstraint(
            "kind IN ('requires', 'excludes', 'at_most', 'sum')", name=op.f("ck_configuration_rule_kind")
        ),
        sa.CheckConstraint(
            "kind <> 'sum' OR attribute IS NOT NULL", name=op.f("ck_configuration_rule_attribute")
        ),
        sqlite_strict=True,
    )  # fmt: skip
    op.create_index(op.f("ix_configuration_rule_bundle_id"), "configuration_rule", ["bundle_id"], unique=False)
    op.create_table(
        "rule_product",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("rule_id", types.Whole, nullable=False),
        sa.Column("part", types.Words, nullable=False),
        sa.Column("product_id", types.Whole, nullable=False),
        sa.Column("position", types.Whole, nullable=False),
        sa.ForeignKeyConstraint(["rule_id"], ["configuration_rule.id"], name=op.f("fk_rule_product_rule_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_rule_product_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_product")),
        sa.UniqueConstraint("rule_id", "part", "product_id", name=op.f("uq_rule_product_rule_id_part_product_id")),
        sa.CheckConstraint("part IN ('when', 'what')", name=op.f("ck_rule_product_part")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_rule_product_product_id"), "rule_product", ["product_id"], unique=False)


def _needs() -> None:
    op.create_table(
        "opportunity_need",
        sa.Column("id", types.Whole, nullable=False),
        sa.Column("opportunity_id", types.Whole, nullable=False),
        sa.Column("bundle_id", types.Whole, nullable=False),
        sa.Column("kind", types.Words, nullable=False),
        sa.Column("name", types.Words, nullable=False),
        sa.Column("amount_milli", types.Whole, nullable=True),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_opportunity_need_opportunity_id")),
        sa.ForeignKeyConstraint(["bundle_id"], ["product.id"], name=op.f("fk_opportunity_need_bundle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity_need")),
        sa.UniqueConstraint(
            "opportunity_id", "bundle_id", "kind", "name",
            name=op.f("uq_opportunity_need_opportunity_id_bundle_id_kind_name"),
        ),
        sa.CheckConstraint("kind IN ('bundle', 'need', 'with', 'without')", name=op.f("ck_opportunity_need_kind")),
        sa.CheckConstraint("amount_milli IS NULL OR amount_milli >= 0", name=op.f("ck_opportunity_need_amount")),
        sqlite_strict=True,
    )  # fmt: skip
    op.create_index(op.f("ix_opportunity_need_bundle_id"), "opportunity_need", ["bundle_id"], unique=False)
