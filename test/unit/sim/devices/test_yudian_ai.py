"""The simulated AI instrument: its frames byte by byte, its manners, its loop."""

import math

import pytest

from stackpress_py.sim.devices.aibus_frames import Reading, Request, packed_reply, packed_request
from stackpress_py.sim.devices.yudian_ai import SAMPLE, Alarm, YudianAi
from stackpress_py.sim.devices.yudian_parameters import MISSING, Code, Settings, State

PLAIN = Settings()
TENFOLD = Settings(tenfold=True)
OLD = Settings(protocol="V7")


class Oven:
    """A heater of first order: 25 degC at rest, 400 K more at full power."""

    def __init__(self, temperature: float = 25.0) -> None:
        self.temperature = temperature

    def step(self, power: float, seconds: float) -> None:
        goal = 25.0 + 400.0 * power
        self.temperature += (goal - self.temperature) * seconds / 120.0


def words(reply: bytes) -> list[int]:
    """Return the five words of a reply, unsigned, as a driver in C does."""
    assert len(reply) == 10
    return [reply[2 * index] + 256 * reply[2 * index + 1] for index in range(5)]


def ask(device: YudianAi, frame: str, now: float = 0.0) -> list[int]:
    reply = device.answer(bytes.fromhex(frame), now)
    assert reply is not None
    return words(reply)


def read(device: YudianAi, code: int, now: float = 0.0) -> int:
    reply = device.answer(packed_request(Request(device.unit, False, code)), now)
    assert reply is not None
    return words(reply)[3]


def write(device: YudianAi, code: int, value: int, now: float = 0.0) -> int:
    reply = device.answer(packed_request(Request(device.unit, True, code, value)), now)
    assert reply is not None
    return words(reply)[3]


# ---- frames --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "frame"),
    [
        (Request(1, False, 0x00), "81 81 52 00 00 00 53 00"),
        (Request(1, False, 0x0C), "81 81 52 0C 00 00 53 0C"),
        (Request(3, True, 0x00, 1000), "83 83 43 00 E8 03 2E 04"),
        (Request(80, True, 0x1B, 1), "D0 D0 43 1B 01 00 94 1B"),
        # The sum is cut to 16 bits: 0x43 - 100 + 1.
        (Request(1, True, 0x00, -100), "81 81 43 00 9C FF E0 FF"),
    ],
)
def test_requests_byte_by_byte(request_: Request, frame: str) -> None:
    assert packed_request(request_) == bytes.fromhex(frame)


def test_the_sum_of_a_reply_is_of_words_and_has_the_address() -> None:
    reply = packed_reply(5, Reading(1234, 2000, -7, 0x12), 300)
    *values, total = words(reply)
    assert values == [1234, 2000, 0x12F9, 300]
    assert total == (sum(values) + 5) & 0xFFFF


@pytest.mark.parametrize(
    "frame",
    [
        "81 81 52 00 00 00 54 00",
        "81 82 52 00 00 00 53 00",
        "81 81 53 00 00 00 54 00",
        "81 81 52 00 00 00 53",
        "81 81 52 00 00 00 53 00 00",
        "D1 D1 52 00 00 00 A3 00",
    ],
    ids=["sum", "addresses differ", "no function", "short", "long", "address 81"],
)
def test_silent_at_a_broken_request(frame: str) -> None:
    device = YudianAi(PLAIN, lambda: 25.0)
    assert device.answer(bytes.fromhex(frame), 0.0) is None


def test_silent_for_another_address() -> None:
    request = packed_request(Request(2, False, 0))
    assert YudianAi(PLAIN, lambda: 25.0).answer(request, 0.0) is None
    assert YudianAi(Settings(unit=2), lambda: 25.0).answer(request, 0.0) is not None


def test_each_reply_carries_measured_target_output_and_alarms() -> None:
    device = YudianAi(PLAIN, lambda: 43.21)
    assert write(device, Code.TARGET, 800) == 800
    measured, target, state, value, _ = ask(device, "81 81 52 0C 00 00 53 0C")
    assert (measured, target, state, value) == (432, 800, 0, 1)


# ---- decimals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tenfold", "told", "measured"), [(False, 1, 1000), (True, 129, 10000)])
def test_128_in_dpt_means_one_digit_more(tenfold: bool, told: int, measured: int) -> None:
    """The published example the other way round: 1000 is 100.0 with dPt 1, and 10.0 with dPt 129."""
    device = YudianAi(Settings(tenfold=tenfold), lambda: 100.0)
    assert read(device, Code.DECIMALS) == told
    assert ask(device, "81 81 52 00 00 00 53 00")[0] == measured


def test_dpt_is_written_without_the_128() -> None:
    device = YudianAi(TENFOLD, lambda: 100.0)
    assert write(device, Code.DECIMALS, 129) == 129, "refused: what it was"
    assert write(device, Code.DECIMALS, 0) == 128
    assert ask(device, "81 81 52 00 00 00 53 00")[0] == 1000


def test_times_have_no_share_in_the_decimals() -> None:
    one, ten = YudianAi(PLAIN, lambda: 25.0), YudianAi(TENFOLD, lambda: 25.0)
    assert read(one, Code.INTEGRAL) == read(ten, Code.INTEGRAL)
    assert 10 * read(one, Code.BAND) == read(ten, Code.BAND)


def test_negative_temperatures() -> None:
    device = YudianAi(PLAIN, lambda: -12.5)
    assert ask(device, "81 81 52 00 00 00 53 00")[0] == 0x10000 - 125


# ---- what it refuses -----------------------------------------------------------------------------


def test_a_parameter_that_does_not_exist() -> None:
    device = YudianAi(PLAIN, lambda: 25.0)
    assert read(device, 0x40) == MISSING
    assert MISSING >> 8 == 127
    assert write(device, 0x40, 5) == MISSING


@pytest.mark.parametrize(
    ("code", "value"),
    [(Code.TARGET, 32001), (Code.CONTROL, 3), (Code.BAND, 0), (Code.RUN, 3), (Code.MODEL, 1)],
)
def test_a_refused_write_is_answered_with_the_value_in_force(code: Code, value: int) -> None:
    device = YudianAi(PLAIN, lambda: 25.0)
    before = read(device, code)
    assert write(device, code, value) == before != value
    assert device.truth()["writes"] == {}


def test_writes_are_counted() -> None:
    device = YudianAi(PLAIN, lambda: 25.0)
    for target in (100, 200, 200):
        write(device, Code.TARGET, target)
    assert device.truth()["writes"] == {"00": 3}


# ---- run and stop --------------------------------------------------------------------------------


def test_it_heats_only_while_it_runs() -> None:
    device = YudianAi(PLAIN, lambda: 25.0)
    write(device, Code.TARGET, 2000)
    device.advance(10.0)
    assert (device.output, read(device, Code.RUN, 10.0)) == (0.0, State.STOP)
    write(device, Code.RUN, State.RUN, 10.0)
    device.advance(11.0)
    assert device.output == 1.0
    assert read(device, Code.OUTPUT, 11.0) == 100
    write(device, Code.RUN, State.STOP, 11.0)
    assert device.output == 0.0, "at once, not with the next sample"


def test_an_old_instrument_stops_by_15h() -> None:
    device = YudianAi(OLD, lambda: 25.0)
    write(device, Code.TARGET, 2000)
    assert write(device, 0x15, 0) == 0
    device.advance(1.0)
    assert device.output == 1.0
    assert write(device, 0x15, 12, 1.0) == 12
    assert (device.output, device.truth()["state"]) == (0.0, "stop")


def test_1bh_of_an_old_instrument_is_the_time_of_a_segment_and_stops_nothing() -> None:
    device = YudianAi(OLD, lambda: 25.0)
    write(device, Code.TARGET, 2000)
    write(device, 0x15, 0)
    assert write(device, Code.RUN, State.STOP) == State.STOP, "the echo looks as if it had stopped"
    device.advance(1.0)
    assert device.output == 1.0


def test_the_programme_of_an_old_instrument_keeps_what_it_is_given() -> None:
    device = YudianAi(OLD, lambda: 25.0)
    assert read(device, 0x1C) == 0
    assert write(device, 0x1C, 1500) == 1500
    assert write(device, 0x1C, 32001) == 1500
    assert read(device, 0x1A + 60) == MISSING, "thirty segments"


def test_the_generations_can_be_told_apart_by_15h() -> None:
    assert read(YudianAi(PLAIN, lambda: 25.0), Code.MODEL) == 5180
    assert read(YudianAi(OLD, lambda: 25.0), Code.MODEL) in (0, 4, 12)


# ---- loop and alarms -----------------------------------------------------------------------------


def run(device: YudianAi, oven: Oven, seconds: float) -> list[float]:
    """Let device and oven go on; return the oven's temperature at each sample."""
    seen = []
    for sample in range(1, round(seconds / SAMPLE) + 1):
        device.advance(sample * SAMPLE)
        oven.step(device.output, SAMPLE)
        seen.append(oven.temperature)
    return seen


def test_the_loop_brings_the_oven_to_its_target() -> None:
    oven = Oven()
    device = YudianAi(PLAIN, lambda: oven.temperature)
    for code, value in ((Code.BAND, 600), (Code.INTEGRAL, 120), (Code.DERIVATIVE, 0)):
        write(device, code, value)
    write(device, Code.TARGET, 1500)
    write(device, Code.RUN, State.RUN)
    seen = run(device, oven, 1200.0)
    assert seen[-1] == pytest.approx(150.0, abs=0.2)
    assert max(seen) < 160.0


def test_the_derivative_time_is_in_tenths_of_a_second() -> None:
    oven = Oven(50.0)
    device = YudianAi(Settings(running=True), lambda: oven.temperature)
    for code, value in ((Code.BAND, 1000), (Code.INTEGRAL, 0), (Code.DERIVATIVE, 100)):
        write(device, code, value)
    write(device, Code.TARGET, 1000)
    for sample in range(1, 41):
        oven.temperature += 1.0 * SAMPLE
        device.advance(sample * SAMPLE)
    assert device.output == pytest.approx((100.0 - 60.0 - 10.0 * 1.0) / 100.0)


def test_on_off_control_stays_within_its_hysteresis() -> None:
    oven = Oven()
    device = YudianAi(PLAIN, lambda: oven.temperature)
    write(device, Code.CONTROL, 0)
    write(device, Code.TARGET, 1500)
    write(device, Code.RUN, State.RUN)
    last = run(device, oven, 600.0)[-400:]
    assert 147.0 < min(last) < 149.0
    assert 151.0 < max(last) < 153.0


def test_alarms_come_at_their_limits_and_clear_a_hysteresis_later() -> None:
    oven = Oven(99.0)
    device = YudianAi(PLAIN, lambda: oven.temperature)
    write(device, Code.HIGH, 1000)
    write(device, Code.HYSTERESIS, 20)

    def alarms(temperature: float, now: float) -> int:
        oven.temperature = temperature
        return ask(device, "81 81 52 00 00 00 53 00", now)[2] >> 8

    assert alarms(99.0, 0.0) == 0
    assert alarms(100.1, 1.0) == Alarm.HIGH
    assert alarms(98.5, 2.0) == Alarm.HIGH
    assert alarms(97.9, 3.0) == 0


def test_deviation_alarms() -> None:
    oven = Oven(100.0)
    device = YudianAi(PLAIN, lambda: oven.temperature)
    write(device, Code.TARGET, 1000)
    write(device, Code.HIGH_DEVIATION, 50)
    write(device, Code.LOW_DEVIATION, -50)
    for now, temperature, alarm in ((1.0, 106.0, 4), (2.0, 100.0, 0), (3.0, 94.0, 8)):
        oven.temperature = temperature
        assert ask(device, "81 81 52 00 00 00 53 00", now)[2] >> 8 == alarm


def test_an_open_thermocouple_is_told_and_ends_the_heating() -> None:
    oven = Oven()
    device = YudianAi(Settings(running=True, highest_c=1300.0), lambda: oven.temperature)
    write(device, Code.TARGET, 2000)
    device.advance(1.0)
    assert device.output == 1.0
    oven.temperature = math.nan
    measured, _, state, _, _ = ask(device, "81 81 52 00 00 00 53 00", 2.0)
    assert state == Alarm.INPUT << 8, "alarm, output 0"
    assert measured == 13000
    assert device.output == 0.0


def test_the_input_is_shifted() -> None:
    device = YudianAi(PLAIN, lambda: 100.0)
    write(device, Code.SHIFT, -15)
    assert ask(device, "81 81 52 00 00 00 53 00", 1.0)[0] == 985
