"""Settings: the only reader of the environment.

Every setting is an environment variable `WAIHU_<NAME>`, or a line of a `.env` file in the
working directory; `DATABASE_URL` is read without the prefix, as everybody expects.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from kernel.errors import InputError

#: Set and non-empty in a terminal session of somebody who reads Chinese.
_LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


class Settings(BaseSettings):
    """Everything that differs from one installation to the next."""

    model_config = SettingsConfigDict(
        env_prefix="WAIHU_", env_file=".env", extra="ignore", frozen=True
    )

    data: Annotated[
        Path, Field(description="folder of the product's own database, recordings and caches")
    ] = Path(".waihu")
    database_url: Annotated[
        SecretStr | None,
        Field(
            validation_alias=AliasChoices("DATABASE_URL", "WAIHU_DATABASE_URL"),
            description="PostgreSQL to use; without it the product runs its own",
        ),
    ] = None
    switch: Annotated[
        SecretStr, Field(description="simulated://, asterisk://user:password@host:port/app")
    ] = SecretStr("simulated://")
    host: Annotated[str, Field(description="address the web server listens on")] = "127.0.0.1"
    port: Annotated[int, Field(description="port of the web server", ge=0, le=65535)] = 8088
    hearing: Annotated[
        Path | None, Field(description="folder of a vosk model; without it keys only")
    ] = None
    cache: Annotated[
        Path, Field(description="folder of what is built or fetched once: hearing model, Asterisk")
    ] = Path(".cache")
    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"

    @property
    def prompts(self) -> Path:
        """Folder of stored prompts, shared with the switch."""
        return self.data / "prompts"

    @property
    def recordings(self) -> Path:
        """Folder of recordings, shared with the switch."""
        return self.data / "recordings"


def load_settings(**changes: object) -> Settings:
    """Read the environment; `changes` (from the command line) win.

    Raises:
        InputError: a value cannot be used; names the setting.
    """
    given = {name: value for name, value in changes.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type] # checked by pydantic
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise InputError(f"setting WAIHU_{name.removeprefix('WAIHU_')}: {first['msg']}") from error


def reads_chinese() -> bool:
    """Whether the terminal's language is Chinese."""
    chosen = next((os.environ[v] for v in _LOCALE_VARIABLES if os.environ.get(v)), "")
    return chosen.lower().startswith("zh")
