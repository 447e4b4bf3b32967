"""Range fusion: load cells of different ranges become one force with one uncertainty.

Between two parts of a cell's range (``blend_from``, ``blend_to``) the next larger cell takes over
with a smooth weight, so the difference of the cells' zeros becomes a gentle slope and not a jump.
While the smaller cell is well within its range, the difference between both is averaged and taken off the larger one:
the larger cell's zero becomes as good as the smaller one's, as far as its own uncertainty can explain the difference.
Which part of the band the force is in is judged by the largest of the readings: a small cell that
is saturated, or stuck at a low value while the large one sees force, gets no weight.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from stackpress_py.devices.press.sensors import ForceSensor, Fusion
from stackpress_py.quantities import format_force

#: s, time constant of the filter through which the cells' difference is judged: noise alone is no
#: disagreement.
_DIFFERENCE_TIME = 0.25
#: s over which two cells are aligned, and s that it takes until their difference is believed.
_ALIGNMENT_TIME, _LEAST_ALIGNMENT = 30.0, 5.0
#: A difference so many times the uncertainties is no noise and needs no filter.
_GROSS = 5.0


@dataclass(frozen=True, slots=True)
class FusedForce:
    """One force from all cells.

    Attributes:
        force: N, compressive-positive; NaN: not known.
        uncertainty: N, expanded (k = 2); NaN: not known.
        sensors: N, each cell's own reading, tare applied.
        beyond_range: every cell that works is saturated: the force is at least ``force``.
        disagreement: one sentence if two cells contradict each other for too long; else empty.
    """

    force: float
    uncertainty: float
    sensors: tuple[float, ...]
    beyond_range: bool
    disagreement: str = ""


def weight_of_smaller(force: float, begin: float, end: float) -> float:
    """Return the smaller cell's weight: 1 up to ``begin``, 0 from ``end`` on, smooth between."""
    share = min(1.0, max(0.0, (force - begin) / (end - begin)))
    return 1.0 - share * share * (3.0 - 2.0 * share)


class ForceFusion:
    """Fuse the readings of one press's force sensors, and keep their zeros.

    Args:
        sensors: in the order of their ranges, smallest first.
        fusion: how one takes over from the other.
    """

    def __init__(self, sensors: Sequence[ForceSensor], fusion: Fusion) -> None:
        self._sensors = tuple(sensors)
        self._fusion = fusion
        pairs = list(zip(sensors, sensors[1:], strict=False))
        self._differences = tuple(_Difference(small, large, fusion) for small, large in pairs)
        self._alignments = tuple(_Alignment(small, large, fusion) for small, large in pairs)
        self.offsets = (0.0,) * len(self._sensors)

    def tare(self, offsets: Sequence[float]) -> None:
        """Subtract these forces (N, one for each sensor) from now on.

        Raises:
            ValueError: they are not one finite number for each sensor.
        """
        if len(offsets) != len(self._sensors) or not all(map(math.isfinite, offsets)):
            raise ValueError(f"zeros {list(offsets)} are not {len(self._sensors)} finite numbers")
        self.offsets = tuple(offsets)
        for difference, alignment in zip(self._differences, self._alignments, strict=True):
            difference.restart()
            alignment.restart()

    def step(self, raw: Sequence[float], now: float) -> FusedForce:
        """Fuse one reading.

        Args:
            raw: N, of each sensor, without tare; NaN: it failed.
            now: s.
        """
        values = tuple(value - zero for value, zero in zip(raw, self.offsets, strict=True))
        force, uncertainty = self._fuse(raw, self._aligned(values, now))
        works = [math.isfinite(value) for value in raw]
        beyond = any(works) and not any(
            ok and abs(value) < sensor.saturation
            for ok, value, sensor in zip(works, raw, self._sensors, strict=True)
        )
        return FusedForce(force, uncertainty, values, beyond, self._disagreement(raw, values, now))

    def _aligned(self, values: Sequence[float], now: float) -> tuple[float, ...]:
        """Return the readings, each cell's zero aligned to those of the smaller ones."""
        aligned = [values[0]]
        for alignment, value in zip(self._alignments, values[1:], strict=True):
            aligned.append(value - alignment.step(aligned[-1], value, now))
        return tuple(aligned)

    def _fuse(self, raw: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
        """Let each cell, from the largest down, take over from those above it as far as it can."""
        largest = self._sensors[-1]
        force, uncertainty = values[-1], math.nan
        if abs(raw[-1]) < largest.saturation:
            uncertainty = largest.uncertainty
        for index in range(len(values) - 2, -1, -1):
            sensor, value = self._sensors[index], values[index]
            if not math.isfinite(value):
                continue
            sizes = (abs(raw[index]), abs(value), abs(force) if math.isfinite(force) else 0.0)
            begin, end = (
                part * sensor.range for part in (self._fusion.blend_from, self._fusion.blend_to)
            )
            weight = weight_of_smaller(max(sizes), begin, end)
            if not math.isfinite(force):
                # Nothing larger works: this cell alone, as long as it is in its range.
                force, uncertainty = (
                    (value, sensor.uncertainty) if weight > 0.0 else (math.nan, math.nan)
                )
            elif weight == 1.0:
                force, uncertainty = value, sensor.uncertainty
            elif weight > 0.0:
                spread = weight * (1.0 - weight) * abs(value - force)
                uncertainty = math.hypot(
                    weight * sensor.uncertainty, (1.0 - weight) * uncertainty, spread
                )
                force = weight * value + (1.0 - weight) * force
        return force, uncertainty

    def _disagreement(self, raw: Sequence[float], values: Sequence[float], now: float) -> str:
        for index, difference in enumerate(self._differences):
            in_range = abs(raw[index]) <= self._fusion.blend_to * self._sensors[index].range
            problem = difference.step(values[index], values[index + 1], in_range, now)
            if problem:
                return problem
        return ""


class _Alignment:
    """Average by how much a larger cell reads more than a smaller one, while both can tell."""

    def __init__(self, small: ForceSensor, large: ForceSensor, fusion: Fusion) -> None:
        self._limit = fusion.blend_from * small.range
        self._most = large.uncertainty
        self.restart()

    def restart(self) -> None:
        """Forget what was seen."""
        self._mean, self._seen, self._last = 0.0, 0.0, math.nan

    def step(self, small: float, large: float, now: float) -> float:
        """Return the difference (N) that is to be taken off the larger cell.

        Args:
            small: N, the smaller cell's reading, tare applied.
            large: N, the larger cell's.
            now: s.
        """
        dt = now - self._last
        self._last = now
        if dt > 0.0 and max(abs(small), abs(large)) < self._limit:  # false for NaN
            self._seen += min(dt, _ALIGNMENT_TIME)
            share = min(1.0, dt / min(self._seen, _ALIGNMENT_TIME))
            self._mean += share * (large - small - self._mean)
        # With little seen, most of the mean is noise.
        believed = self._mean * min(1.0, self._seen / _LEAST_ALIGNMENT)
        return min(self._most, max(-self._most, believed))


class _Difference:
    """Judge whether two cells agree within their uncertainties."""

    def __init__(self, small: ForceSensor, large: ForceSensor, fusion: Fusion) -> None:
        self._names = small.name, large.name
        self._allowed = math.hypot(small.uncertainty, large.uncertainty)
        self._fusion = fusion
        self.restart()

    def restart(self) -> None:
        """Forget what was seen."""
        self._filtered = 0.0
        self._last = -math.inf
        self._agreed = self._agreed_grossly = math.inf

    def step(self, small: float, large: float, in_range: bool, now: float) -> str:
        """Return one sentence if they have disagreed for too long.

        Args:
            small: N, the smaller cell's reading, tare applied.
            large: N, the larger cell's.
            in_range: the small one is in its range; otherwise it is a lower bound of the force.
            now: s.
        """
        if not (math.isfinite(small) and math.isfinite(large)):
            self.restart()
            return ""
        difference = large - small
        if not in_range and difference * small > 0.0:
            difference = 0.0  # the large one tells more than the small one can
        share = min(1.0, (now - self._last) / _DIFFERENCE_TIME)
        self._filtered += share * (difference - self._filtered)
        self._last = now
        first = math.isinf(self._agreed)
        if first or abs(self._filtered) <= self._allowed:
            self._agreed = now
        if first or abs(difference) <= _GROSS * self._allowed:
            self._agreed_grossly = now
        fusion = self._fusion
        if (
            now - self._agreed < fusion.disagreement_time
            and now - self._agreed_grossly < fusion.gross_disagreement_time
        ):
            return ""
        return (
            f"{self._names[0]} reads {format_force(small, 4)} and {self._names[1]}"
            f" {format_force(large, 4)}: they differ by more than their uncertainties"
        )
