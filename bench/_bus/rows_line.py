"""Faults of the line: pauses, glitches, noise, echo, unplug."""

import time

from _bus.stage import Pull, Question, Script, Send, Step, framed, read_answer
from _bus.trial import TIMEOUT, Row, Trial

#: Bytes that no frame begins with, more than a frame's shortest.
NOISE = bytes(range(7, 250, 13))
#: s from unasked bytes to the next request: the system hands them over in less.
BETWEEN = 0.02


def after(glitch: bytes) -> Script:
    """Return the script that sends other bytes before the right answer."""
    return lambda question: [Send(1e-3, glitch + question.right)]


def _splits(trial: Trial) -> None:
    for split in range(1, 25):

        def parts(question: Question, split: int = split) -> list[Step]:
            return [Send(1e-3, question.right[:split]), Send(9e-3, question.right[split:])]

        trial.right(parts)


def _byte_by_byte(trial: Trial) -> None:
    def bytewise(question: Question) -> list[Step]:
        return [
            Send(1e-3 * (place + 1), question.right[place : place + 1])
            for place in range(len(question.right))
        ]

    for _ in range(3):
        trial.right(bytewise)


def _leading(trial: Trial) -> None:
    for glitch in (b"\x00", b"\xff\x00", b"\x01", b"\x01\x03", b"\x01\x03\x14\x00"):
        trial.right(after(glitch))


def _trailing(trial: Trial) -> None:
    for _ in range(3):
        trial.right(lambda question: [Send(1e-3, question.right + b"\x00")])


def _noise_first(trial: Trial) -> None:
    for _ in range(3):
        trial.right(lambda question: [Send(1e-3, NOISE), Send(8e-3, question.right)])


def _unasked_bytes(trial: Trial, data: bytes) -> None:
    """Send bytes that are there before the next request."""
    trial.stage.send(data)
    time.sleep(BETWEEN)


def _noise_between(trial: Trial) -> None:
    for _ in range(3):
        _unasked_bytes(trial, NOISE)
        trial.right()


def _unasked(trial: Trial) -> None:
    for _ in range(3):
        _unasked_bytes(trial, read_answer([9] * 10))
        trial.right()


def _endless_noise(trial: Trial) -> None:
    def endless(question: Question) -> list[Step]:
        return [Send(2e-3 * place, NOISE) for place in range(600)]

    trial.error(endless)
    time.sleep(1.3)  # until the script has come to its end
    trial.honest()
    trial.right()


# ---- echo ----------------------------------------------------------------------------------------


def _echoed(trial: Trial) -> None:
    for _ in range(3):
        trial.right()
        trial.confirmed()
        trial.confirmed(one=True)


def _echo_without_answer(trial: Trial) -> None:
    for _ in range(2):
        trial.error(_silent)
        trial.not_confirmed(_silent)
        trial.not_confirmed(_silent, one=True)
        trial.right()


# ---- late ----------------------------------------------------------------------------------------


def _silent(question: Question) -> list[Step]:
    return []


def _late(question: Question) -> list[Step]:
    return [Send(TIMEOUT + 0.03, question.right)]


def _no_answer(trial: Trial) -> None:
    for _ in range(3):
        trial.error(_silent)
        trial.right()


def _late_answer(trial: Trial) -> None:
    trial.error(_late)
    for _ in range(3):
        trial.right()


def _late_of_another_block(trial: Trial) -> None:
    trial.error(_late, address=300)
    for _ in range(3):
        trial.right(address=400)


def _late_exception(trial: Trial) -> None:
    trial.error(lambda question: [Send(TIMEOUT + 0.03, framed(bytes((1, 0x83, 2))))])
    for _ in range(3):
        trial.right()


def _slow(trial: Trial) -> None:
    for _ in range(5):
        trial.right(lambda question: [Send(0.6 * TIMEOUT, question.right)])


def _cut_and_again(trial: Trial) -> None:
    for _ in range(3):
        trial.error(lambda question: [Send(1e-3, question.right[:11])])
        trial.right()


# ---- unplug --------------------------------------------------------------------------------------


def _again(trial: Trial) -> None:
    trial.error()
    trial.stage.plug()
    trial.connect()
    trial.honest()
    trial.right()
    trial.right()


def _pulled_before(trial: Trial) -> None:
    trial.stage.pull()
    _again(trial)


def _pulled_in_request(trial: Trial) -> None:
    trial.error(lambda question: [Pull(2e-3)])
    _again(trial)


def _pulled_in_answer(trial: Trial) -> None:
    trial.error(lambda question: [Send(1e-3, question.right[:7]), Pull(3e-3)])
    _again(trial)


def _pulled_with_old_answer(trial: Trial) -> None:
    """The device still answers the question from before the unplug."""
    trial.error(lambda question: [Pull(2e-3)])
    trial.stage.plug()
    trial.connect()
    _unasked_bytes(trial, read_answer([9] * 10))
    trial.right()
    trial.right()


ROWS = (
    Row("no answer", _no_answer),
    Row("answer after the time-out", _late_answer),
    Row("late answer of another block, same length", _late_of_another_block),
    Row("late exception", _late_exception),
    Row("slow device, just in time", _slow),
    Row("cut off, then asked again", _cut_and_again),
    Row("split at every byte", _splits),
    Row("byte by byte", _byte_by_byte),
    Row("glitch bytes before", _leading),
    Row("glitch byte after", _trailing),
    Row("noise, then the answer", _noise_first),
    Row("noise between requests", _noise_between),
    Row("unasked answer between requests", _unasked),
    Row("endless noise", _endless_noise),
    Row("local echo, told to the library", _echoed, echo=True, told=True),
    Row("local echo that nobody told", _echoed, echo=True),
    Row("local echo without an answer", _echo_without_answer, echo=True, told=True),
    Row("unplugged before the request", _pulled_before),
    Row("unplugged after the request", _pulled_in_request),
    Row("unplugged within the answer", _pulled_in_answer),
    Row("an old answer after the replug", _pulled_with_old_answer),
)
