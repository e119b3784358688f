"""`stock.toml`: how long stock is reserved, when a count is old, and what may stand in for what."""

from pydantic import Field, model_validator

from sfactl.config.strict import Strict


class ReservationEntry(Strict):
    """How long stock is held for somebody."""

    hours: int = Field(default=72, ge=1, le=10_000)
    "Unless he says otherwise."
    most_hours: int = Field(default=720, ge=1, le=10_000)
    "Nobody holds it longer."

    @model_validator(mode="after")
    def _fits(self) -> "ReservationEntry":
        if self.hours > self.most_hours:
            raise ValueError("`hours` are not more than `most_hours`")
        return self


class CountEntry(Strict):
    """When a count is too old to be relied on."""

    days: int = Field(default=30, ge=0, le=10_000)


class AlternativeEntry(Strict):
    """Products that may stand in for another, the best first."""

    product: str = Field(min_length=1, max_length=64)
    use: list[str] = Field(min_length=1, max_length=20)


class StockFile(Strict):
    """`stock.toml`."""

    reservation: ReservationEntry = Field(default_factory=ReservationEntry)
    count: CountEntry = Field(default_factory=CountEntry)
    alternative: list[AlternativeEntry] = Field(default_factory=list)

    @model_validator(mode="after")
    def _each_once(self) -> "StockFile":
        products = [entry.product for entry in self.alternative]
        for product in products:
            if products.count(product) > 1:
                raise ValueError(f"product {product} has two entries of alternatives")
        return self
