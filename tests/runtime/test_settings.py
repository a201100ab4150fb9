from __future__ import annotations

from pathlib import Path

import pytest

from kernel.errors import InputError
from runtime.settings import Settings, load_settings, reads_chinese


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No `.env` lies in this folder."""
    monkeypatch.chdir(tmp_path)


def test_an_empty_environment_runs_on_the_products_own_parts() -> None:
    settings = load_settings()
    assert settings.database_url is None
    assert settings.switch.get_secret_value() == "simulated://"
    assert (settings.host, settings.port) == ("127.0.0.1", 8088)
    assert settings.hearing is None


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_an_environment_variable(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = {"port": "9", "log_level": "debug"}.get(name, "there")
    monkeypatch.setenv(f"WAIHU_{name.upper()}", value)
    found = getattr(load_settings(), name)
    assert value == str(found.get_secret_value() if hasattr(found, "get_secret_value") else found)


def test_database_url_is_read_without_prefix_and_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAIHU_DATABASE_URL", "postgresql://two")
    monkeypatch.setenv("DATABASE_URL", "postgresql://one")
    url = load_settings().database_url
    assert url is not None
    assert url.get_secret_value() == "postgresql://one"


def test_a_file_gives_settings_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("WAIHU_PORT=9001\nWAIHU_HOST=0.0.0.0\nOTHER=1\n")
    monkeypatch.setenv("WAIHU_PORT", "9002")
    settings = load_settings()
    assert (settings.host, settings.port) == ("0.0.0.0", 9002)


def test_the_command_line_wins_and_none_is_no_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAIHU_PORT", "9002")
    settings = load_settings(port=9003, host=None)
    assert (settings.host, settings.port) == ("127.0.0.1", 9003)


@pytest.mark.parametrize(
    ("name", "value"), [("WAIHU_PORT", "no"), ("WAIHU_PORT", "65536"), ("WAIHU_LOG_LEVEL", "loud")]
)
def test_an_error_names_the_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match=f"^setting {name}: "):
        load_settings()


def test_secrets_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAIHU_SWITCH", "asterisk://u:hush@h:1/a")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hush@h/d")
    assert "hush" not in repr(load_settings())


def test_folders_that_the_switch_shares_lie_in_the_data_folder() -> None:
    settings = load_settings(data=Path("/d"))
    assert (settings.prompts, settings.recordings) == (Path("/d/prompts"), Path("/d/recordings"))


@pytest.mark.parametrize(
    ("variables", "chinese"),
    [
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US"}, False),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, True),
        ({"LANG": "C"}, False),
        ({}, False),
    ],
)
def test_language_of_the_terminal(
    variables: dict[str, str], chinese: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert reads_chinese() is chinese
