"""Between what the machine knows of stack and actuator and the graph's messages."""

import math

from builtin_interfaces.msg import Time
from stackpress.msg import ActuatorWear, StackState
from std_msgs.msg import Header

from stackpress_py.account import Wear
from stackpress_py.control.densification import StackReading

NOTHING = StackReading()


def time_message(stamp: float) -> Time:
    """Return a time (s) as a message; what is not known becomes 0."""
    seconds = 0 if math.isnan(stamp) else int(stamp)
    return Time(sec=seconds, nanosec=int((stamp - seconds) * 1e9) if seconds else 0)


def stack_state(reading: StackReading | None, stamp: float) -> StackState:
    """Return a reading of the stack as a message.

    Args:
        reading: None: the press cannot tell.
        stamp: s, of the measurement.
    """
    reading = reading or NOTHING
    rate, heckel = reading.rate, reading.heckel
    return StackState(
        header=Header(stamp=time_message(stamp)),
        height=reading.height,
        height_uncertainty=reading.height_uncertainty,
        height_loss=reading.height_loss,
        density=reading.density,
        density_uncertainty=reading.density_uncertainty,
        densification_rate=rate.value,
        densification_rate_uncertainty=rate.uncertainty,
        heckel_slope=heckel.slope,
        heckel_slope_uncertainty=heckel.slope_uncertainty,
        heckel_intercept=heckel.intercept,
        heckel_intercept_uncertainty=heckel.intercept_uncertainty,
        yield_pressure=heckel.yield_pressure,
        yield_pressure_uncertainty=heckel.yield_pressure_uncertainty,
    )


def actuator_wear(wear: Wear) -> ActuatorWear:
    """Return what an actuator had to do as a message."""
    return ActuatorWear(
        travel=wear.travel,
        reversals=wear.reversals,
        starts=wear.starts,
        openings=wear.openings,
        running=wear.running,
    )
