#!/usr/bin/env bash
# The tests of the engines on every instruction set of this processor: tests/levels.sh [arguments of pytest]
# Uses $PYTHON, by default the first python3 on the path.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
levels=$("$python" -c 'from deltaprop.engines import _core; print(*_core.instruction_sets())')
for level in $levels; do
  echo "levels: $level"
  DELTAPROP_CPU=$level "$python" -m pytest -q tests/engines "$@"
done
