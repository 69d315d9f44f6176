"""`jumpseat doctor`, as a person and as a program meets it."""

from __future__ import annotations

import json
from pathlib import Path

from jumpseat.cli.doctor.check import ok, remark, wrong
from jumpseat.cli.doctor.command import screen
from jumpseat.simulator import SimulatorThread
from tests.cli.programs import Terminal, environment, run

CANARY = "sim-canary"
CHECKS = [ok("store", "fine"), remark("gateway", "does not run", "jumpseat serve"), wrong("clock", "off")]


def test_each_check_is_a_line_and_its_advice_stands_below() -> None:
    assert screen(CHECKS) == [
        "ok    store   fine",
        "note  gateway does not run",
        "              -> jumpseat serve",
        "wrong clock   off",
    ]


def test_long_lines_are_folded_below_their_beginning() -> None:
    assert screen([ok("store", "one two three four five six seven")], columns=40) == [
        "ok    store one two three four five six",
        "            seven",
    ]
    assert screen([ok("store", "one two three four five")], columns=20) == [
        "ok    store",
        "      one two three",
        "      four five",
    ]


def test_a_long_name_has_a_line_of_its_own_and_pushes_no_other() -> None:
    name = f"microsoft {'x' * 64}"

    assert screen([wrong(name, "not accepted", "sign in"), ok("clock", "agrees")]) == [
        f"wrong {name}",
        f"{' ' * 31}not accepted",
        f"{' ' * 31}-> sign in",
        f"ok    {'clock':24} agrees",
    ]


def test_verdicts_are_coloured_for_a_person() -> None:
    assert screen([wrong("clock", "off")], is_coloured=True) == ["\x1b[31;1mwrong\x1b[0m clock off"]


def test_all_is_well_against_the_simulator(simulator: SimulatorThread, tmp_path: Path) -> None:
    env = environment(tmp_path, JUMPSEAT_SIMULATOR=simulator.url, JUMPSEAT_VAULT_KEY="env:K", K="key")
    run(env, "login", "microsoft", "--token-stdin", given=CANARY.encode())

    code, said, complained = run(env, "doctor", "--json")

    checks = {check["name"]: check for check in json.loads(said)}
    assert code == 0, said + complained
    assert checks["microsoft default"]["text"] == "accepted as Canary, used"
    assert {"versions", "state folder", "vault", "store", "microsoft", "github", "clock", "gateway"} <= set(
        checks
    )
    assert CANARY not in said + complained


def test_anything_wrong_ends_it_with_1(simulator: SimulatorThread, tmp_path: Path) -> None:
    env = environment(tmp_path, JUMPSEAT_SIMULATOR=simulator.url, JUMPSEAT_MICROSOFT_URL="http://127.0.0.1:9")

    code, said, _ = run(env, "doctor")

    assert code == 1
    assert "wrong microsoft" in said


def test_a_setting_that_makes_no_sense_is_its_first_and_last_word(tmp_path: Path) -> None:
    code, said, _ = run(environment(tmp_path, JUMPSEAT_PACE="perhaps"), "doctor")

    assert code == 1
    assert said.startswith("wrong settings JUMPSEAT_PACE must be on or off")


def test_the_bundle_is_a_private_file_without_names(simulator: SimulatorThread, tmp_path: Path) -> None:
    env = environment(tmp_path, JUMPSEAT_SIMULATOR=simulator.url, JUMPSEAT_VAULT_KEY="env:K", K="key")
    run(env, "login", "microsoft", "--token-stdin", "--name", "somebody", given=CANARY.encode())
    bundle = tmp_path / "report.md"

    code, _, complained = run(env, "doctor", "--bundle", str(bundle))
    again, _, refused = run(env, "doctor", "--bundle", str(bundle))

    report = bundle.read_text()
    assert (code, bundle.stat().st_mode & 0o777) == (0, 0o600), complained
    assert "| microsoft account-1 | ok | accepted as person-1, used |" in report
    assert not any(word in report for word in (CANARY, "somebody", "Canary", str(tmp_path)))
    assert again == 2
    assert "is there already" in refused


def test_at_a_terminal_it_fits_the_screen(simulator: SimulatorThread, tmp_path: Path) -> None:
    env = environment(tmp_path, JUMPSEAT_SIMULATOR=simulator.url)
    with Terminal(env, "doctor") as terminal:
        assert terminal.wait() == 0
        lines = terminal.text.splitlines()

    assert max(map(len, lines)) <= 100
    assert len(lines) <= 30
