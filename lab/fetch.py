"""Fetch Asterisk 22 without root: the distribution's apt downloads, dpkg-deb unpacks.

apt runs on a private state folder, so nothing of the host changes. Debian 13 and older do not
carry Asterisk; forky does. Its binary runs on an older system through its own dynamic loader.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import InputError, UnavailableError
from lab.cache import build_once

SUITE = "forky"
PACKAGES = ("asterisk", "asterisk-modules")

# Where Debian's package `debian-archive-keyring` puts its keys (the second name since trixie).
KEYRINGS = (
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
    Path("/usr/share/keyrings/debian-archive-keyring.pgp"),
)

_TARGET_FIELDS = "$(REPO_URI)|$(ORIGIN)|$(LABEL)|$(RELEASE)|$(COMPONENT)|$(CREATED_BY)"


@dataclass(frozen=True, slots=True)
class AsteriskTree:
    """An unpacked Asterisk with every library it needs.

    Attributes:
        root: the folder that holds `usr/`.
    """

    root: Path

    @property
    def libraries(self) -> Path:
        """The architecture's library folder, such as `usr/lib/x86_64-linux-gnu`."""
        return next(self.root.glob("usr/lib/*-linux-gnu*"))

    @property
    def modules(self) -> Path:
        """Asterisk's loadable modules."""
        return self.libraries / "asterisk" / "modules"

    @property
    def data(self) -> Path:
        """Asterisk's data folder; configuration fails without the XML documentation in it."""
        return self.root / "usr/share/asterisk"

    def command(self, *arguments: str) -> list[str]:
        """The argv that runs this Asterisk through its own loader."""
        libraries = self.libraries
        loader = next(libraries.glob("ld-linux*.so.*"))
        search = f"{libraries}:{self.root / 'usr/lib'}"
        binary = self.root / "usr/sbin/asterisk"
        return [str(loader), "--library-path", search, str(binary), *arguments]


@dataclass(frozen=True, slots=True)
class DebianSource:
    """A Debian mirror and the keys that sign it."""

    mirror: str
    keyring: Path


def fetch_asterisk(cache_dir: Path, source: DebianSource | None = None) -> AsteriskTree:
    """Return the Asterisk kept in `cache_dir`, fetching it first if it is not there.

    About 270 MB unpacked. Safe for several processes at once.

    Args:
        cache_dir: made when missing; the tree is its folder `tree`.
        source: where to fetch from; by default what this system's apt knows.

    Raises:
        InputError: the system lacks apt, a Debian mirror or Debian's keys.
        UnavailableError: the mirror does not answer, or the cache cannot be written.
    """

    def build(folder: Path) -> None:
        _require_tools()
        _fetch(folder, source or find_debian_source())

    return AsteriskTree(build_once(cache_dir.resolve() / "tree", build))


def find_debian_source() -> DebianSource:
    """The Debian mirror and keyring this system's apt uses.

    Raises:
        InputError: apt knows no Debian mirror, or Debian's keys are not installed.
    """
    codename = _debian_codename()
    # Release facts (Origin, Label) exist only after an `apt-get update`; without them, on
    # Debian itself, the suite's name tells its own archive from other people's.
    for options in ((), ("--no-release-info",)):
        listing = _run(
            "apt-get", "indextargets", *options, "--format", _TARGET_FIELDS, purpose="ask apt"
        )
        mirror = choose_mirror(listing, codename)
        if mirror is not None:
            return DebianSource(mirror, _find_keyring())
    raise InputError(
        "apt knows no Debian mirror: add one to the folder /etc/apt/sources.list.d "
        "(any Debian suite, component main), run apt-get update, and try again"
    )


def choose_mirror(listing: str, codename: str | None) -> str | None:
    """Pick Debian's main archive from what `apt-get indextargets` printed.

    Args:
        listing: lines of URI, origin, label, release, component and creator, joined by `|`.
        codename: this Debian's own suite, or None on other systems.

    Returns:
        The mirror's address, or None when there is none.
    """
    for line in listing.splitlines():
        uri, origin, label, release, component, creator = line.split("|", maxsplit=5)
        if creator != "Packages" or component != "main":
            continue
        # The security archive has the same origin, another label, and no forky.
        if (origin, label) == ("Debian", "Debian"):
            return uri
        if origin.startswith("$(") and codename is not None and release == codename:
            return uri
    return None


def _debian_codename() -> str | None:
    try:
        facts = platform.freedesktop_os_release()
    except OSError:
        return None
    return facts.get("VERSION_CODENAME") if facts.get("ID") == "debian" else None


def _find_keyring() -> Path:
    for keyring in KEYRINGS:
        if keyring.is_file():
            return keyring
    raise InputError(
        f"Debian's keys are missing ({KEYRINGS[0]}): apt-get install debian-archive-keyring"
    )


def _require_tools() -> None:
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise InputError(
                f"{tool} is missing: the telephone lab fetches Asterisk with apt, so it needs "
                "Debian, Ubuntu or another system with apt"
            )


def _fetch(folder: Path, source: DebianSource) -> None:
    apt = folder / "apt"
    options = list(_private_apt(apt, source))
    _run("apt-get", *options, "update", "-qq", purpose=f"read suite {SUITE} of the Debian mirror")
    _run(
        *("apt-get", *options, "install", "-y", "--download-only", "-qq", *PACKAGES),
        purpose="download Asterisk",
    )
    for package in sorted((apt / "cache/archives").glob("*.deb")):
        _run("dpkg-deb", "-x", str(package), str(folder), purpose=f"unpack {package.name}")
    shutil.rmtree(apt)


def _private_apt(apt: Path, source: DebianSource) -> Iterator[str]:
    """Make apt's private folders and yield the options that point it there."""
    for needed in (
        *("state/lists/partial", "cache/archives/partial"),
        *("etc/apt.conf.d", "etc/preferences.d"),
    ):
        (apt / needed).mkdir(parents=True)
    status, sources = apt / "status", apt / "etc/sources.list"
    status.touch()
    sources.write_text(f"deb [signed-by={source.keyring}] {source.mirror} {SUITE} main\n")
    for option in (
        f"Dir::State={apt / 'state'}",
        f"Dir::State::status={status}",
        f"Dir::Cache={apt / 'cache'}",
        f"Dir::Etc={apt / 'etc'}",
        f"Dir::Etc::sourcelist={sources}",
        "Dir::Etc::sourceparts=/dev/null",
        "Debug::NoLocking=1",
        "APT::Install-Recommends=0",
        # As root apt would drop to the user _apt, who may not read a private folder.
        "APT::Sandbox::User=",
        # Without this, apt-get update calls an unreachable mirror a warning.
        "APT::Update::Error-Mode=any",
        "Acquire::Retries=2",
        "Acquire::http::Timeout=20",
    ):
        yield from ("-o", option)


def _run(*command: str, purpose: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.startswith(("E:", "dpkg-deb:"))]
        reason = said[0] if said else f"{command[0]} ended with {done.returncode}"
        raise UnavailableError(f"could not {purpose}: {reason}; check the network and try again")
    return done.stdout
