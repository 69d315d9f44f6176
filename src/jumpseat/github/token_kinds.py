"""The kinds of GitHub tokens by their first letters, and what each opens (API page, section 3)."""

from __future__ import annotations

from msgspec import Struct

from jumpseat.model.credentials import Secret
from jumpseat.model.errors import SignInFailed

INSTEAD = (
    "Sign in with `jumpseat login github`, or take the login of GitHub's own gh with "
    "`jumpseat login github --from-gh`."
)


class TokenKind(Struct, frozen=True, kw_only=True):
    """One kind of token."""

    prefix: str
    name: str
    remark: str = ""
    """What its owner should know before relying on it; "" where there is nothing to say."""
    is_refused: bool = False
    """Whether it never opens Copilot, so that it is not worth keeping."""


KINDS: tuple[TokenKind, ...] = (
    TokenKind(prefix="gho_", name="the token of an OAuth app"),
    TokenKind(
        prefix="ghu_",
        name="the user token of a GitHub App",
        remark="GitHub Copilot's API refuses most of these as they are; the token of an OAuth app (gho_) is "
        "the one it takes.",
    ),
    TokenKind(
        prefix="github_pat_",
        name="a fine-grained personal access token",
        remark="GitHub Copilot's API takes these from GitHub's own CLI and SDK only, and with the permission "
        '"Copilot Requests"; the token of an OAuth app (gho_) is the one it takes from others.',
    ),
    TokenKind(
        prefix="ghs_",
        name="the token of an installation, as GitHub Actions have it",
        remark="it opens Copilot through GitHub's own CLI and SDK only, is billed to the organisation, and "
        "lives for about an hour.",
    ),
    TokenKind(prefix="ghp_", name="a classic personal access token", is_refused=True),
    TokenKind(prefix="ghr_", name="a refresh token, with which nobody signs in", is_refused=True),
)

UNKNOWN = TokenKind(
    prefix="",
    name="a token of a kind unknown to jumpseat",
    remark="tokens of OAuth apps begin with gho_; whether this one opens GitHub Copilot's API is not known.",
)


def kind_of(token: Secret) -> TokenKind:
    """The kind of a token; `UNKNOWN` for one that begins like none."""
    text = token.reveal()
    return next((kind for kind in KINDS if text.startswith(kind.prefix)), UNKNOWN)


def checked_kind(token: Secret) -> TokenKind:
    """The kind of a token that can be of use. Raises `SignInFailed` for the others; nothing was sent then."""
    kind = kind_of(token)
    if kind.is_refused:
        raise SignInFailed(
            f"this is {kind.name} ({kind.prefix}…): it never works for Copilot, so it was neither sent nor "
            f"kept. {INSTEAD}",
            code="wrong_token_kind",
        )
    return kind
