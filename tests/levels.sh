#!/usr/bin/env bash
# The tests of the engines on every instruction set of this processor: tests/levels.sh [arguments of pytest]
set -euo pipefail
cd "$(dirname "$0")/.."
for level in $(python3 -c 'from deltaprop.engines import _core; print(*_core.instruction_sets())'); do
  echo "levels: $level"
  DELTAPROP_CPU=$level python3 -m pytest -q tests/engines "$@"
done
