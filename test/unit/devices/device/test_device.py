"""One device: identified, set up, led to action and away from it, and never with an old target."""

import math
from typing import Any

import pytest

from stackpress_py.devices.bus.errors import DeviceError, NoReplyError, NotTakenError, ReplyError
from stackpress_py.devices.device.device import HARMLESS, TIME_TO_ENABLE, Device, Wish
from stackpress_py.devices.device.words import Raw
from unit.devices.device.bus_fakes import FakeLink
from unit.devices.device.oven import POINTS, Rig, heat, profile_of

# ---- identity ----------------------------------------------------------------------------------------


def test_a_device_is_checked_read_and_set_up_in_this_order() -> None:
    rig = Rig()
    rig.device.identify(0.0)
    assert rig.link.calls == [
        "read name",
        "read places",
        "read temperature",
        "write unit_code=1",
    ]
    assert rig.device.identified


def test_another_device_gets_nothing_written() -> None:
    rig = Rig()
    rig.link.values["name"] = "OTHER"
    with pytest.raises(
        DeviceError, match="oven: name is 'OTHER', and profile controller needs 'DEV"
    ):
        rig.device.identify(0.0)
    assert not rig.link.written
    assert not rig.device.identified


def test_a_wrong_setting_is_set_right_and_read_again() -> None:
    check = {"point": "unit_code", "raw": 2, "set": True, "why": "kilograms"}
    rig = Rig(checks=(check,), setup=())
    rig.device.identify(0.0)
    assert rig.link.calls[:3] == ["read unit_code", "write unit_code=2", "read unit_code"]
    rig.device.identify(0.0)
    assert not [call for call in rig.link.calls[5:] if call.startswith("write")]
    rig.link.values["unit_code"] = 0
    rig.link.deaf.add("unit_code")
    with pytest.raises(DeviceError, match=r"unit_code is 0, .* needs 2 \(kilograms\)"):
        rig.device.identify(0.0)


def test_a_part_of_a_register_is_checked_by_itself() -> None:
    points = {**POINTS, "code": {"address": 4, "field": (8, 15)}}
    rig = Rig(points=points, checks=({"point": "code", "raw": 3},))
    rig.link.values["code"] = 0x0301
    rig.device.identify(0.0)
    rig.link.values["code"] = 0x0401
    with pytest.raises(DeviceError, match="code is 4, and profile controller needs 3"):
        rig.device.identify(0.0)


@pytest.mark.parametrize("every", [None, "5 s"])
def test_a_value_that_must_be_one_is_watched_all_the_time(every: str | None) -> None:
    point = {"address": 20, "equals": 0} | ({} if every is None else {"every": every})
    rig = Rig(points={**POINTS, "mass_unit": point})
    rig.link.values["mass_unit"] = 0
    rig.ready()
    rig.link.values["mass_unit"] = 3
    for _ in range(2):
        with pytest.raises(ReplyError, match="oven: mass_unit is 3, and this profile is for 0"):
            rig.exchange(after=6.0)
    with pytest.raises(DeviceError, match="mass_unit is 3"):
        rig.device.identify(rig.now)


# ---- to action and back ------------------------------------------------------------------------------


def test_after_each_identification_it_is_harmless_whatever_is_wished() -> None:
    rig = Rig()
    for _ in range(2):
        rig.device.identify(rig.now)
        rig.link.calls.clear()
        rig.link.values["run"] = 1
        rig.exchange(heat(80.0))
        assert rig.link.written == ["run=0"]
        assert rig.device.confirmed == HARMLESS
        rig.exchange(heat(80.0))
        assert rig.link.written == ["target=800", "run=1"]
        assert rig.device.confirmed == heat(80.0)


def test_action_never_begins_with_the_last_target() -> None:
    """The new target is there before the controller is switched on."""
    rig = Rig().ready()
    rig.exchange(heat(80.0))
    rig.exchange()
    assert rig.link.written == ["target=800", "run=1", "run=0"]
    rig.exchange(heat(40.0))
    assert rig.link.written == ["target=400", "run=1"]


def test_what_begins_a_movement_is_written_after_the_sequence_and_only_then() -> None:
    rig = Rig().ready()
    move = Wish({"position": 0.01, "speed": 0.002}, active=True)
    rig.exchange(move)
    assert rig.link.written == ["run=1", "position=10 speed=2 start=1"]
    rig.exchange(move)
    assert not rig.link.written
    rig.exchange()
    rig.exchange(move)
    assert rig.link.written == ["run=0", "run=1", "position=10 speed=2 start=1"]
    rig.exchange(Wish(move.values, active=False))
    assert rig.link.written == ["run=0"]


def test_half_a_movement_is_refused() -> None:
    rig = Rig().ready()
    with pytest.raises(ValueError, match="position is written together with other values: give it"):
        rig.exchange(Wish({"speed": 0.002}, active=True))


def test_a_sequence_that_fails_halfway_is_undone() -> None:
    steps = ({"write": "run", "raw": 1}, {"write": "unit_code", "raw": 7, "verify": True})
    rig = Rig(enable=steps).ready()
    rig.link.deaf.add("unit_code")
    with pytest.raises(NotTakenError, match="oven: unit_code holds 1 after 7 was written"):
        rig.exchange(heat(80.0))
    assert rig.link.written[-2:] == ["run=1", "unit_code=7"]
    rig.exchange()
    assert rig.link.written == ["run=0"]


def test_a_device_that_needs_time_is_not_active_before() -> None:
    step = {"write": "run", "raw": 1, "unless": "status.on", "until": ("status.on", "status.ready")}
    rig = Rig(enable=(step,)).ready()
    move = Wish({"position": 0.01, "speed": 0.002}, active=True)
    rig.link.values["status"] = 0
    assert rig.exchange(move)["temperature"] == 25.0
    assert rig.link.written == ["run=1"]
    assert rig.device.confirmed == HARMLESS
    rig.link.values["status"] = 0b100
    rig.exchange(move)
    assert not rig.link.written
    rig.link.values["status"] = 0b101
    rig.exchange(move)
    assert rig.link.written == ["position=10 speed=2 start=1"]
    assert rig.device.confirmed == move


def test_a_device_that_never_becomes_ready_is_told() -> None:
    step = {"write": "run", "raw": 1, "until": ("status.ready",)}
    rig = Rig(enable=(step,)).ready()
    rig.link.values["status"] = 0
    rig.exchange(heat(80.0))
    rig.exchange(heat(80.0), after=TIME_TO_ENABLE)
    with pytest.raises(NotTakenError, match=r"oven does not become ready: status\.ready has not"):
        rig.exchange(heat(80.0), after=0.1)
    rig.exchange()
    assert rig.link.written[-1] == "run=0"


def test_it_is_made_harmless_again_at_every_call() -> None:
    rig = Rig().ready()
    rig.exchange(heat(80.0))
    rig.link.calls.clear()
    rig.device.make_harmless()
    rig.device.make_harmless()
    assert rig.link.written == ["run=0", "run=0"]
    assert rig.device.confirmed == HARMLESS


def test_a_device_that_is_lost_has_to_be_identified_again() -> None:
    rig = Rig().ready()
    rig.exchange(heat(80.0))
    rig.device.lose()
    assert not rig.device.identified
    assert rig.device.was_fresh


# ---- reading -----------------------------------------------------------------------------------------


def test_what_changes_seldom_is_read_seldom_and_used_always() -> None:
    rig = Rig().ready()
    for _ in range(3):
        assert rig.exchange()["temperature"] == 25.0
    assert rig.link.calls == ["read temperature"] * 3
    rig.link.values["places"] = 0
    assert rig.exchange(after=5.0)["temperature"] == 250.0
    assert rig.link.calls[-1] == "read places"


def test_a_scale_that_cannot_be_read_gives_no_value() -> None:
    rig = Rig().ready()
    rig.link.values["places"] = 12
    assert math.isnan(rig.exchange(after=6.0)["temperature"])


def test_the_profiles_faults_are_read_whether_they_are_wanted_or_not() -> None:
    rig = Rig(faults=("status.broken",)).ready()
    rig.link.values["status"] = 2
    assert rig.exchange()["status.broken"] == 1.0
    assert rig.device.paths == ("temperature", "status.broken")


def test_silence_is_no_exchange() -> None:
    rig = Rig().ready()
    rig.link.silent = True
    with pytest.raises(NoReplyError):
        rig.exchange(heat(80.0))
    assert rig.device.confirmed == HARMLESS


# ---- in every cycle ----------------------------------------------------------------------------------

CYCLE = {"when": "cycle"}
BEATING: dict[str, Any] = {
    "beat": {"address": 0, "read": False, "write": CYCLE},
    "command": {"address": 1, "read": False, "bits": {"go": 0, "reset": 3}, "write": CYCLE},
    "velocity": {
        "address": 2,
        "type": "i16",
        "unit": "mm/s",
        "read": False,
        "write": {**CYCLE, "rest": 0},
    },
    "echo": {"address": 10},
    "sequence": {"address": 11},
    "force": {"address": 12, "unit": "N"},
}


class BeatingLink(FakeLink):
    """A device that repeats the heartbeat and counts its answers."""

    frozen_echo = frozen_sequence = False

    def read(self, names: frozenset[str]) -> dict[str, Raw]:
        if not self.frozen_sequence:
            self.values["sequence"] = int(self.values["sequence"]) + 1
        if not self.frozen_echo:
            self.values["echo"] = self.values.get("beat", 0)
        return super().read(names)


def beating() -> tuple[Device, BeatingLink]:
    link = BeatingLink({"echo": 0, "sequence": 0, "force": 5, "beat": 0})
    profile = profile_of(
        points=BEATING,
        checks=(),
        setup=(),
        enable=(),
        safe=(),
        heartbeat={"write": "beat", "echo": "echo", "sequence": "sequence"},
    )
    device = Device("plc", profile, link, ("force",))
    device.identify(0.0)
    device.exchange(HARMLESS, 0.0)
    link.calls.clear()
    return device, link


def test_what_nobody_wishes_is_at_rest_in_every_cycle() -> None:
    device, link = beating()
    device.exchange(Wish({"velocity": -0.003, "command.go": 1.0, "command.reset": 1.0}, True), 0.1)
    device.exchange(HARMLESS, 0.2)
    assert link.written == ["beat=2 command=9 velocity=-3", "beat=3 command=0 velocity=0"]


def test_values_beside_an_old_heartbeat_are_old() -> None:
    device, link = beating()
    link.frozen_echo = True
    with pytest.raises(ReplyError, match="plc: it repeats heartbeat 1 instead of 2"):
        device.exchange(HARMLESS, 0.1)
    assert link.distrusted == 1


def test_values_beside_a_standing_sequence_number_are_old() -> None:
    device, link = beating()
    link.frozen_sequence = True
    with pytest.raises(ReplyError, match="plc: its sequence number stands still"):
        device.exchange(HARMLESS, 0.1)


def test_a_heartbeat_begins_again_after_its_largest_number() -> None:
    device, link = beating()
    for _ in range(0x10000):
        device.exchange(HARMLESS, 0.1)
    assert link.values["beat"] == 1
