"""Publish a script: only what compiles becomes a version. For the API and the command line."""

from __future__ import annotations

import asyncio

from campaigns.ports import ScriptStore, ScriptVersion
from kernel.ids import Ids, ScriptVersionId
from scripts_dsl import check_script, compile_script, format_diagnostic


async def publish_script(
    scripts: ScriptStore, ids: Ids, *, name: str, source: str
) -> tuple[ScriptVersion, tuple[str, ...]]:
    """Check a script and store it as the newest version of its name.

    Args:
        scripts: where versions are stored.
        ids: names the version.
        name: of the script; also names the file in diagnostics.
        source: the text.

    Returns:
        The version, and advice in the form `FILE:LINE:COL CODE message`.

    Raises:
        ScriptError: the script has errors; nothing is stored.
    """

    def check() -> tuple[str, ...]:
        compile_script(source, name)
        return tuple(format_diagnostic(found) for found in check_script(source, name))

    advice = await asyncio.to_thread(check)
    return await scripts.publish_script(ScriptVersionId(ids.new()), name, source), advice
