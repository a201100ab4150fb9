#!/usr/bin/env bash
# Sets up .venv and what is built once. Safe to run again; installs only what is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf 'setup: %s\n' "$*"; }

# System packages: through apt when we may, else the exact command and stop.
need_packages() {
  local missing=("$@")
  ((${#missing[@]})) || return 0
  local install="apt-get update && apt-get install -y ${missing[*]}"
  if ! command -v apt-get >/dev/null; then
    say "these system packages are missing: ${missing[*]}; install them and run make again" >&2
    exit 1
  fi
  if [[ $(id -u) == 0 ]]; then
    say "installing ${missing[*]}"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}"; } >/dev/null
  elif sudo -n true 2>/dev/null; then
    say "installing ${missing[*]}"
    { sudo apt-get update -qq && sudo DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}"; } >/dev/null
  else
    say "please run this once, then make again: sudo sh -c '$install'" >&2
    exit 1
  fi
}

missing=()
command -v python3 >/dev/null || missing+=(python3)
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
[[ -e /etc/ssl/certs/ca-certificates.crt ]] || missing+=(ca-certificates)
need_packages "${missing[@]}"

if ! python3 -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'; then
  say "python3 is $(python3 -V 2>&1); Waihu needs 3.11 to 3.13" >&2
  exit 1
fi

[[ -x .venv/bin/python ]] || { say "making .venv"; python3 -m venv .venv; }
say "installing locked dependencies"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
.venv/bin/uv pip sync --quiet --require-hashes --compile-bytecode --python .venv/bin/python requirements/dev.txt
.venv/bin/uv pip install --quiet --no-deps --no-build-isolation --python .venv/bin/python --editable .

say "making the small hearing model (once, about two minutes)"
.venv/bin/python -m robot.tinymodel.kept .cache/robot
say "done"
