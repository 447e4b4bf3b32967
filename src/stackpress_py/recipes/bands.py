"""Tolerances as people write them: a part of the target ("1 %") or a difference ("0.5 MPa")."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from stackpress_py.quantities import FRACTION, PRESSURE, Kind, QuantityError, parse


@dataclass(frozen=True, slots=True)
class Band:
    """Half-width of a tolerance band; one of the two is 0.

    Attributes:
        part: fraction of the target.
        difference: in the quantity's SI unit.
        text: as written.
    """

    part: float
    difference: float
    text: str

    def around(self, target: float) -> float:
        """Return the half-width about a target, in the target's unit."""
        return self.difference + self.part * abs(target)


@dataclass(frozen=True, slots=True)
class BandOf:
    """Makes a pydantic field take a band about a quantity of some kind."""

    kind: Kind

    def parse(self, found: object) -> Band:
        """Return the band that a text means.

        Raises:
            QuantityError: it is none, or not above 0.
        """
        if not isinstance(found, str):
            raise QuantityError(
                f"found '{found}', needs a part of the target such as '1 %',"
                f" or {self.kind.name} with unit such as '{self.kind.example}'"
            )
        is_part = found.rstrip().endswith("%")
        value = parse(found, FRACTION if is_part else self.kind)
        if value <= 0.0 or (is_part and value >= 1.0):
            limit = "above 0 % and below 100 %" if is_part else "above 0"
            raise QuantityError(f"found '{found}', needs a tolerance {limit}")
        return Band(value if is_part else 0.0, 0.0 if is_part else value, found.strip())

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Take text, give text back in JSON."""
        return core_schema.no_info_plain_validator_function(
            self.parse,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda band: band.text, when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Tell editors that the value is a text, and show two."""
        return {"type": "string", "examples": ["1 %", self.kind.example]}


PressureBand = Annotated[Band, BandOf(PRESSURE)]
