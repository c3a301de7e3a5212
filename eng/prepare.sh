# Sourced by run.sh and test.sh: installs what is missing, quickly when nothing is. Needs $root.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }

# install_packages PACKAGE... : Debian packages, as root or through sudo, or a plain statement of what to run.
install_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    say "Installing Debian packages: ${missing[*]}"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            say "These Debian packages are missing, and there is neither root nor sudo to install them. As root, run:"
            say "    apt-get update && apt-get install -y ${missing[*]}"
            exit 1
        fi
        as_root=(sudo)
    fi
    local log
    log="$(mktemp)"
    if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q "${missing[@]}" >"$log" 2>&1 </dev/null; then
        # The package lists may be old or absent: fetch them and try once more.
        if ! { "${as_root[@]}" apt-get update -q && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
            cat "$log" >&2
            say "Installing ${missing[*]} failed (see above). As root, run: apt-get update && apt-get install -y ${missing[*]}"
            exit 1
        fi
    fi
    rm -f "$log"
}

require_dotnet() {
    if ! command -v dotnet >/dev/null 2>&1 || ! (cd "$root" && dotnet --version >/dev/null 2>&1); then
        say "The .NET SDK $(sed -n 's/.*"version": "\([^"]*\)".*/\1/p' "$root/global.json") (or a later patch of it) is missing: https://dotnet.microsoft.com/download/dotnet/10.0"
        exit 1
    fi
}

# build TARGET : restores and builds in the Release configuration; prints the compiler's output only when it fails.
build() {
    quietly "Fetching packages of $(basename "$1") (a minute or two the first time)" restore "$root/$1" -nologo
    quietly "Building $(basename "$1")" build "$root/$1" -c Release -nologo -v minimal --no-restore
}

# quietly WHAT ARGUMENT... : dotnet with the arguments; how long it took, or what it printed when it failed.
quietly() {
    local log what="$1" since=$SECONDS
    shift
    log="$(mktemp)"
    say "$what"
    if ! dotnet "$@" >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        rm -f "$log"
        say "That failed (see above)."
        exit 1
    fi
    rm -f "$log"
    say "    done in $((SECONDS - since)) s"
}
