#!/usr/bin/env bash
# The core on ARM, without an ARM machine: tests/aarch64.sh [arguments of tests/equality.py]
#
# Cross-compiles the core for aarch64 and runs it in qemu-user: its unit tests, then tests/equality.py, with
# --sample 300 unless arguments are given. Each combination takes half a second of a processor, all of them two hours.
#
# Needs Debian 12 with g++-aarch64-linux-gnu and qemu-user, cmake, a python3 with pip on the path, and the network:
# Debian's Python for arm64 and the wheels of NumPy and SciPy are unpacked in build/aarch64; nothing is installed.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build/aarch64
system=$build/system
[ $# -gt 0 ] || set -- --sample 300

# Lists and packages of apt in folders of their own, which know of one architecture.
mkdir -p "$build"/apt/{state/lists/partial,cache/archives/partial} "$build"/debs
touch "$build/apt/state/status"
cat >"$build/apt/apt.conf" <<END_OF_FILE
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
Dir::State "$build/apt/state";
Dir::State::status "$build/apt/state/status";
Dir::Cache "$build/apt/cache";
END_OF_FILE
if [ ! -x "$system/usr/bin/python3.11" ]; then
  export APT_CONFIG=$build/apt/apt.conf
  apt-get update -qq
  (cd "$build/debs" && apt-get download -qq libc6 libgcc-s1 libstdc++6 zlib1g libbz2-1.0 liblzma5 libcrypt1 libexpat1 \
    libffi8 libssl3 libuuid1 libpython3.11-minimal libpython3.11-stdlib libpython3.11-dev python3.11-minimal)
  for package in "$build"/debs/*.deb; do dpkg -x "$package" "$system"; done
fi
if [ ! -d "$build/packages/scipy" ]; then
  python3 -m pip install -q --target "$build/packages" --no-deps --only-binary=:all: --python-version 3.11 \
    --platform manylinux2014_aarch64 --platform manylinux_2_27_aarch64 --platform manylinux_2_28_aarch64 \
    'numpy>=2.2' 'scipy>=1.14' 'lazy-loader>=0.4' 'nanobind>=2.4'
fi
python=$build/python
cat >"$python" <<END_OF_FILE
#!/bin/sh
export PYTHONPATH='$build/package:$build/packages' OPENBLAS_NUM_THREADS=1
exec qemu-aarch64 -L '$system' '$system/usr/bin/python3.11' "\$@"
END_OF_FILE
chmod +x "$python"

cmake -S "$root" -B "$build/core" -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
  -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ -DCMAKE_CXX_FLAGS="-I$system/usr/include" \
  -DPython_EXECUTABLE="$python" -DPython_INCLUDE_DIR="$system/usr/include/python3.11" \
  -DDELTAPROP_TESTS=ON -DDELTAPROP_WARNINGS=ON >/dev/null
cmake --build "$build/core" --parallel 2
rm -rf "$build/package"
mkdir "$build/package"
cp -r "$root/src/deltaprop" "$build/package/"
rm -f "$build"/package/deltaprop/engines/_core*.so
cp "$build"/core/_core*.so "$build/package/deltaprop/engines/"

qemu-aarch64 -L "$system" "$build/core/core_tests" --emulated
"$python" "$root/tests/equality.py" "$@"
