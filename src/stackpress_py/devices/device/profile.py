"""The device profile, config/devices/*.yaml: everything the program knows of one kind of device."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import Field

from stackpress_py import documents
from stackpress_py.devices.device.ascii_profile import AsciiProfile
from stackpress_py.devices.device.base_profile import BaseProfile, Verification
from stackpress_py.devices.device.fields import Name
from stackpress_py.devices.device.modbus_profile import ModbusProfile
from stackpress_py.devices.device.point import Point
from stackpress_py.devices.device.points import AibusPoint
from stackpress_py.documents import DocumentError
from stackpress_py.paths import config

__all__ = [
    "AibusProfile",
    "AsciiProfile",
    "DeviceProfile",
    "ModbusProfile",
    "Verification",
    "device_path",
    "known_devices",
    "load_device",
]


class AibusProfile(BaseProfile):
    """An instrument that speaks AIBUS.

    A parameter that is read costs two requests, since an answer does not tell of which one it is; what
    every answer tells costs one for all.
    """

    protocol: Literal["aibus"]
    points: dict[Name, AibusPoint] = Field(min_length=1)

    def all_points(self) -> Mapping[str, Point]:
        """Return the points by their names."""
        return self.points


DeviceProfile: TypeAlias = ModbusProfile | AibusProfile | AsciiProfile
_MODELS: Mapping[str, type[ModbusProfile] | type[AibusProfile] | type[AsciiProfile]] = {
    "modbus": ModbusProfile,
    "aibus": AibusProfile,
    "ascii": AsciiProfile,
}


def known_devices() -> list[str]:
    """Return the names of the device profiles that come with Stackpress."""
    return sorted(path.stem for path in config("devices").glob("*.yaml"))


def device_path(name: str, beside: Path | None = None) -> Path:
    """Return the file of a device profile.

    Args:
        name: of a profile in config/devices, or the path of a file (with a slash or ``.yaml``).
        beside: folder that a relative path begins in; None: the current one.

    Raises:
        DocumentError: no profile of that name comes with Stackpress.
    """
    if "/" in name or name.endswith((".yaml", ".yml")):
        return ((beside or Path()) / Path(name).expanduser()).resolve()
    known = known_devices()
    if name not in known:
        raise DocumentError(
            [f"there is no device profile '{name}'; there are: {', '.join(known)}; or give a file"]
        )
    return config("devices", f"{name}.yaml")


def load_device(name: str, beside: Path | None = None) -> DeviceProfile:
    """Load a device profile; arguments as of :func:`device_path`.

    Raises:
        DocumentError: there is none, or it is wrong: file, line, field, found, allowed.
    """
    path = device_path(name, beside)
    source = documents.parse(documents.read_text(path), str(path))
    protocol = source.data.get("protocol") if isinstance(source.data, dict) else None
    model = _MODELS.get(str(protocol))
    if model is None:
        found = "is missing" if protocol is None else f"found '{protocol}'"
        raise DocumentError(
            [source.sentence(("protocol",), f"{found}, needs one of {', '.join(_MODELS)}")]
        )
    return source.build(model)
