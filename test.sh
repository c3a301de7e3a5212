#!/usr/bin/env bash
# Installs what is missing, builds everything, checks the formatting and runs every test.
# Ends with a line "N passed, N failed, N skipped"; exits 1 when anything failed.
#   ./test.sh [PROJECT...]     only the test projects named, e.g. InteractionLab.Models.Tests
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$root/eng/prepare.sh"

require_dotnet
install_packages libpng16-16 libturbojpeg0 chromium libonnx-testdata python3-onnx
install_libtorch
build InteractionLab.sln

passed=0 failed=0 skipped=0
if [ $# -eq 0 ]; then
    say "Checking the formatting"
    if dotnet format "$root/InteractionLab.sln" --verify-no-changes --no-restore --exclude src/Bindings >&2 </dev/null; then
        passed=$((passed + 1))
    else
        say "FAILED: dotnet format --verify-no-changes (run: dotnet format InteractionLab.sln --exclude src/Bindings)"
        failed=$((failed + 1))
    fi
fi

log="$(mktemp)"
trap 'rm -f "$log"' EXIT
for project in "$root"/tests/*/*.csproj; do
    name="$(basename "$project" .csproj)"
    if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then
        continue
    fi
    say "Testing $name"
    status=0
    dotnet "$(dirname "$project")/bin/Release/net10.0/$name.dll" -noColor -noLogo </dev/null >"$log" 2>&1 || status=$?
    cat "$log"
    # A runner that died before its summary counts as one failure.
    if summary="$(grep -E 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -n 1)"; then
        read -r total errors broken left <<<"$(sed -E 's/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+).*/\1 \2 \3 \4/' <<<"$summary")"
        failed=$((failed + errors + broken))
        skipped=$((skipped + left))
        passed=$((passed + total - broken - left))
        if [ "$status" -ne 0 ] && [ $((errors + broken)) -eq 0 ]; then
            say "FAILED: $name exited with $status"
            failed=$((failed + 1))
        fi
    else
        say "FAILED: $name ended with status $status and no summary"
        failed=$((failed + 1))
    fi
done

printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
