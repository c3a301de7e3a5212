#!/usr/bin/env bash
# Installs what is missing, builds everything, checks the formatting and runs every test.
# Ends with a line "N passed, N failed, N skipped"; exits 1 when anything failed.
#   ./test.sh [--quick] [PROJECT...]
#     PROJECT    only the test projects named, e.g. InteractionLab.Models.Tests
#     --quick    leaves out what takes long, and prints what that is
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$root/eng/prepare.sh"

quick=false
if [ "${1:-}" = --quick ]; then
    quick=true
    shift
fi

require_dotnet
install_packages chromium libonnx-testdata python3-onnx python3-torch python3-pil binutils
build InteractionLab.sln

passed=0 failed=0 skipped=0
logs="$(mktemp -d)"
trap 'rm -rf "$logs"' EXIT

# check_format : in the background; its word is read at the end.
check_format() {
    dotnet format "$root/InteractionLab.sln" --verify-no-changes --no-restore >"$logs/format" 2>&1 </dev/null
}

# run_tests NAME : runs one project's tests into a log of its own.
run_tests() {
    local filter=()
    if $quick; then
        filter=(-trait- speed=slow)
    fi
    local status=0
    dotnet "$(dirname "$(find "$root/tests" -name "$1.csproj")")/bin/Release/net10.0/$1.dll" -noColor -noLogo "${filter[@]}" </dev/null >"$logs/$1" 2>&1 || status=$?
    echo "$status" >"$logs/$1.status"
}

# count NAME : adds what a finished run says of itself. A runner that died before its summary counts as one failure.
count() {
    local summary total errors broken left status
    status="$(cat "$logs/$1.status" 2>/dev/null || echo none)"
    cat "$logs/$1"
    if summary="$(grep -E 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$logs/$1" | tail -n 1)"; then
        read -r total errors broken left <<<"$(sed -E 's/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+).*/\1 \2 \3 \4/' <<<"$summary")"
        failed=$((failed + errors + broken))
        skipped=$((skipped + left))
        passed=$((passed + total - broken - left))
        if [ "$status" != 0 ] && [ $((errors + broken)) -eq 0 ]; then
            say "FAILED: $1 exited with $status"
            failed=$((failed + 1))
        fi
    else
        say "FAILED: $1 ended with status $status and no summary"
        failed=$((failed + 1))
    fi
}

projects=()
for project in "$root"/tests/*/*.csproj; do
    name="$(basename "$project" .csproj)"
    if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then
        continue
    fi
    if $quick && [ $# -eq 0 ] && [ "$name" = InteractionLab.EndToEnd ]; then
        continue
    fi
    projects+=("$name")
done

# One project at a time: many tests measure memory, threads or time. The formatting is checked beside the first.
format=
if [ $# -eq 0 ]; then
    check_format &
    format=$!
fi
for name in "${projects[@]}"; do
    say "Testing $name"
    run_tests "$name"
    count "$name"
done
if [ -n "$format" ]; then
    if wait "$format"; then
        passed=$((passed + 1))
    else
        cat "$logs/format" >&2
        say "FAILED: dotnet format --verify-no-changes (run: dotnet format InteractionLab.sln)"
        failed=$((failed + 1))
    fi
fi

if $quick; then
    say "Left out: the project InteractionLab.EndToEnd (browser, kill -9) and the classes marked speed=slow:"
    { grep -rlE 'Trait\("speed", "slow"\)' "$root/tests" --include='*.cs' || true; } | sed "s|$root/|    |" | sort >&2
fi
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
