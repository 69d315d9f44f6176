"""
Changes the accounts in processes that are killed, or many at once, and looks at what is left. A program.

A process of its own, because it forks: whoever runs tests has threads.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import select
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, get_args

from jumpseat.accounts import sealing
from jumpseat.accounts.keeps.system_keyring import KeyringKeep
from jumpseat.accounts.register import KeepName
from jumpseat.accounts.register import parse as parse_register
from tests.accounts.keyrings import FolderKeyring, chosen
from tests.accounts.vaulting import Kept, credential_of

Change = Callable[[Kept], object]
State = Mapping[str, tuple[bool, str]]
"""By name: whether the account is used, and whose credential it has."""

CALLS = ("open", "write", "utime", "replace", "unlink")
"""What changes files: between them, a kill finds the same state as at them."""
CHANGES: Mapping[str, Change] = {
    "a new account": lambda kept: kept.save("microsoft", "new"),
    "one signed in anew": lambda kept: kept.save("microsoft", "a", credential_of("a again")),
    "one renewed": lambda kept: kept.vault.update(kept.vault.records()[0], credential_of("a renewed")),
    "another used": lambda kept: kept.vault.use("b"),
    "another name": lambda kept: kept.vault.rename("b", "c"),
    "one removed": lambda kept: kept.vault.remove("a"),
}


def state(kept: Kept) -> State:
    """What a reader finds. Fails where a credential is not there, or not whole."""
    found = {}
    for record in kept.vault.records():
        credential = kept.vault.credential(record)
        assert credential.refresh_token is not None
        whose = credential.refresh_token.reveal().removeprefix("refresh of ")
        assert credential == credential_of(whose), f"{record.name} is torn"
        found[record.name] = record.is_used, whose
    return found


def check_nothing_is_left_over(kept: Kept, folder: Path) -> None:
    """After the next change, whatever it is, each secret is an account's."""
    kept.vault.use(kept.vault.records()[0].name)
    home = folder / "home"
    register = parse_register((home / "accounts.json").read_bytes())
    assert register.unsettled == ()
    expected = {one.secret_id for one in register.accounts}
    keep = kept.vault._keeps[kept.keep]
    if isinstance(keep, KeyringKeep):
        there = {path.name.partition("_")[0] for path in (folder / "keyring").iterdir()} - {"new"}
    elif kept.keep == "encrypted":
        there = set(sealing.parse((home / "vault.sealed").read_bytes()).secrets)
    else:
        there = set(keep._load().secrets)  # type: ignore[attr-defined]
    assert there == expected, f"{there ^ expected} is nobody's"
    assert not list(home.glob("*.new"))


def die_at(step: int) -> None:
    """Let this process be killed at its call number `step` that changes files, a write half done."""
    numbers = itertools.count()

    def deadly(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if next(numbers) == step:
                if name == "write":
                    real(args[0], bytes(args[1])[: len(args[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return call

    for name in CALLS:
        setattr(os, name, deadly(name, getattr(os, name)))


def change_and_die(kept: Kept, change: Change, step: int) -> None:
    die_at(step)
    change(kept)


def in_a_child(work: Callable[[], object]) -> int:
    """Do `work` in a forked process and end it; its id."""
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException as exc:  # noqa: BLE001 - the parent sees it by the code
        os.write(2, f"{type(exc).__name__}: {exc}\n".encode())
        os._exit(1)
    os._exit(0)


def at_every_step(kept: Kept, folder: Path) -> int:
    """Kill each change at each of its calls; return how often that was."""
    kept.save("microsoft", "a")
    kept.save("microsoft", "b")
    kills = 0
    for title, change in CHANGES.items():
        before = state(kept)
        shutil.copytree(folder, folder.with_suffix(".before"), dirs_exist_ok=False)
        outcomes = []
        for step in itertools.count():
            child = in_a_child(partial(change_and_die, kept, change, step))
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            outcomes.append(state(kept))
            check_nothing_is_left_over(kept, folder)
            if status == 0:
                break
            assert status == -signal.SIGKILL, f"{title}: exit code {status}"
            kills += 1
            shutil.rmtree(folder)
            shutil.copytree(folder.with_suffix(".before"), folder)
        shutil.rmtree(folder.with_suffix(".before"))
        assert outcomes[-1] != before, f"{title} changed nothing"
        switched = outcomes.index(outcomes[-1])
        assert outcomes == [before] * switched + [outcomes[-1]] * (len(outcomes) - switched), title
    return kills


def change_for_ever(kept: Kept, seed: int, told: int) -> None:
    """Change the accounts again and again, saying before what will be, and after that it is."""
    chance = random.Random(seed)
    for number in itertools.count():
        name = chance.choice("abcd")
        there = {record.name: record for record in kept.vault.records()}
        match chance.choice(("save", "update", "remove")):
            case "update" if name in there:
                os.write(told, f"{name} {seed}-{number}\n".encode())
                kept.vault.update(
                    there[name], credential_of(f"{seed}-{number}", length=chance.randint(0, 9000))
                )
            case "remove" if name in there and len(there) > 1:
                os.write(told, f"{name} \n".encode())
                kept.vault.remove(name)
            case _:
                os.write(told, f"{name} {seed}-{number}\n".encode())
                kept.save("microsoft", name, credential_of(f"{seed}-{number}"))
        os.write(told, b"done\n")


def whole_state(kept: Kept) -> dict[str, str]:
    found = {}
    for record in kept.vault.records():
        credential = kept.vault.credential(record)
        assert credential.refresh_token is not None
        whose = credential.refresh_token.reveal().removeprefix("refresh of ")
        length = len(credential.token.reveal()) - len(f"token of {whose} ") if credential.token else -1
        assert credential == credential_of(whose, length=length), f"{record.name} is torn"
        found[record.name] = whose
    return found


def at_random(kept: Kept, folder: Path, times: int, seed: int) -> int:
    """Kill a busy process at `times` moments nobody chose."""
    chance = random.Random(seed)
    kept.save("microsoft", "a")
    for number in range(times):
        model = whole_state(kept)
        reading, told = os.pipe()
        child = in_a_child(partial(change_for_ever, kept, number, told))
        os.close(told)
        select.select([reading], [], [], 5)  # It has begun.
        select.select([], [], [], chance.uniform(0, 0.04))
        os.kill(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status == -signal.SIGKILL, f"exit code {status}"
        with os.fdopen(reading) as said:
            allowed = [model]
            for line in said:
                if line == "done\n":
                    allowed = allowed[-1:]
                elif line.endswith("\n"):
                    name, whose = line[:-1].split(" ")
                    rest = {other: of for other, of in allowed[-1].items() if other != name}
                    allowed.append(rest | ({name: whose} if whose else {}))
        found = whole_state(kept)
        assert found in allowed, f"{found} is neither of {allowed}"
        check_nothing_is_left_over(kept, folder)
    return times


def write_some(kept: Kept, who: int) -> None:
    for number in range(10):
        record = kept.save("microsoft", f"{who}-{number}")
        kept.vault.update(record, credential_of(f"{who}-{number}"))


def together(kept: Kept, folder: Path) -> int:
    """Let three processes write at once, none of them killed."""
    children = [in_a_child(partial(write_some, kept, who)) for who in range(3)]
    for child in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    found = state(kept)
    assert sorted(found) == sorted(f"{who}-{number}" for who in range(3) for number in range(10))
    assert [name for name, (is_used, _) in found.items() if is_used][1:] == []
    check_nothing_is_left_over(kept, folder)
    return 0


def main(keep: str, way: str, place: str, seed: str) -> None:
    (name,) = [one for one in get_args(KeepName) if one == keep]
    sealing.COST = (2**14, 8, 1)
    folder = Path(place)
    folder.mkdir()
    with contextlib.ExitStack() as stack:
        if name == "keyring":
            stack.enter_context(chosen(FolderKeyring(folder / "keyring")))
        kept = Kept(folder / "home", name)
        match way:
            case "random":
                kills = at_random(kept, folder, 40, int(seed))
            case "steps":
                kills = at_every_step(kept, folder)
            case _:
                kills = together(kept, folder)
    sys.stdout.write(f"killed {kills} times\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
