#!/usr/bin/env bash
# Installs every Debian and npm package that Varia needs to be built, run and tested. What is there
# already is left alone: a second run does nothing. WITH_CHECKS=yes adds what `make check` needs.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }

give_up() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

packages=(
  bubblewrap ca-certificates chromium clang-14 cmake curl fish g++ groff-base iproute2 make
  ninja-build python3 python3-yaml systemd libboost-dev libboost-system-dev libboost-test-dev
  libcaf-dev libclang-rt-14-dev libcli11-dev libcurl4-openssl-dev libedit-dev libfmt-dev
  libhiredis-dev libhowardhinnant-date-dev libmsgpack-cxx-dev libseccomp-dev libsimdjson-dev
  libspdlog-dev libssl-dev libsystemd-dev libtomlplusplus-dev nlohmann-json3-dev prometheus
  prometheus-cpp-dev redis-sentinel redis-server tzdata zsh
)

if [ "${WITH_CHECKS:-no}" = yes ]; then
  packages+=(clang-format clang-tidy)
fi

# Any Node from 18 on can run npm; the scripts themselves run on the Node that npm then brings.
has_npm() {
  command -v node npm >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ]
}

has_npm || packages+=(nodejs npm)

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    # shellcheck disable=SC2016
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      printf '%s\n' "$package"
  done
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

# Installing redis-server would start a system-wide Redis, and prometheus, of which the tests need
# promtool only, a Prometheus. Nobody asked for either, so services are kept from starting while the
# packages are unpacked.
install_packages() {
  as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install \
    -y --no-install-recommends "$@"
}

setup_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  [ "${#missing[@]}" -gt 0 ] || return 0
  say "these Debian packages are missing: ${missing[*]}"
  command -v apt-get >/dev/null || give_up 'this is no Debian: install the like of them by hand'
  [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
    give_up 'they can be installed by root only: run "make setup" as root, or install sudo'
  local redis_was_there=yes prometheus_was_there=yes
  command -v redis-server >/dev/null || redis_was_there=no
  command -v prometheus >/dev/null || prometheus_was_there=no
  say 'installing them with apt-get'
  as_root apt-get update -q
  install_packages "${missing[@]}"
  if [ "$redis_was_there" = no ] && [ -d /run/systemd/system ]; then
    say 'keeping the system from running a Redis of its own; to undo: systemctl enable redis-server'
    as_root systemctl disable --now --quiet redis-server redis-sentinel || true
  fi
  if [ "$prometheus_was_there" = no ] && [ -d /run/systemd/system ]; then
    as_root systemctl disable --now --quiet prometheus || true
  fi
}

# The demo copies the package index of this machine, so there must be one.
setup_package_index() {
  command -v apt-cache >/dev/null || return 0
  [ -z "$(apt-cache dumpavail 2>/dev/null | head -c 1)" ] || return 0
  say 'fetching the Debian package index, which the demo copies'
  as_root apt-get update -q
}

# The stamp in node_modules says for which lock file it was filled.
setup_npm() {
  local folder=$1 stamp wanted
  stamp=$folder/node_modules/.varia-lock
  [ -f "$folder/package-lock.json" ] || return 0
  wanted=$(sha256sum <"$folder/package-lock.json")
  [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$wanted" ] || return 0
  say "installing the npm packages of $folder"
  (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error)
  printf '%s\n' "$wanted" >"$stamp"
}

setup_packages
setup_package_index
for folder in worker/runtime examples/debian tests/e2e tests/browser; do
  setup_npm "$folder"
done
say 'everything needed is there'
