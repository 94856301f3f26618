#!/usr/bin/env bash
# The core's tests under a sanitizer: tests/sanitize.sh address|undefined|thread [arguments of pytest]
#
# Builds the core with GCC's sanitizer into build/sanitize-KIND, beside a copy of the Python files, and runs the tests of
# the engines with the sanitizer's library loaded first. Takes some minutes. Uses the python3 that is first on the path,
# with the package's test dependencies, nanobind and cmake installed.
set -euo pipefail
kind=${1:?one of address, undefined, thread}
shift
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build/sanitize-$kind
case $kind in
  address)   flags="-fsanitize=address"; library=libasan.so ;;
  undefined) flags="-fsanitize=undefined -fno-sanitize-recover=undefined"; library=libubsan.so ;;
  thread)    flags="-fsanitize=thread"; library=libtsan.so ;;
  *) echo "sanitize: $kind is not one of address, undefined, thread" >&2; exit 2 ;;
esac

cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DPython_EXECUTABLE="$(command -v python3)" \
  -DCMAKE_CXX_FLAGS="$flags -g1 -fno-omit-frame-pointer" >/dev/null
cmake --build "$build" --parallel 2 >/dev/null
rm -rf "$build/package"
mkdir -p "$build/package"
cp -r "$root/src/deltaprop" "$build/package/"
rm -f "$build"/package/deltaprop/engines/_core*.so
cp "$build"/_core*.so "$build/package/deltaprop/engines/"

# Python itself is not instrumented: its own leaks and its own threads are not the subject.
export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS="halt_on_error=1 report_signal_unsafe=0 ignore_noninstrumented_modules=1"
export OPENBLAS_NUM_THREADS=1 PYTHONPATH=$build/package
cd "$root"
# --capture=sys: pytest would keep the sanitizer's report to itself, and end with it.
LD_PRELOAD=$(gcc -print-file-name=$library) python3 -m pytest -p no:cacheprovider --capture=sys -q tests/engines/test_native.py tests/engines/test_native_epochs.py tests/engines/test_native_evaluation.py "$@"
echo "sanitize: $kind clean"
