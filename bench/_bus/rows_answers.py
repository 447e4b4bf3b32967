"""Faults of the answer itself: garbled, of another kind, of another length, not to the question."""

from collections.abc import Callable

from _bus.stage import UNIT, Question, Script, Send, framed, read_answer
from _bus.trial import Row, Trial

#: s after which an exception has to be told.
SOON = 0.05
OTHER_UNIT, OTHER_FUNCTION, EXCEPTION = 2, 4, 0x80
ILLEGAL_ADDRESS = 2

Bytes = Callable[[Question], bytes]


def instead(make: Bytes) -> Script:
    """Return the script that answers with other bytes."""
    return lambda question: [Send(1e-3, make(question))]


def refused(make: Bytes) -> Callable[[Trial], None]:
    """Return the row in which such an answer has to be refused, and the next one is right."""

    def act(trial: Trial) -> None:
        trial.error(instead(make))
        trial.right()
        trial.right()

    return act


def unconfirmed(make: Bytes, one: bool) -> Callable[[Trial], None]:
    """Return the row in which such an answer must not confirm a write."""

    def act(trial: Trial) -> None:
        trial.confirmed(one=one)
        trial.not_confirmed(instead(make), one=one)
        trial.confirmed(one=one)
        trial.right()

    return act


def _garbled(question: Question) -> bytes:
    return question.right[:-2] + bytes((question.right[-2] ^ 0x5A, question.right[-1]))


def _told(trial: Trial) -> None:
    code = framed(bytes((UNIT, 3 | EXCEPTION, ILLEGAL_ADDRESS)))
    for _ in range(3):
        trial.exception(instead(lambda question: code), within=SOON)
        trial.right()


def _flips(trial: Trial) -> None:
    for bit in range(8 * 9):
        mask = 1 << bit % 8

        def flipped(question: Question, byte: int = bit // 8, mask: int = mask) -> bytes:
            frame = bytearray(question.right)
            frame[byte] ^= mask
            return bytes(frame)

        trial.error(instead(flipped), count=2)
        trial.right(count=2)


def _cuts(trial: Trial) -> None:
    for kept in range(1, 9):

        def cut(question: Question, kept: int = kept) -> bytes:
            return question.right[:kept]

        trial.error(instead(cut), count=2)
        trial.right(count=2)


def _twice(trial: Trial) -> None:
    for _ in range(3):
        trial.honest(instead(lambda question: 2 * question.right))
        trial.right()


def _merged(trial: Trial) -> None:
    def old_and_right(question: Question) -> bytes:
        old = Question(question.frame, question.number - 1)
        return old.right + question.right

    for _ in range(3):
        trial.honest(instead(old_and_right))
        trial.right()


def _other_and_right(trial: Trial) -> None:
    for _ in range(3):
        trial.right(
            lambda question: [
                Send(1e-3, read_answer(question.words[::-1], unit=OTHER_UNIT)),
                Send(6e-3, question.right),
            ]
        )


def _other_address(question: Question) -> bytes:
    return framed(bytes((*question.frame[:3], question.frame[3] + 1, *question.frame[4:6])))


def _other_last(question: Question) -> bytes:
    return framed(bytes((*question.frame[:5], question.frame[5] + 1)))


ROWS = (
    Row("wrong CRC", refused(_garbled)),
    Row("a flip of every bit", _flips),
    Row("other unit", refused(lambda question: read_answer(question.words, unit=OTHER_UNIT))),
    Row(
        "other function",
        refused(lambda question: read_answer(question.words, function=OTHER_FUNCTION)),
    ),
    Row("fewer registers than asked", refused(lambda question: read_answer(question.words[:2]))),
    Row("more registers than asked", refused(lambda question: read_answer([*question.words, 1]))),
    Row(
        "byte count higher than the bytes",
        refused(lambda question: framed(question.right[:-4])),
    ),
    Row(
        "byte count lower than the bytes",
        refused(lambda question: framed(bytes((UNIT, 3, 18)) + question.right[3:-2])),
    ),
    Row("cut off after every byte", _cuts),
    Row("exception, told as one within 50 ms", _told),
    Row(
        "exception of another function",
        refused(lambda question: framed(bytes((UNIT, 0x10 | EXCEPTION, ILLEGAL_ADDRESS)))),
    ),
    Row("write confirmed for another address", unconfirmed(_other_address, one=False)),
    Row("write confirmed for another count", unconfirmed(_other_last, one=False)),
    Row("write confirmed with another value", unconfirmed(_other_last, one=True)),
    Row(
        "write confirmed with another function",
        unconfirmed(lambda question: framed(bytes((UNIT, 6)) + question.frame[2:6]), one=False),
    ),
    Row("answer sent twice", _twice),
    Row("old and right answer merged", _merged),
    Row("another unit's answer, then the right one", _other_and_right),
)
