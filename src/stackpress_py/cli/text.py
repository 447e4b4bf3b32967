"""Numbers as people read them: MPa, degrees Celsius, minutes. Arguments are SI, or degC."""

import math

NOTHING = "–"


def pressure(value: float) -> str:
    """Return a pressure in MPa with four significant digits, at most three decimals."""
    return _number(value * 1e-6, "MPa")


def pressure_difference(value: float) -> str:
    """Return a difference of pressures in MPa, with its sign."""
    sign = "+" if value > 0.0 else ""
    return f"{sign}{pressure(value)}"


def pressure_band(target: float, tolerance: float) -> str:
    """Return a pressure target with its tolerance, in MPa."""
    return _band(target * 1e-6, tolerance * 1e-6, "MPa")


def temperature(value: float) -> str:
    """Return a temperature in degrees Celsius with one decimal."""
    return f"{value:.1f} °C" if math.isfinite(value) else NOTHING


def temperature_difference(value: float) -> str:
    """Return a difference of temperatures in K."""
    return f"{value:.2f} K" if math.isfinite(value) else NOTHING


def temperature_band(target: float, tolerance: float) -> str:
    """Return a temperature target with its tolerance."""
    return _band(target, tolerance, "°C")


def duration(seconds: float) -> str:
    """Return a duration as ``12 s``, ``3:05`` (min:s) or ``1:02:09`` (h:min:s)."""
    if not math.isfinite(seconds):
        return NOTHING
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _number(value: float, unit: str) -> str:
    if not math.isfinite(value):
        return NOTHING
    decimals = 1 if abs(value) >= 100 else 2 if abs(value) >= 10 else 3
    # Not "-0.000": a value that rounds to nothing has no sign.
    return f"{round(value, decimals) + 0.0:.{decimals}f} {unit}"


def _band(target: float, tolerance: float, unit: str) -> str:
    if not math.isfinite(target):
        return NOTHING
    width = f" ± {tolerance:.4g}" if tolerance > 0 else ""
    return f"{target:.4g}{width} {unit}"
