#!/usr/bin/env bash
# The core's tests under a sanitizer: tests/sanitize.sh address|undefined|thread [arguments of pytest]
#
# Builds the core with GCC's sanitizer into build/sanitize-KIND, next to a copy of the Python files. Runs the core's
# unit tests, then the tests of the engines with the sanitizer's library preloaded. Takes some minutes. Uses the first
# python3 on the path, which needs the package's test dependencies, nanobind and cmake.
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
  -DCMAKE_CXX_FLAGS="$flags -g1 -fno-omit-frame-pointer" -DDELTAPROP_TESTS=ON >/dev/null
cmake --build "$build" --parallel 2 >/dev/null
rm -rf "$build/package"
mkdir -p "$build/package"
cp -r "$root/src/deltaprop" "$build/package/"
rm -f "$build"/package/deltaprop/engines/_core*.so
cp "$build"/_core*.so "$build/package/deltaprop/engines/"
# The import hook of an editable install would come before PYTHONPATH.
cat >"$build/package/sitecustomize.py" <<'END'
import sys

sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in type(finder).__module__]
END

# Python itself is not instrumented: its leaks and its threads are not tested.
export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS="halt_on_error=1 report_signal_unsafe=0 ignore_noninstrumented_modules=1 die_after_fork=0"
export OPENBLAS_NUM_THREADS=1 PYTHONPATH=$build/package
cd "$root"
"$build/core_tests"
export LD_PRELOAD=$(gcc -print-file-name=$library)
core=$(python3 -c 'from deltaprop.engines import _core; print(_core.__file__)')
case $core in
  "$build"/package/*) ;;
  *) echo "sanitize: python3 imports the core of $core, not the one of $build" >&2; exit 1 ;;
esac
# --capture=sys: pytest would keep the sanitizer's report to itself, and end with it.
python3 -m pytest -p no:cacheprovider --capture=sys -q tests/engines/test_native.py tests/engines/test_native_epochs.py \
  tests/engines/test_evaluator.py tests/engines/test_native_threads.py::test_threads_that_divide_wide_layers_by_units \
  tests/engines/test_native_threads.py::test_results_do_not_depend_on_which_thread_takes_which_piece "$@"
echo "sanitize: $kind clean"
