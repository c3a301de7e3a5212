#!/usr/bin/env bash
# Installs what is missing, builds, and starts the lab server. Arguments go to the server:
#   ./run.sh [--demo] [--urls http://127.0.0.1:5080] [--data DIR]
#   ./run.sh backup FILE | restore FILE | recover [--data DIR]   (docs/data.md)
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$root/eng/prepare.sh"

require_dotnet
build src/InteractionLab.Server/InteractionLab.Server.csproj
exec dotnet "$root/src/InteractionLab.Server/bin/Release/net10.0/InteractionLab.Server.dll" "$@"
