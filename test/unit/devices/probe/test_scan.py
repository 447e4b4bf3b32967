"""The search on a serial line, in virtual time; every slave fails the test if anything is written."""

import re
from collections.abc import Callable, Mapping, Sequence

import pytest

from stackpress_py.devices.bus.errors import PortError
from stackpress_py.devices.device.profile import DeviceProfile, known_devices, load_device
from stackpress_py.devices.probe.listening import Heard
from stackpress_py.devices.probe.read_only import Setting
from stackpress_py.devices.probe.report import ScanReport
from stackpress_py.devices.probe.scan import LISTENING, Scan
from stackpress_py.devices.probe.scope import BAUDS, FRAMINGS, Scope
from unit.devices.fakes import framed
from unit.devices.probe.fakes import Onlooker, ProbedLine, Sent, Slave, Talker
from unit.devices.probe.test_fits import EUROTHERM, REFERENCE

PROFILES: list[DeviceProfile] = [load_device(name) for name in known_devices()]
MODBUS = ("modbus",)
USUAL = Setting(9600, "8N1")
Device = Callable[[bytes], Sent]


def search(line: ProbedLine, scope: Scope) -> ScanReport:
    return Scan(line.opener, scope, PROFILES, Onlooker(), line.when).run()


def found(report: ScanReport) -> list[tuple[str, str, int | None]]:
    return [(each.protocol, str(each.setting), each.unit) for each in report.found]


# ---- who answers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("baud", BAUDS)
def test_a_device_is_found_at_every_usual_setting(baud: int, framing: str) -> None:
    setting = Setting(baud, framing)
    report = search(ProbedLine({setting: [Slave(1, {0: 7})]}), Scope(MODBUS))
    assert found(report) == [("modbus", str(setting), 1)]
    assert report.complete


@pytest.mark.parametrize("unit", [1, 2, 16])
def test_a_device_is_found_at_every_unit_of_the_scope(unit: int) -> None:
    setting = Setting(19200, "8E1")
    report = search(ProbedLine({setting: [Slave(unit, {0: 7})]}), Scope(MODBUS))
    assert found(report) == [("modbus", str(setting), unit)]


def test_a_unit_beyond_the_scope_is_not_found() -> None:
    line = ProbedLine({USUAL: [Slave(17, {0: 7})]})
    assert search(line, Scope(MODBUS)).found == []
    assert found(search(line, Scope(MODBUS, units=(17,)))) == [("modbus", "9600 8N1", 17)]


def test_all_units_at_the_setting_of_the_first_are_found() -> None:
    setting = Setting(38400, "8N1")
    line = ProbedLine({setting: [Slave(unit, {0: 7}) for unit in (3, 1, 9)]})
    report = search(line, Scope(MODBUS))
    assert [each.unit for each in report.found] == [1, 3, 9]


def test_an_exception_proves_a_device(line_of: Callable[..., ProbedLine]) -> None:
    report = search(line_of(Slave(1, {500: 7})), Scope(MODBUS))
    assert report.found[0].says == "exception 2 (illegal address)"


def test_a_device_without_function_3_is_told_so(line_of: Callable[..., ProbedLine]) -> None:
    report = search(line_of(Slave(1, {0: 7}, functions=(4,))), Scope(MODBUS))
    assert report.found[0].says == "exception 1 (illegal function)"


def test_a_device_that_is_silent_where_it_has_no_register_is_found_by_its_profile(
    line_of: Callable[..., ProbedLine],
) -> None:
    report = search(line_of(Slave(1, EUROTHERM, silent_elsewhere=True)), Scope(MODBUS))
    assert [each.profile.device for each in report.found[0].fits] == ["eurotherm_3200"]


def test_the_profile_of_a_device_that_says_its_name_is_the_first(
    line_of: Callable[..., ProbedLine],
) -> None:
    report = search(line_of(Slave(1, REFERENCE)), Scope(MODBUS))
    assert report.found[0].fits[0].profile.device == "reference_press_plc"


def test_the_time_of_an_answer_is_measured(line_of: Callable[..., ProbedLine]) -> None:
    report = search(line_of(Slave(1, {0: 7}, latency=0.03)), Scope(MODBUS))
    assert report.found[0].latency == pytest.approx(0.03, abs=0.01)


@pytest.mark.parametrize("latency", [0.15, 0.25, 0.4])
def test_a_slow_device_is_found_by_its_late_answer(
    latency: float, line_of: Callable[..., ProbedLine]
) -> None:
    report = search(line_of(Slave(1, EUROTHERM, latency=latency)), Scope(MODBUS))
    assert found(report) == [("modbus", "9600 8N1", 1)]
    assert [each.profile.device for each in report.found[0].fits] == ["eurotherm_3200"]
    assert report.found[0].latency == pytest.approx(latency, abs=0.02)


def test_a_slow_device_among_others_is_not_mistaken_for_them() -> None:
    slow, quick = Slave(3, {0: 7}, latency=0.13), Slave(5, {0: 7})
    report = search(ProbedLine({USUAL: [slow, quick]}), Scope(MODBUS))
    latencies = {each.unit: each.latency for each in report.found}
    assert sorted(latencies, key=str) == [3, 5]
    assert latencies[3] > 0.1 > latencies[5]


def test_the_search_ends_where_something_answers_unless_all_is_wanted() -> None:
    other = Setting(115200, "8N1")
    line = ProbedLine({USUAL: [Slave(1, {0: 7})], other: [Slave(1, {0: 7})]})
    assert found(search(line, Scope(MODBUS))) == [("modbus", "9600 8N1", 1)]
    assert found(search(line, Scope(MODBUS, everything=True))) == [
        ("modbus", "9600 8N1", 1),
        ("modbus", "115200 8N1", 1),
    ]


def test_the_onlooker_hears_of_each_device_at_once() -> None:
    onlooker = Onlooker()
    line = ProbedLine({USUAL: [Slave(1, {0: 7}), Slave(2, {0: 7})]})
    report = Scan(line.opener, Scope(MODBUS), PROFILES, onlooker, line.when).run()
    assert onlooker.seen == report.found
    assert onlooker.tried[0] == "9600 8N1, listening"


# ---- other protocols -------------------------------------------------------------------------------


class Yudian:
    """An AIBUS instrument, written after the protocol's formula; it fails the test on a write."""

    def __init__(self, unit: int) -> None:
        self.unit = unit
        self.parameters = {0: 800, 0x0C: 1}

    def __call__(self, frame: bytes) -> Sent:
        if len(frame) != 8 or frame[:2] != bytes((0x80 + self.unit,)) * 2:
            return []
        assert frame[2] == 0x52, f"{frame.hex(' ')} writes"
        words = [250, 800, 0, self.parameters.get(frame[3], 0x7F00)]
        words.append((sum(words) + self.unit) & 0xFFFF)
        return [(0.02, b"".join(word.to_bytes(2, "little") for word in words))]


@pytest.mark.parametrize("unit", [1, 7])
def test_an_aibus_instrument_is_found(unit: int) -> None:
    setting = Setting(4800, "8N1")
    report = search(ProbedLine({setting: [Yudian(unit)]}), Scope(("aibus",)))
    assert found(report) == [("aibus", "4800 8N1", unit)]


class Balance:
    """Answers SI; what stands before it in the line is a syntax error, as with real ones."""

    def __init__(self, answer: bytes = b"S S      1.234 kg\r\n") -> None:
        self.answer = answer
        self.buffer = b""
        self.commands: list[bytes] = []

    def __call__(self, frame: bytes) -> Sent:
        *lines, self.buffer = (self.buffer + frame).split(b"\r\n")
        self.commands += [line for line in lines if line.isalnum() or line == b"@"]
        return [(0.05, self.answer if line == b"SI" else b"ES\r\n") for line in lines[-1:]]


@pytest.mark.parametrize("protocols", [("ascii",), ("modbus", "aibus", "ascii")])
def test_a_balance_is_found_and_gets_no_command_but_questions(protocols: tuple[str, ...]) -> None:
    balance = Balance()
    report = search(ProbedLine({USUAL: [balance]}), Scope(protocols))
    assert found(report) == [("ascii", "9600 8N1", None)]
    assert [each.profile.device for each in report.found[0].fits] == ["mt_sics"]
    assert set(balance.commands) <= {b"SI"}


def test_a_balance_that_does_not_know_the_question_is_found_all_the_same() -> None:
    report = search(ProbedLine({USUAL: [Balance(b"ES\r\n")]}), Scope(("ascii",)))
    assert report.found[0].says == "'ES'"
    assert report.found[0].fits == ()


# ---- what comes unasked ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "delay"), [(USUAL, 0.0), (USUAL, 1.9), (Setting(115200, "8N1"), 0.0)]
)
def test_a_device_that_sends_unasked_is_heard_and_not_asked(setting: Setting, delay: float) -> None:
    line = Talker(setting, b"1.234 kg\r\n", garbled=b"\x9c\xf2\x00\x83\xe0", delay=delay)
    report = search(line, Scope())
    assert report.heard is Heard.TEXT
    assert found(report) == [("ascii", str(setting), None)]
    assert report.found[0].says == "'1.234 kg', unasked"
    assert [each.profile.device for each in report.found[0].fits] == ["arduino_scale"]
    assert line.sent == []


def test_lines_that_fit_no_profile_are_told() -> None:
    report = search(Talker(USUAL, b"Weight: many\r\n"), Scope())
    assert report.found[0].fits == ()


def test_nobody_speaks_while_another_master_does() -> None:
    talk = framed(bytes.fromhex("05 03 00 01 00 02")) + framed(
        bytes.fromhex("05 03 04 00 19 00 50")
    )
    line = Talker(USUAL, talk)
    report = search(line, Scope(MODBUS))
    assert (report.heard, report.masters, report.at) == (Heard.MODBUS, (5,), USUAL)
    assert (report.found, line.sent) == ([], [])


def test_a_line_that_is_never_silent_is_told_and_not_spoken_on() -> None:
    line = Talker(Setting(1200, "8N1"), b"", garbled=bytes(range(128, 160)))
    report = search(line, Scope())
    assert report.heard is Heard.NOISE
    assert report.noise[:4] == bytes(range(128, 132))
    assert {str(each) for each in line.opened} == {str(each) for each in Scope().settings()}
    assert line.sent == []


def test_a_device_that_greets_at_the_opening_is_asked_when_it_is_silent() -> None:
    class Greeter(ProbedLine):
        def open(self) -> None:
            super().open()
            self.inject(b"HX711 ready v1", 0.2)

    report = search(Greeter({USUAL: [Slave(1, {0: 7})]}), Scope())
    assert ("modbus", "9600 8N1", 1) in found(report)


# ---- nobody answers --------------------------------------------------------------------------------


def test_silence_is_told_as_silence() -> None:
    report = search(ProbedLine({}), Scope(MODBUS, units=(1, 2)))
    assert (report.found, report.echoes, report.noisy, report.heard) == ([], 0, 0, Heard.NOTHING)
    assert report.asked > 2 * len(BAUDS) * len(FRAMINGS)
    assert report.complete


def test_an_echo_alone_is_no_device() -> None:
    report = search(ProbedLine({}, echoes=True), Scope(MODBUS, units=(1, 2)))
    assert report.found == []
    assert report.echoes == report.asked


def test_an_echo_does_not_hide_a_device() -> None:
    line = ProbedLine({USUAL: [Slave(1, {0: 7})]}, echoes=True)
    assert found(search(line, Scope(MODBUS))) == [("modbus", "9600 8N1", 1)]


def test_answers_that_nobody_understands_are_told_as_noise() -> None:
    line = ProbedLine({}, garbles=b"\x9c\xf2\x00\x83\xe0")
    report = search(line, Scope(MODBUS, units=(1,), bauds=(9600,)))
    assert report.found == []
    assert report.noisy == report.asked
    assert report.noise.startswith(b"\x9c\xf2\x00\x83\xe0")


def test_a_lost_port_ends_the_search_and_what_was_found_stays() -> None:
    line = ProbedLine({USUAL: [Slave(1, {0: 7})]})

    class Unplugger(Onlooker):
        def trying(self, what: str, done: int, total: int) -> None:
            super().trying(what, done, total)
            if "unit 4" in what:
                line.unplug()

    scan = Scan(line.opener, Scope(MODBUS), PROFILES, Unplugger(), line.when)
    with pytest.raises(PortError):
        scan.run()
    assert found(scan.report) == [("modbus", "9600 8N1", 1)]
    assert not scan.report.complete


# ---- time ------------------------------------------------------------------------------------------


def test_a_whole_search_for_nothing_takes_a_few_minutes_at_most() -> None:
    line = ProbedLine({})
    begin = line.time
    search(line, Scope())
    assert LISTENING < line.time - begin < 180.0


def test_a_device_as_it_comes_from_its_maker_is_found_within_seconds() -> None:
    for name in known_devices():
        profile = load_device(name)
        if profile.protocol != "modbus" or profile.line is None:
            continue
        setting = Setting(profile.line.bauds[0], profile.line.framings[0])
        line = ProbedLine({setting: [Slave(1, {0x7777: 7})]})
        begin = line.time
        # No profile fits it: what is measured is the search, not the comparison.
        Scan(line.opener, Scope(units=(1,)), PROFILES, Onlooker(), line.when).run()
        assert line.time - begin < LISTENING + 12.0, name


@pytest.fixture
def line_of() -> Callable[..., ProbedLine]:
    """Returns a line with devices at the most usual setting."""

    def make(*devices: Device) -> ProbedLine:
        settings: Mapping[Setting, Sequence[Device]] = {USUAL: devices}
        return ProbedLine(settings)

    return make


def test_no_unit_is_asked_twice_in_vain() -> None:
    onlooker = Onlooker()
    line = ProbedLine({USUAL: [Slave(1, {0: 7})]})
    Scan(line.opener, Scope(MODBUS), [], onlooker, line.when).run()
    units = [int(match[1]) for what in onlooker.tried if (match := re.search(r"unit (\d+)", what))]
    assert units == list(range(1, 17))
