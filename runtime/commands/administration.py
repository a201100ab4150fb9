"""`waihu migrate`, `waihu user`."""

from __future__ import annotations

from typing import Annotated

import typer

from api.passwords import create_user
from kernel.clock import SystemClock
from kernel.users import Role
from runtime.database import bring_forward, database_address, open_store
from runtime.installation import new_ids, prepare_folders
from runtime.settings import Settings
from runtime.terminal import Json, print_json, run, settings_for_command

user_app = typer.Typer(no_args_is_help=True, help="Who may sign in.")


def migrate_command(as_json: Json = False) -> None:
    """Bring the database's schema forward."""
    settings = settings_for_command()
    applied = run(_migrate(settings))
    if as_json:
        print_json({"applied": applied})
    else:
        typer.echo("\n".join(f"applied {name}" for name in applied) or "nothing to do")


async def _migrate(settings: Settings) -> list[str]:
    prepare_folders(settings)
    async with database_address(settings) as dsn:
        return await bring_forward(settings, dsn)


@user_app.command("add")
def user_add_command(
    name: Annotated[str, typer.Argument(help="Name to sign in with.")],
    role: Annotated[Role, typer.Option(help="What the user may do.")] = Role.MANAGER,
) -> None:
    """Add a user, or give one a new password; the password is asked for."""
    settings = settings_for_command()
    password = typer.prompt("password", hide_input=True, confirmation_prompt=True)
    run(_add_user(settings, name, role, password))
    typer.echo(f"{name} may sign in as {role}")


async def _add_user(settings: Settings, name: str, role: Role, password: str) -> None:
    prepare_folders(settings)
    async with open_store(settings) as opened:
        ids = new_ids(SystemClock())
        await create_user(opened.store, ids, name=name, role=role, password=password)


@user_app.callback()
def user() -> None:
    """Who may sign in."""
