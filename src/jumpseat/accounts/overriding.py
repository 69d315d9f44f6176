"""Settings with credentials, which count more than the accounts that are kept."""

from __future__ import annotations

from collections.abc import Sequence

from jumpseat.model.catalog import Service
from jumpseat.settings import SIMULATOR_WEB_TOKEN, Settings


def overriding(settings: Settings, service: Service | None = None) -> Sequence[str]:
    """The names of those that are set, of one service or of all."""
    web_token = settings.github_web_token
    is_public = web_token is not None and web_token.reveal() == SIMULATOR_WEB_TOKEN
    given: tuple[tuple[Service, str, object], ...] = (
        ("microsoft", "JUMPSEAT_MICROSOFT_TOKEN", settings.microsoft_token),
        ("microsoft", "JUMPSEAT_MICROSOFT_COOKIES", settings.microsoft_cookies),
        ("github", "JUMPSEAT_GITHUB_COOKIES", settings.github_cookies),
        ("github", "JUMPSEAT_GITHUB_WEB_TOKEN", None if is_public else web_token),
        ("github", "JUMPSEAT_GITHUB_TOKEN", settings.github_token),
    )
    return [name for whose, name, value in given if value is not None and service in {None, whose}]


def advice(settings: Settings, service: Service) -> str | None:
    """What has to be done besides signing in anew; None where nothing stands in the way of that."""
    names = overriding(settings, service)
    return f"{' and '.join(names)} would still be asked with first: unset that." if names else None
