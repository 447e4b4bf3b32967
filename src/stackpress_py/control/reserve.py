"""How far below a target that is approached from below a law aims: an overshoot changes a cell for good. SI units."""

#: Part of the expanded uncertainty. A load cell's error, which lies within it, would otherwise be an overshoot of the
#: true force half of the time.
UNCERTAINTY_SHARE = 0.15
#: Part of the noise that a sensor has beyond what is declared: the force wanders more then.
NOISE_SHARE = 0.8
#: Parts of the target that these may be: with a sensor that is too coarse for the target, what is asked counts more.
MOST_FOR_UNCERTAINTY, MOST_FOR_NOISE = 5e-4, 1e-3
#: s in which what was kept in reserve for noise is given back in a hold, where it averages out.
SETTLING = 30.0


def reserve(target: float, uncertainty: float, excess: float) -> float:
    """Return by how much (N) to aim below a target.

    Args:
        target: N.
        uncertainty: N, expanded, of the force.
        excess: N by which the noise's standard deviation is larger than what is declared.
    """
    lasting = min(UNCERTAINTY_SHARE * uncertainty, MOST_FOR_UNCERTAINTY * target)
    return lasting + min(NOISE_SHARE * max(0.0, excess), MOST_FOR_NOISE * target)


def settled(aim: float, target: float, uncertainty: float, dt: float) -> float:
    """Return where to aim (N) after ``dt`` s more of a hold: what was reserved for noise is given back."""
    best = target - reserve(target, uncertainty, 0.0)
    return aim + min(1.0, dt / SETTLING) * max(0.0, best - aim)
