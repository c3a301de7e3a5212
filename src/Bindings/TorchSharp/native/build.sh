#!/usr/bin/env bash
# Builds libInteractionLabTorch.so against the libtorch that is there, when it is not up to date.
#   build.sh DIRECTORY     writes DIRECTORY/libInteractionLabTorch.so and DIRECTORY/libtorch.txt (what it was built against)
# libtorch is, in this order: the directory LIBTORCH names, Debian's libtorch-dev, the torch of python3.
# Without libtorch, cmake or a C++ compiler it says so, removes an outdated library, and succeeds: the managed build goes on.
set -euo pipefail
source="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
mkdir -p "$1"
out="$(cd "$1" && pwd)"
install="apt-get install -y libtorch-dev libopenblas0-pthread cmake g++"

give_up() {
    rm -f "$out/libInteractionLabTorch.so" "$out/libtorch.txt"
    echo "torch: $1; the executor 'torch' will not be available. To have it: $install (as root), or set LIBTORCH, and build again." >&2
    exit 0
}

# in_directory DIR : sets include and lib when DIR is a libtorch directory (as downloaded, or a Python package's).
in_directory() {
    [ -f "$1/include/ATen/ATen.h" ] && [ -f "$1/lib/libtorch_cpu.so" ] || return 1
    include="$1/include" lib="$1/lib"
}

in_debian() {
    local multiarch
    [ -f /usr/include/ATen/ATen.h ] || return 1
    for multiarch in /usr/lib/x86_64-linux-gnu /usr/lib/aarch64-linux-gnu /usr/lib; do
        if [ -f "$multiarch/libtorch_cpu.so" ]; then
            include=/usr/include lib="$multiarch"
            return 0
        fi
    done
    return 1
}

in_python() {
    local folder
    folder="$(python3 -c 'import importlib.util as u; s = u.find_spec("torch"); print(s.submodule_search_locations[0] if s else "")' 2>/dev/null)" || return 1
    [ -n "$folder" ] && in_directory "$folder"
}

include="" lib=""
if [ -n "${LIBTORCH:-}" ]; then
    in_directory "$LIBTORCH" || give_up "LIBTORCH=$LIBTORCH holds no include/ATen/ATen.h and lib/libtorch_cpu.so"
elif ! in_debian && ! in_python; then
    give_up "no libtorch was found"
fi

fingerprint="$include $lib $(stat -Lc '%Y %s' "$lib/libtorch_cpu.so")"
if [ -f "$out/libInteractionLabTorch.so" ] && [ "$(cat "$out/libtorch.txt" 2>/dev/null)" = "$fingerprint" ]; then
    changed="$(find "$source" -newer "$out/libInteractionLabTorch.so" \( -name '*.cpp' -o -name '*.h' -o -name CMakeLists.txt \) -print -quit)"
    [ -n "$changed" ] || exit 0
fi

command -v cmake >/dev/null 2>&1 || give_up "cmake is missing"
command -v "${CXX:-c++}" >/dev/null 2>&1 || give_up "a C++ compiler is missing"
(
    flock 9
    [ "$(cat "$out/libtorch.txt" 2>/dev/null)" = "$fingerprint" ] || rm -rf "$out/build"
    log="$out/build.log"
    if ! { cmake -S "$source" -B "$out/build" -DLIBTORCH_INCLUDE="$include" -DLIBTORCH_LIB="$lib" && cmake --build "$out/build" --parallel; } >"$log" 2>&1; then
        cat "$log" >&2
        echo "torch: the native library did not build against $lib (see above)" >&2
        exit 1
    fi
    cp "$out/build/libInteractionLabTorch.so" "$out/libInteractionLabTorch.so.new"
    mv "$out/libInteractionLabTorch.so.new" "$out/libInteractionLabTorch.so"
    printf '%s\n' "$fingerprint" >"$out/libtorch.txt"
) 9>"$out/lock"
