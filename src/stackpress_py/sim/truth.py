"""The log of what really happened, for tests and judges: JSON lines, never read by the press's driver."""

import json
import math
import time
from dataclasses import asdict
from pathlib import Path

from .press import SimulatedPress

#: s between two lines.
PERIOD = 0.02


def state(press: SimulatedPress) -> dict[str, object]:
    """Return the true state, SI and degC; what is not known (NaN) is None, for JSON has no NaN."""
    truth: dict[str, float | bool] = asdict(press.plant.truth())
    plc = press.plc
    return {
        "t": round(truth.pop("time"), 6),
        **{key: None if math.isnan(value) else value for key, value in truth.items()},
        "commanded_velocity": plc.velocity if plc.motion_enabled else 0.0,
        "motion_enabled": plc.motion_enabled,
        "heating_enabled": plc.heating_enabled,
        "locked": plc.locked,
        "faults": plc.faults,
        "moving": press.plant.moving,
        "sample": press.plant.has_sample,
        "cell_id": press.cell_id,
    }


class TruthLog:
    """Writes the state at 50 Hz and every event, each line flushed: a killed program loses nothing."""

    def __init__(self, path: Path, press: SimulatedPress) -> None:
        self._press = press
        self._file = path.open("w", encoding="utf-8", buffering=1)
        self._next = 0.0

    @property
    def due(self) -> float:
        """Simulated time (s) of the next line."""
        return self._next

    def write(self) -> None:
        """Write the state if it is due."""
        if self._press.plant.time >= self._next - 1e-9:
            self._line(state(self._press))
            self._next = self._press.plant.time + PERIOD

    def event(self, when: float, text: str) -> None:
        """Write an event that happened at a simulated time (s)."""
        self._line({"t": round(when, 6), "event": text})

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _line(self, values: dict[str, object]) -> None:
        self._file.write(json.dumps({**values, "stamp": time.time()}) + "\n")
