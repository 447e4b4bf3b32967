"""Ports given at the start, instead of those in the profile."""

from collections.abc import Mapping

from stackpress_py.devices.press.profile import PressProfile


def given_ports(profile: PressProfile, text: str) -> Mapping[str, str]:
    """Return ports by the names of buses.

    Args:
        profile: of the press.
        text: one port, of the bus of the cycle; or ``bus=port`` several times, with commas between.

    Raises:
        ValueError: a bus is not one of the press.
    """
    if not text.strip():
        return {}
    if "=" not in text:
        return {profile.cycle.bus: text.strip()}
    found: dict[str, str] = {}
    for part in text.split(","):
        bus, _, port = (word.strip() for word in part.partition("="))
        if bus not in profile.buses or not port:
            known = ", ".join(profile.buses)
            raise ValueError(
                f"the port '{part.strip()}' is not of the form bus=port with a bus of"
                f" {profile.press}: {known}"
            )
        found[bus] = port
    return found
