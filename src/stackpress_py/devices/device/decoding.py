"""From what a device says, raw, to numbers in SI, and back; pure."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from stackpress_py.devices.device.point import Point
from stackpress_py.devices.device.profile import DeviceProfile
from stackpress_py.devices.device.words import Raw
from stackpress_py.quantities import conversion, kind_of_unit

Raws = Mapping[str, Raw]
MOST_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class _Scale:
    """SI value = raw number * factor + zero, before what the device tells of its own scale."""

    factor: float
    zero: float

    @classmethod
    def of(cls, point: Point) -> "_Scale":
        factor, zero = conversion(point.unit, kind_of_unit(point.unit))
        return cls(point.scale * factor, zero)


class Decoder:
    """What the raw numbers of one device mean.

    Args:
        profile: of the device.
        paths: values that are wanted, as ``point`` or ``point.bit``.

    Attributes:
        expected: raw numbers that points with ``equals`` must have, by their names.
    """

    def __init__(self, profile: DeviceProfile, paths: Iterable[str]) -> None:
        self._points = profile.all_points()
        self._scales = {name: _Scale.of(point) for name, point in self._points.items()}
        self._readers: dict[str, Callable[[Raws], float]] = {
            path: self._reader(path) for path in paths
        }
        self._unknown = {
            name: frozenset(map(point.as_read, point.unknown))
            for name, point in self._points.items()
        }
        self.expected = {
            name: point.equals if point.field else point.as_read(point.equals)
            for name, point in self._points.items()
            if point.equals is not None
        }

    def values(self, raws: Raws) -> dict[str, float]:
        """Return the wanted values in SI, bits as 0.0 and 1.0; NaN: not known."""
        return {path: read(raws) for path, read in self._readers.items()}

    def why_wrong(self, raws: Raws) -> str:
        """Return one sentence if a value is not the one that it must be; else empty."""
        for name, expected in self.expected.items():
            if name in raws and (found := self.whole(name, raws)) != expected:
                return f"{name} is {found}, and this profile is for {expected}"
        return ""

    # ---- reading ---------------------------------------------------------------------------------

    def _reader(self, path: str) -> Callable[[Raws], float]:
        name, _, bit = path.partition(".")
        if bit:
            return lambda raws: self._bit(path, raws)
        point = self._points[name]
        plain = not point.needs and point.field is None and not point.unknown
        if plain:
            return lambda raws: self._plain(name, raws)
        return lambda raws: self._value(name, raws)

    def _plain(self, name: str, raws: Raws) -> float:
        raw, scale = raws.get(name), self._scales[name]
        if not isinstance(raw, int | float) or not math.isfinite(raw):
            return math.nan
        return raw * scale.factor + scale.zero

    def _value(self, name: str, raws: Raws) -> float:
        point, scale = self._points[name], self._scales[name]
        number = self.whole(name, raws)
        if number is None or not math.isfinite(number) or number in self._unknown[name]:
            return math.nan
        if not self._vouched(point, raws):
            return math.nan
        if point.negative_when is not None:
            negative = self._bit(point.negative_when, raws)
            number = math.nan if math.isnan(negative) else -number if negative else number
        return number * self._own_scale(point, raws) * scale.factor + scale.zero

    def _vouched(self, point: Point, raws: Raws) -> bool:
        """Return True if nothing says that the device does not know the value."""
        # A bit that is not known itself does not vouch for the value.
        if any(self._bit(path, raws) != 0.0 for path in point.unknown_when):
            return False
        return all(self.whole(name, raws) in codes for name, codes in point.known_when.items())

    def _own_scale(self, point: Point, raws: Raws) -> float:
        """Return the factor that the device tells; NaN: it does not."""
        factor = 1.0
        if point.decimals is not None:
            decimals = self.whole(point.decimals, raws)
            known = decimals is not None and 0 <= decimals <= MOST_DECIMALS
            factor = 10.0 ** -(decimals or 0) if known else math.nan
        for factors in point.all_factors:
            code = self.whole(factors.by, raws)
            factor *= factors.table.get(str(code), math.nan)
        return factor

    def whole(self, name: str, raws: Raws) -> int | float | None:
        """Return the raw number of a point, cut to its own bits; None: it is not known."""
        raw, field = raws.get(name), self._points[name].field
        if not isinstance(raw, int | float):
            return None
        if field is None:
            return raw
        low, high = field
        return (int(raw) >> low) & ((1 << (high - low + 1)) - 1)

    def _bit(self, path: str, raws: Raws) -> float:
        name, _, bit = path.partition(".")
        raw = raws.get(name)
        if not isinstance(raw, int | float) or not math.isfinite(raw):
            return math.nan
        if not bit:
            return 1.0 if raw else 0.0
        return float(int(raw) >> self._points[name].bits[bit] & 1)

    # ---- writing ---------------------------------------------------------------------------------

    def encode(self, name: str, value: float, raws: Raws) -> int | float:
        """Return the raw number of a value in SI.

        Args:
            name: of the point.
            value: in SI.
            raws: what the device tells of its scale.

        Raises:
            ValueError: it is not finite, beyond what may be written, or the scale is not known.
        """
        point, scale = self._points[name], self._scales[name]
        number = (value - scale.zero) / (scale.factor * self._own_scale(point, raws))
        if not math.isfinite(number):
            raise ValueError(f"{name}: {value} cannot be written")
        told = number * point.scale * self._own_scale(point, raws)
        low, high = point.minimum, point.maximum
        # The tolerance is for the way through SI and back.
        slack = 1e-9 * max(1.0, abs(told))
        if (low is not None and told < low - slack) or (high is not None and told > high + slack):
            raise ValueError(
                f"{name}: {told:g} {point.unit} cannot be written; allowed are"
                f" {'-' if low is None else f'{low:g}'} to {'-' if high is None else f'{high:g}'}"
                f" {point.unit}"
            )
        return number if point.is_float else round(number)

    def bit_value(self, path: str, level: bool) -> int:
        """Return what a bit adds to the raw number of its point."""
        name, _, bit = path.partition(".")
        return int(level) << self._points[name].bits[bit]

    def raw_step(self, name: str, raws: Raws) -> float:
        """Return the smallest change of a raw number that is worth a write."""
        point = self._points[name]
        step = point.write.step if point.write is not None else 0.0
        return step / (point.scale * self._own_scale(point, raws))
