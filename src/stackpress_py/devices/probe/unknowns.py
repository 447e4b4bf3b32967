"""Why a value is not known, in words; pure."""

import math

from stackpress_py.devices.device.decoding import MOST_DECIMALS, Decoder, Raws
from stackpress_py.devices.device.point import Point
from stackpress_py.devices.device.profile import DeviceProfile


class Explainer:
    """Tell why values are not known.

    Args:
        profile: of the device.
        decoder: that found them unknown, for at least all their bits.
    """

    def __init__(self, profile: DeviceProfile, decoder: Decoder) -> None:
        self._points = profile.all_points()
        self._decoder = decoder

    def why_unknown(self, name: str, raws: Raws) -> str:
        """Return why a point's value is not known; empty: it is known, or a text.

        Args:
            name: of the point.
            raws: that were read.
        """
        point = self._points[name]
        if point.is_text:
            return ""
        number = self._decoder.whole(name, raws)
        if number is None:
            return "it could not be read"
        if not math.isfinite(number):
            return "the device gives no number (NaN)"
        if number in map(point.as_read, point.unknown):
            return f"the device gives {in_hex(number, point)}, which stands for no value"
        return (
            self._bits(point, raws)
            or self._codes(point, raws)
            or self._sign(point, raws)
            or self._scale(point, raws)
        )

    def _bits(self, point: Point, raws: Raws) -> str:
        for path in point.unknown_when:
            level = self._level(path, raws)
            if level is None:
                return f"{path} is not known"
            if level:
                return f"{path} is set"
        return ""

    def _codes(self, point: Point, raws: Raws) -> str:
        for name, codes in point.known_when.items():
            found = self._decoder.whole(name, raws)
            if found not in codes:
                wanted = " or ".join(str(code) for code in codes)
                return f"{name} is {_told(found)}, and the value holds only with {wanted}"
        return ""

    def _sign(self, point: Point, raws: Raws) -> str:
        path = point.negative_when
        unknown = path is not None and self._level(path, raws) is None
        return f"its sign, {path}, is not known" if unknown else ""

    def _scale(self, point: Point, raws: Raws) -> str:
        if point.decimals is not None:
            decimals = self._decoder.whole(point.decimals, raws)
            if decimals is None or not 0 <= decimals <= MOST_DECIMALS:
                return f"its number of decimals, {point.decimals}, is {_told(decimals)}"
        if point.factors is not None:
            code = self._decoder.whole(point.factors.by, raws)
            if str(code) not in point.factors.table:
                return f"its scale is not known: {point.factors.by} is {_told(code)}"
        return ""

    def _level(self, path: str, raws: Raws) -> bool | None:
        """Return a bit, or whether a whole point is not zero; None: it is not known."""
        name, _, bit = path.partition(".")
        raw = raws.get(name)
        if not isinstance(raw, int | float) or not math.isfinite(raw):
            return None
        return bool(int(raw) >> self._points[name].bits[bit] & 1) if bit else bool(raw)


def _told(found: int | float | None) -> str:
    return "not known" if found is None else f"{found}"


def in_hex(number: int | float, point: Point) -> str:
    """Return a raw number as manuals print sentinels and bits: ``8003h``."""
    if point.width is None or isinstance(number, float):
        return f"{number}"
    return f"{int(number) & (1 << point.width) - 1:0{point.width // 4}X}h"
