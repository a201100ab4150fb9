"""One real Asterisk: its folder, its process, its command line."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Self

from kernel.clock import SystemClock
from kernel.errors import DefectError, UnavailableError
from lab.fetch import AsteriskTree
from lab.ports import PortBlock

_FOLDERS = (
    *("etc", "var", "run", "log", "cache", "keys/keys"),
    *("spool/outgoing", "spool/recording", "spool/monitor"),
)
# Their defaults are right, but Asterisk logs an error for each one it does not find.
_DEFAULTED = (
    *("acl.conf", "ccss.conf", "cel.conf", "features.conf", "manager.conf", "pjproject.conf"),
    *("udptl.conf", "websocket_client.conf"),
)
_POLL_S = 0.02
_STOP_S = 5.0


class AsteriskInstance:
    """An Asterisk process with everything it writes in one temporary folder.

    The configuration is `lab/config/common` and `lab/config/<role>`, with `@{name}` replaced.
    The process dies with the thread that started it (PR_SET_PDEATHSIG counts threads), so start
    it from a thread that lives as long as it should.

    Args:
        tree: the Asterisk to run.
        role: folder of configuration files, and prefix of the channel ids.
        ports: its ports; closed together with the instance.
        values: what stands for `@{name}` in the configuration, besides folders and ports.
    """

    def __init__(
        self, tree: AsteriskTree, role: str, ports: PortBlock, values: Mapping[str, str]
    ) -> None:
        self._tree = tree
        self._role = role
        self._ports = ports
        self._clock = SystemClock()
        self._process: subprocess.Popen[bytes] | None = None
        self.directory = Path(tempfile.mkdtemp(prefix=f"waihu-{role}-"))
        self._configure(values)

    @property
    def sip_port(self) -> int:
        """UDP port of SIP on 127.0.0.1."""
        return self._ports.sip

    @property
    def http_port(self) -> int:
        """TCP port of HTTP on 127.0.0.1."""
        return self._ports.http

    @property
    def log_path(self) -> Path:
        """Asterisk's own notices, warnings and errors."""
        return self.directory / "log/messages"

    @property
    def pid(self) -> int:
        """The process's id.

        Raises:
            UnavailableError: it does not run.
        """
        return self._running().pid

    def launch(self) -> None:
        """Start the process without waiting; `wait_ready` follows. A stopped one starts anew."""
        if self._process is not None and self._process.poll() is None:
            return
        with (self.directory / "log/console").open("ab") as console:
            self._process = subprocess.Popen(
                # setpriv sets PR_SET_PDEATHSIG and then becomes Asterisk: same process id, and
                # none of our code runs between fork and exec.
                ["setpriv", "--pdeathsig", "KILL", *self._command("-f", "-g")],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                env=_ENVIRONMENT,
                # Ctrl-C at a terminal is for us; we stop Asterisk in order.
                start_new_session=True,
            )

    def wait_ready(self, timeout_s: float = 20.0) -> None:
        """Wait until Asterisk is fully booted.

        Raises:
            UnavailableError: it died or is not ready after `timeout_s`.
        """
        self.wait_until(lambda: "fully booted" in self.cli("core waitfullybooted"), timeout_s)

    def start(self) -> Self:
        """Launch and wait until ready."""
        self.launch()
        self.wait_ready()
        return self

    def wait_until(self, condition: Callable[[], bool], timeout_s: float) -> None:
        """Poll `condition` while the process lives.

        Raises:
            UnavailableError: the process died, or `timeout_s` passed.
        """
        process = self._running()
        deadline_s = self._clock.monotonic() + timeout_s
        while not condition():
            if self._clock.monotonic() > deadline_s:
                raise UnavailableError(
                    f"the lab's {self._role} is not where it should be after {timeout_s:g} s; "
                    f"see {self.log_path}"
                )
            try:
                code = process.wait(_POLL_S)
            except subprocess.TimeoutExpired:
                continue
            raise UnavailableError(
                f"the lab's {self._role} ended with {code}: {self._last_words()}"
            )

    def cli(self, command: str, timeout_s: float = 10.0) -> str:
        """Run a console command and return what it printed (20 to 50 ms).

        Raises:
            UnavailableError: no answer within `timeout_s`, as when the process is frozen.
        """
        try:
            done = subprocess.run(
                self._command("-rx", command),
                capture_output=True,
                text=True,
                check=False,
                timeout=timeout_s,
                env=_ENVIRONMENT,
            )
        except subprocess.TimeoutExpired as error:
            raise UnavailableError(
                f"the lab's {self._role} did not answer on its console within {timeout_s:g} s"
            ) from error
        return done.stdout + done.stderr

    def channel_count(self) -> int:
        """Number of channels that exist now.

        Raises:
            UnavailableError: the console does not answer.
        """
        said = self.cli("core show channels count")
        found = re.search(r"^(\d+) active channel", said, re.MULTILINE)
        if found is None:
            raise UnavailableError(f"the lab's {self._role} does not answer on its console")
        return int(found[1])

    def terminate(self) -> None:
        """Ask the process to end (its calls get a BYE) without waiting."""
        if self._process is not None and self._process.poll() is None:
            self.thaw()
            self._process.terminate()

    def stop(self) -> None:
        """End the process in order, by force if it takes longer than five seconds."""
        self.terminate()
        if self._process is None:
            return
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the process at once, as `kill -9` does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """Stop the process without ending it (SIGSTOP): sockets stay open, nobody answers."""
        self._running().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process go on."""
        self._running().send_signal(signal.SIGCONT)

    def close(self) -> None:
        """Stop, remove the folder, give the ports back."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)
        self._ports.close()

    def __enter__(self) -> Self:
        """Start for a `with` block."""
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            raise UnavailableError(f"the lab's {self._role} does not run")
        return self._process

    def _command(self, *arguments: str) -> list[str]:
        configuration = self.directory / "etc/asterisk.conf"
        return self._tree.command("-C", str(configuration), *arguments)

    def _last_words(self) -> str:
        lines = (self.directory / "log/console").read_text(errors="replace").split("\n")
        return " / ".join(line.strip() for line in lines[-4:] if line.strip()) or "no message"

    def _configure(self, values: Mapping[str, str]) -> None:
        for folder in _FOLDERS:
            (self.directory / folder).mkdir(parents=True)
        for name in _DEFAULTED:
            (self.directory / "etc" / name).touch()
        first_rtp, last_rtp = self._ports.rtp
        known = {
            "name": self._role,
            "directory": str(self.directory),
            "modules_dir": str(self._tree.modules),
            "data_dir": str(self._tree.data),
            "sip_port": str(self._ports.sip),
            "http_port": str(self._ports.http),
            "rtp_first": str(first_rtp),
            "rtp_last": str(last_rtp),
            **values,
        }
        for folder in ("common", self._role):
            for template in (resources.files("lab") / "config" / folder).iterdir():
                text = render(template.read_text(encoding="utf-8"), known)
                (self.directory / "etc" / template.name).write_text(text, encoding="utf-8")


# TZ: the call log's times are compared across processes. Nothing of ours leaks in.
_ENVIRONMENT = {"LANG": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": "UTC"}


def render(template: str, values: Mapping[str, str]) -> str:
    """Replace every `@{name}`; the dialplan's own `${name}` stays.

    Raises:
        DefectError: the template names a value that is not given.
    """

    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise DefectError(f"a lab template asks for {found[1]}, which nobody gives")
        return values[found[1]]

    return re.sub(r"@\{(\w+)\}", value, template)
