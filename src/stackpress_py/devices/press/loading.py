"""Press profiles from their files: config/presses/*.yaml, with the profiles of their devices."""

from collections.abc import Iterator
from pathlib import Path

from stackpress_py import documents, yaml_reader
from stackpress_py.devices.device.profile import DeviceProfile, device_path, load_device
from stackpress_py.devices.press.dangers import dangers
from stackpress_py.devices.press.fitting import misfits
from stackpress_py.devices.press.loads import is_of
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.documents import DocumentError
from stackpress_py.paths import config
from stackpress_py.quantities import FORCE, FORCE_RATE, PRESSURE, PRESSURE_RATE


def load_profile(name: str) -> PressProfile:
    """Load a press profile with the profiles of its devices.

    Args:
        name: of a profile in config/presses, or the path of a file (with a slash or ``.yaml``).

    Raises:
        DocumentError: there is none, or it is wrong: file, line, field, found, allowed.
    """
    path = profile_path(name)
    source = documents.parse(documents.read_text(path), str(path))
    found = [source.sentence(place, problem) for place, problem in _wrong_loads(source.data)]
    if found:
        raise DocumentError(found)
    profile = source.build(PressProfile)
    devices = {
        device: _load_device(source, device, installed.profile, path.parent)
        for device, installed in profile.devices.items()
    }
    tuning = profile.tuning
    if tuning is not None:
        tuning = str((path.parent / tuning).resolve())
    complete = profile.complete(tuning, devices)
    wrong = list(misfits(complete)) or list(dangers(complete))
    found = [source.sentence(place, problem) for place, problem in wrong]
    if found:
        raise DocumentError(found)
    return complete


def _load_device(source: documents.Source, device: str, name: str, beside: Path) -> DeviceProfile:
    try:
        path = device_path(name, beside)
    except DocumentError as error:
        place = ("devices", device, "profile")
        raise DocumentError([source.sentence(place, str(error))]) from None
    return load_device(str(path))


def known_profiles() -> list[str]:
    """Return the names of the profiles that come with Stackpress."""
    return sorted(path.stem for path in config("presses").glob("*.yaml"))


def device_files(profile: PressProfile, path: Path) -> tuple[Path, ...]:
    """Return the files of a press's devices; ``path`` is that of the press profile."""
    names = dict.fromkeys(installed.profile for installed in profile.devices.values())
    return tuple(device_path(name, path.parent) for name in names)


def profile_path(name: str) -> Path:
    """Return the file of a profile; ``name`` as for :func:`load_profile`.

    Raises:
        DocumentError: no profile of that name comes with Stackpress.
    """
    if "/" in name or name.endswith((".yaml", ".yml")):
        return Path(name).expanduser().resolve()
    known = known_profiles()
    if name not in known:
        found = f"there is no press profile '{name}'" if name else "no press profile is given"
        raise DocumentError([f"{found}; there are: {', '.join(known)}; or give a file"])
    return config("presses", f"{name}.yaml")


# ---- loads -----------------------------------------------------------------------------------------


def _wrong_loads(data: yaml_reader.Value) -> Iterator[tuple[yaml_reader.Path, str]]:
    """Yield the loads of a file that are forces where the press has pressures, or the other way."""
    kind = data.get("kind") if isinstance(data, dict) else None
    isostatic = str(kind).startswith("isostatic")
    for place, rate in _loads(data):
        if isostatic:
            wanted, other = (PRESSURE_RATE, FORCE_RATE) if rate else (PRESSURE, FORCE)
        else:
            wanted, other = (FORCE_RATE, PRESSURE_RATE) if rate else (FORCE, PRESSURE)
        known = list(yaml_reader.known_part(data, place))
        found = known[-1][1] if len(known) == len(place) else None
        if is_of(found, other):
            yield (
                place,
                f"found '{found}'; a press of kind {kind} needs {wanted.name}, as in"
                f" '{wanted.example}'",
            )


def _loads(data: yaml_reader.Value) -> Iterator[tuple[yaml_reader.Path, bool]]:
    """Yield the place of every load of a profile, and whether it is a rate."""
    for section in ("limits", "trips"):
        yield (section, "force"), False
        yield (section, "force_rate"), True
    sensors = data.get("force_sensors") if isinstance(data, dict) else None
    for index in range(len(sensors) if isinstance(sensors, list) else 0):
        yield ("force_sensors", index, "range"), False
        yield ("force_sensors", index, "saturation"), False
