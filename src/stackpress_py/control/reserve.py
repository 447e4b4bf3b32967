"""How far below a target that is approached from below a law aims: an overshoot changes a cell for good. SI units."""

#: Part of the expanded uncertainty. A load cell's error, which lies within it, would otherwise be an overshoot of the
#: true force half of the time.
UNCERTAINTY_SHARE = 0.15
#: Part of the noise that a sensor has beyond what is declared: the force wanders more then.
NOISE_SHARE = 0.8
#: Part of the target that this may be: with a sensor that is too coarse for the target, what is asked counts more.
LARGEST = 1.2e-3


def reserve(target: float, uncertainty: float, excess: float) -> float:
    """Return by how much (N) to aim below a target.

    Args:
        target: N.
        uncertainty: N, expanded, of the force.
        excess: N by which the noise's standard deviation is larger than what is declared.
    """
    wanted = UNCERTAINTY_SHARE * uncertainty + NOISE_SHARE * max(0.0, excess)
    return min(wanted, LARGEST * target)
