"""A file that says where things are: accounts, people, postal codes, cities, regions."""

from sfactl.core.balancing import Position
from sfactl.core.text import match_key
from sfactl.services.balancing_request import position
from sfactl.services.plan_rows import BadFile, PlanRows
from sfactl.transfer.source import Source


def read(source: Source) -> dict[str, Position]:
    """The place of each name, folded as search folds names.

    Raises:
        BadFile: lines cannot be read; each is named.
    """
    rows = PlanRows(source)
    names = [source.mapped.index(name) for name in ("place", "latitude", "longitude")]
    found: dict[str, Position] = {}
    for row in rows.rows:
        name, latitude, longitude = (row.values[index] for index in names)
        here = position(int(latitude or 0), int(longitude or 0))
        if here is not None:
            found[match_key(str(name))] = here
    if rows.faults:
        raise BadFile(rows.faults)
    return found
