"""What keeps a piece from being promised twice on a server, whoever writes the row, and however.

Each new reservation takes a lock of its product before it counts, so that two at once count one after the other; with the
guard's rights, so that it counts those that the person does not see. A transaction that reads as of its beginning would not
count what was added meanwhile, and is refused.
"""

from collections.abc import Iterable

_LOCK = 7_031_966
"""The class of the locks; the product's key is the other half."""
_SAME = "product_id = NEW.product_id AND warehouse_id = NEW.warehouse_id"
_COUNTED = f"SELECT 1 FROM public.stock WHERE {_SAME} AND counted_on > greatest(r.ended_at::date, r.needed_on)"
_HELD = (
    f"{_SAME} AND (r.status = 'held' AND r.expires_at > moment OR r.status = 'consumed' AND NOT EXISTS ({_COUNTED}))"
)
_MADE = f"""
CREATE OR REPLACE FUNCTION sfa_sec.reserved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE moment timestamptz := least(NEW.made_at, clock_timestamp());
BEGIN
    IF current_setting('transaction_isolation') = 'repeatable read' THEN
        RAISE serialization_failure USING MESSAGE = 'sfactl: stock is reserved in a transaction that sees the present';
    END IF;
    PERFORM pg_advisory_xact_lock({_LOCK}, NEW.product_id::int);
    IF EXISTS (
        SELECT 1 FROM (
            SELECT NEW.needed_on AS day
            UNION SELECT r.needed_on FROM public.reservation AS r WHERE {_HELD} AND r.needed_on > NEW.needed_on
        ) AS days
        WHERE NEW.quantity_milli
            + (SELECT coalesce(sum(r.quantity_milli), 0) FROM public.reservation AS r
                WHERE {_HELD} AND r.needed_on <= days.day)
            > (SELECT coalesce(sum(quantity_milli), 0) FROM public.stock WHERE {_SAME})
            + (SELECT coalesce(sum(quantity_milli), 0) FROM public.arrival
                WHERE {_SAME} AND received_on IS NULL AND expected_on <= days.day)
    ) THEN
        RAISE exclusion_violation USING MESSAGE = 'sfactl: not enough stock';
    END IF;
    RETURN NEW;
END $$
"""
_CHANGED = """
CREATE OR REPLACE FUNCTION sfa_sec.reservation_ended() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE exclusion_violation USING MESSAGE = 'sfactl: not enough stock';
END $$
"""
_KEEPS = (
    "NEW.product_id <> OLD.product_id OR NEW.warehouse_id <> OLD.warehouse_id OR NEW.made_at <> OLD.made_at"
    " OR NEW.quantity_milli > OLD.quantity_milli OR NEW.needed_on < OLD.needed_on OR NEW.expires_at > OLD.expires_at"
    " OR OLD.status <> 'held' AND NOT (OLD.status = 'consumed' AND NEW.status = 'released')"
)


def statements(owner: str, guard: str) -> Iterable[str]:
    """What makes the triggers, and lets the role of the guard read what they count."""
    yield _MADE
    yield f"ALTER FUNCTION sfa_sec.reserved() OWNER TO {guard}"
    yield "REVOKE ALL ON FUNCTION sfa_sec.reserved() FROM PUBLIC"
    yield _CHANGED
    yield f"ALTER FUNCTION sfa_sec.reservation_ended() OWNER TO {owner}"
    yield "REVOKE ALL ON FUNCTION sfa_sec.reservation_ended() FROM PUBLIC"
    yield (
        "CREATE OR REPLACE TRIGGER sfa_reserved BEFORE INSERT ON public.reservation FOR EACH ROW"
        " WHEN (NEW.status = 'held') EXECUTE FUNCTION sfa_sec.reserved()"
    )
    yield (
        "CREATE OR REPLACE TRIGGER sfa_reservation_changed BEFORE UPDATE ON public.reservation FOR EACH ROW"
        f" WHEN ({_KEEPS}) EXECUTE FUNCTION sfa_sec.reservation_ended()"
    )
    yield (
        "CREATE OR REPLACE TRIGGER sfa_reservation_gone BEFORE DELETE ON public.reservation FOR EACH ROW"
        " WHEN (OLD.status = 'consumed') EXECUTE FUNCTION sfa_sec.reservation_ended()"
    )
    for table in ("stock", "arrival", "reservation"):
        yield f"GRANT SELECT ON public.{table} TO {guard}"
        yield f"CREATE POLICY sfa_guard ON public.{table} FOR SELECT TO {guard} USING (true)"
