"""What a record says of the press: what a reader of its numbers needs, and the whole profile."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from stackpress_py.record.journal import plain

_KEPT = (
    "description",
    "kind",
    "verification",
    "actuation",
    "heating",
    "geometry",
    "limits",
    "trips",
)
_OF_A_SENSOR = ("name", "range", "accuracy", "noise", "calibration")
NO_CALIBRATION = "none on record"


def press_facts(profile: Path, devices: Iterable[Path] = ()) -> dict[str, Any]:
    """Return the facts of a press from its files, fit for JSON.

    Args:
        profile: of the press.
        devices: profiles of its devices.

    Raises:
        OSError: the file cannot be read.
        yaml.YAMLError: it is not YAML.
    """
    text = profile.read_text(encoding="utf-8")
    found = yaml.safe_load(text)
    if not isinstance(found, Mapping):
        found = {}
    facts = {"name": found.get("press", profile.stem)}
    facts |= {key: found[key] for key in _KEPT if key in found}
    facts["force_sensors"] = [_sensor(sensor) for sensor in found.get("force_sensors", [])]
    facts["profile"] = _file(profile, text)
    if isinstance(found.get("tuning"), str):
        tuning = (profile.parent / found["tuning"]).resolve()
        facts["tuning"] = _file(tuning, tuning.read_text(encoding="utf-8"))
    facts["devices"] = [_file(path, path.read_text(encoding="utf-8")) for path in devices]
    result = plain(facts)
    assert isinstance(result, dict)
    return result


def _sensor(sensor: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: sensor[key] for key in _OF_A_SENSOR if key in sensor}
    kept.setdefault("calibration", NO_CALIBRATION)
    return kept


def _file(path: Path, text: str) -> dict[str, str]:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"file": path.name, "sha256": digest, "text": text}
