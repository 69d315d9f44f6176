"""The commands there are, each imported when it is the one asked for."""

from __future__ import annotations

from collections.abc import Container, Sequence

from cyclopts import App, CycloptsError, Parameter

from jumpseat._version import __version__
from jumpseat.cli import exits
from jumpseat.cli.plain import one_line
from jumpseat.model.masking import masked

SUMMARY = """
Your own Microsoft Copilot and GitHub Copilot, from the shell.
Unofficial; not affiliated with Microsoft or GitHub.

New here? `jumpseat demo` shows everything without an account; `jumpseat login microsoft` signs in.
"""

LONG_WORD = 20
"""A longer word with a digit in it, where none belongs, is not repeated: it may be a token."""

COMMANDS: tuple[tuple[str, str, str], ...] = (
    ("demo", "jumpseat.cli.demo:demo", "Watch a conversation through the gateway; no account needed."),
    ("login", "jumpseat.cli.login:app", "Sign in to Microsoft Copilot or GitHub."),
    ("ask", "jumpseat.cli.ask:ask", "Ask one question and print the answer as it comes."),
    ("chat", "jumpseat.cli.chat:chat", "Talk, in the terminal."),
    ("serve", "jumpseat.cli.serve:serve", "Run the gateway for programs that speak the OpenAI API."),
    ("accounts", "jumpseat.cli.accounts:app", "List the accounts, and say which one answers."),
    ("logout", "jumpseat.cli.accounts:logout", "Forget an account on this machine."),
    ("models", "jumpseat.cli.models:models", "List the models that can be asked."),
    (
        "conversations",
        "jumpseat.cli.conversations:app",
        "List, show, search, export and delete what was said.",
    ),
    ("doctor", "jumpseat.cli.doctor.command:doctor", "Say what is well, what is not, and what to type."),
    ("simulate", "jumpseat.cli.simulate:simulate", "Run a stand-in for the services, for tests and trials."),
)
"""Name, where it lives, and what the overview says of it."""


def epilogue() -> str:
    """The exit codes, for the end of the overview."""
    codes = "\n".join(f"* {code}: {meaning}" for code, meaning in exits.MEANINGS)
    return (
        f"**Exit codes**\n\n{codes}\n\n"
        "Settings come from the environment (`JUMPSEAT_HOME`, `JUMPSEAT_SIMULATOR`, ...); "
        "`JUMPSEAT_DEBUG=1` shows where an error came from."
    )


def build(whole: Container[str] = ()) -> App:
    """
    The whole command line; no command's own module is imported yet.

    The commands named in `whole` describe themselves at length; the others have their line in the overview.
    """
    app = App(
        name="jumpseat",
        help=SUMMARY,
        help_epilogue=epilogue(),
        help_format="markdown",
        version=f"jumpseat {__version__}",
        result_action="return_value",
        print_error=False,
        exit_on_error=False,
        suppress_keyboard_interrupt=False,
        default_parameter=Parameter(show_default=_worth_telling),
    )
    app["--help"].show = False
    app["--version"].show = False
    for order, (name, place, summary) in enumerate(COMMANDS):
        # A group of commands brings its own settings.
        options = {} if place.endswith(":app") else {"help_epilogue": ""}
        app.command(place, name=name, help=None if name in whole else summary, sort_key=order, **options)
    return app


def _worth_telling(default: object) -> str | None:
    """A default as the help shows it; what is off or empty goes without saying."""
    return str(default) if default else None


def run(words: Sequence[str]) -> int:
    """Run one command line; returns its exit code."""
    try:
        result = build(words[:1])(words)
    except CycloptsError as error:
        exits.complain(_explained(error))
        return exits.USAGE
    return result if isinstance(result, int) else exits.OK


def _explained(error: CycloptsError) -> str:
    chain = " ".join(("jumpseat", *(error.command_chain or ())))
    # A token may have been given where none belongs.
    message = masked(one_line(str(error)), long=LONG_WORD).rstrip(".")
    stop = "" if message.endswith("?") else "."
    return f"{message}{stop} `{chain} --help` shows what there is."
