#!/usr/bin/env bash
# In place of apt-get in a guest, which has no way out: succeeds if all that is to be installed is
# on this machine already, so that a package forgotten by the steps shows, or one that is misspelt.
set -euo pipefail

[ "${1:-}" = install ] || exit 0
shift
for word in "$@"; do
  case $word in
    -*) continue ;;
  esac
  # shellcheck disable=SC2016
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$word" 2>/dev/null)" = installed ] || {
    echo "apt-get: $word is not installed on the machine that plays the host" >&2
    exit 1
  }
done
