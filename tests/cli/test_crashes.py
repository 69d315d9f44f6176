"""What nobody foresaw is told with its place and kind, and without a word of anybody else's."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
from collections.abc import Callable

import pytest

from jumpseat.cli import crashes
from jumpseat.model.errors import JumpseatError, VaultLocked

SECRET = "s3cret"


def caught(work: Callable[[], object]) -> BaseException:
    try:
        work()
    except BaseException as error:  # noqa: BLE001 - whatever it is
        return error
    raise AssertionError("nothing was raised")


def fail_with(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        key = SECRET
        raise error from KeyError(key)

    return work


def test_every_error_of_a_chain_has_its_place_and_only_ours_their_words() -> None:
    def ours() -> None:
        try:
            {"a": 1}[f"{SECRET} of somebody"]
        except KeyError:
            fail_with(VaultLocked("give the key"))()

    told = crashes.told(caught(ours))

    assert SECRET not in told
    assert "jumpseat.model.errors.VaultLocked: give the key" in told
    assert f"builtins.KeyError: {crashes.LEFT_OUT}" in told
    assert told.index("KeyError") < told.index("which led to") < told.index("VaultLocked")
    assert f'File "{__file__}"' in told
    assert "in work" in told


def test_what_was_being_handled_is_told_unless_it_was_put_aside() -> None:
    def work(*, aside: bool) -> None:
        try:
            raise ValueError(SECRET)
        except ValueError:
            if aside:
                raise JumpseatError("odd") from None
            raise JumpseatError("odd")  # noqa: B904 - that is what is tried

    assert f"{crashes.LEFT_OUT}\n\nand while that was handled" in crashes.told(
        caught(lambda: work(aside=False))
    )
    assert crashes.LEFT_OUT not in crashes.told(caught(lambda: work(aside=True)))


def test_errors_that_lead_to_each_other_come_to_an_end() -> None:
    one, other = ValueError(SECRET), KeyError(SECRET)
    one.__cause__, other.__cause__ = other, one

    assert crashes.told(one).count("KeyError") == 1


def test_every_error_of_a_group_is_told() -> None:
    group = ExceptionGroup(SECRET, [KeyError(SECRET), OSError(28, "No space left on device", SECRET)])

    told = crashes.told(group)

    assert SECRET not in told
    assert "OSError: No space left on device" in told
    assert "KeyError" in told


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (lambda: SECRET.shout, "'str' object has no attribute 'shout'"),  # type: ignore[attr-defined]
        (lambda: missing, "name 'missing' is not defined"),  # type: ignore[name-defined]  # noqa: F821
        (lambda: f"{SECRET}é".encode("ascii"), "can't encode character"),
        (fail_with(TimeoutError()), "TimeoutError: \n"),
    ],
)
def test_words_that_name_parts_of_programs_stay(work: Callable[[], object], words: str) -> None:
    told = crashes.told(caught(work)) + "\n"

    assert words in told
    assert SECRET not in told


async def test_the_log_keeps_to_it_and_so_does_asyncio(capsys: pytest.CaptureFixture[str]) -> None:
    handler = crashes.log_handler()
    logger = logging.getLogger("asyncio")
    logger.addHandler(handler)

    async def work() -> None:
        raise ValueError(SECRET)

    try:
        task = asyncio.create_task(work())
        await asyncio.wait([task])
        del task
        gc.collect()
        logger.error("again %s", "and again", exc_info=(None, None, None))
    finally:
        logger.removeHandler(handler)
    said = capsys.readouterr().err

    assert SECRET not in said
    assert "ERROR asyncio Task exception was never retrieved\n" in said
    assert f"builtins.ValueError: {crashes.LEFT_OUT}" in said
    assert "ERROR asyncio again and again" in said


def test_what_ends_a_thread_or_the_program_is_told_so_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    crashes.install()

    class Odd:
        def __del__(self) -> None:
            raise ValueError(SECRET)

    Odd()
    for error in (ValueError(SECRET), SystemExit(SECRET)):
        thread = threading.Thread(target=fail_with(error), name="a thread")
        thread.start()
        thread.join()
    sys.excepthook(ValueError, ValueError(SECRET), None)
    said = capsys.readouterr().err

    assert SECRET not in said
    assert said.count(f"builtins.ValueError: {crashes.LEFT_OUT}") == 3
    assert "Nobody could be told of:" in said
    assert "In the thread a thread:" in said


def test_a_hook_that_somebody_has_put_there_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def theirs(*_: object) -> None:
        """Not called."""

    for place, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(place, name, theirs)
    crashes.install()

    assert (sys.excepthook, sys.unraisablehook, threading.excepthook) == (theirs, theirs, theirs)
