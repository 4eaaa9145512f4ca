"""`homeward account add|list|remove`: who may sign in to the board."""

from __future__ import annotations

from pathlib import Path

import click

from cli.output import emit, format_option
from runtime.errors import Misconfigured
from runtime.settings import load_settings


@click.group()
def command() -> None:
    """Local accounts of the board: the file HOMEWARD_ACCOUNTS names, passwords as scrypt hashes.

    \b
    HOMEWARD_ACCOUNTS=.homeward/accounts.toml homeward account add a.reid --reader bromley-spa
    homeward account list
    """


@command.command()
@click.argument("name")
@click.option("--reader", required=True, help="A reader of the place, by name or role: what they may see.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(name: str, reader: str, password_stdin: bool) -> None:
    """Add an account, or give it another password. The password is asked for, never an argument."""
    from board.access.accounts import PASSWORD_MIN, Account, hash_password, load_accounts, write_accounts
    from runtime.place import load_place
    from runtime.reader import OPERATOR, reader_of

    path, found = _path(), reader_of(load_place(load_settings().place).readers, reader)
    if found == OPERATOR or not name.isprintable() or '"' in name or "\\" in name:
        raise Misconfigured("an account has a plain name, and a reader of the place that is not the operator")
    password = click.get_text_stream("stdin").readline().rstrip("\n") if password_stdin else click.prompt(
        "Password", hide_input=True, confirmation_prompt=True)  # fmt: skip
    if len(password) < PASSWORD_MIN:
        raise Misconfigured(f"a password has {PASSWORD_MIN} characters or more")
    accounts = load_accounts(path) if path.exists() else {}
    accounts[name] = Account(name, found.name, hash_password(password))
    write_accounts(path, accounts)
    click.echo(
        f"{name} signs in as {found.name} ({found.role}); a running board reads the file at its start",
        err=True,
    )


@command.command(name="list")
@format_option
def list_(form: str) -> None:
    """List accounts and as whom they read."""
    from board.access.accounts import load_accounts

    rows = [{"name": one.name, "reader": one.reader} for one in load_accounts(_path()).values()]
    emit(rows, form, ("name", "reader"))


@command.command()
@click.argument("name")
def remove(name: str) -> int:
    """Remove an account; sessions that stand end with the board's next start."""
    from board.access.accounts import load_accounts, write_accounts

    accounts = load_accounts(_path())
    if accounts.pop(name, None) is None:
        return 1
    write_accounts(_path(), accounts)
    return 0


def _path() -> Path:
    path = load_settings().accounts
    if not path:
        raise Misconfigured("HOMEWARD_ACCOUNTS is not set: the file that accounts stand in")
    return Path(path)
