"""What a search that found nothing, or not enough, tells the user to do."""

from stackpress_py.devices.probe.advice import advice
from stackpress_py.devices.probe.listening import Heard
from stackpress_py.devices.probe.read_only import Setting
from stackpress_py.devices.probe.report import Found, ScanReport

USUAL = Setting(9600, "8N1")


def text(report: ScanReport, serial: bool = True) -> str:
    return "\n".join(advice(report, serial))


def found(says: str = "values", latency: float = 0.02, setting: Setting = USUAL) -> Found:
    return Found("modbus", setting, 1, latency, says)


def test_silence_lists_what_to_look_at() -> None:
    said = text(ScanReport(asked=400, complete=True))
    assert said.startswith("nobody answered any of 400 questions\n")
    for word in ("power", "A and B", "ground", "120 ohm", "RS-485", "--units 1-247", "--wait 1s"):
        assert word in said


def test_an_echo_is_told_as_harmless() -> None:
    said = text(ScanReport(asked=400, echoes=400, complete=True))
    assert said.startswith("nobody answered; 400 of 400 questions came back as they were sent:")
    assert "does no harm" in said


def test_noise_is_quoted() -> None:
    said = text(ScanReport(asked=9, noisy=3, noise=bytes.fromhex("9c f2 00 83"), complete=True))
    assert said.startswith(
        "bytes came 3 times, and never a valid answer (it begins with 9c f2 00 83)"
    )
    assert "wrong baud rate or parity" in said
    assert "exchange A and B" not in said


def test_noise_of_a_line_without_a_level_is_known() -> None:
    said = text(ScanReport(asked=9, noisy=3, noise=b"\x00\xff\x00\x00", complete=True))
    assert "exchange A and B" in said


def test_another_master_is_named_with_its_units() -> None:
    said = text(ScanReport(heard=Heard.MODBUS, at=USUAL, masters=(3, 5)))
    assert said.startswith("another Modbus master speaks on this line (9600 8N1, unit 3, 5)")
    assert "Nothing was asked" in said


def test_a_line_that_is_never_silent_is_told() -> None:
    said = text(ScanReport(heard=Heard.NOISE, noise=b"\x9c\xf2"))
    assert said.startswith("the line is never silent")


def test_text_without_a_profile_says_what_to_copy() -> None:
    report = ScanReport([Found("ascii", USUAL, None, 0.0, "'1.0'")], heard=Heard.TEXT, at=USUAL)
    assert "copy config/devices/arduino_scale.yaml" in text(report)


def test_an_exception_of_an_unknown_device_is_explained() -> None:
    report = ScanReport([found("exception 1 (illegal function)")], complete=True)
    assert text(report) == (
        "unit 1 answered the first question with exception 1 (illegal function): it is there, and"
        " has no such register or function"
    )


def test_a_slow_device_is_told() -> None:
    assert text(ScanReport([found(latency=0.25)], complete=True)).startswith(
        "unit 1 takes 234 ms to answer:"
    )


def test_a_slow_line_is_no_slow_device() -> None:
    report = ScanReport([found(latency=0.14, setting=Setting(1200, "8N1"))], complete=True)
    assert text(report) == ""


def test_all_well_needs_no_word() -> None:
    assert text(ScanReport([found()], asked=4, complete=True)) == ""


def test_a_search_that_was_ended_says_nothing_of_silence() -> None:
    assert text(ScanReport(asked=4)) == ""
