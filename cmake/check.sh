#!/usr/bin/env bash
# check.sh BUILD_DIR: formatting and house rules of all files, and clang-tidy on those that differ
# from the main branch (or are not committed yet), which takes about 15 seconds per actor file.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1

all() { git ls-files --cached --others --exclude-standard -- '*.cpp' '*.hpp' | sort -u; }

changed() {
  local base
  base=$(git merge-base HEAD origin/main 2>/dev/null || git rev-parse HEAD)
  { git diff --name-only --diff-filter=d "$base" -- '*.cpp'
    git ls-files --others --exclude-standard -- '*.cpp'; } | sort -u
}

echo 'clang-format'
all | xargs -r -d '\n' clang-format --dry-run -Werror
echo 'house rules'
python3 -B tests/tidy/tidy.py
mapfile -t files < <(changed)
echo "clang-tidy on ${#files[@]} changed files"
if [ "${#files[@]}" -gt 0 ]; then
  # Generated headers must be there; everything else may be unbuilt.
  ninja -C "$build" -t targets all | sed -n 's/^\(generated\/[^:]*\):.*/\1/p' |
    xargs -r ninja -C "$build"
  printf '%s\n' "${files[@]}" | xargs -r -d '\n' -n 1 -P 2 clang-tidy --quiet -p "$build"
fi
echo 'all is well'
