#!/usr/bin/env bash
# Shows this kernel's scheduler: installs what is missing, packs the SDK, builds samples/RunQueue against the package, runs it.
#   ./run.sh                       live view, until Ctrl-C
#   ./run.sh --seconds 10          ends by itself
#   ./run.sh --seconds 5 --json    one object a second instead
set -euo pipefail
REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$REPO/msbuild/scripts/prerequisites.sh"
. "$REPO/msbuild/scripts/pack.sh"

cd "$REPO"
need_dotnet
need_clang
use_private_packages
pack_sdk
quietly "building samples/RunQueue" dotnet build "$REPO/samples/RunQueue" -c Release --nologo

program="$REPO/samples/RunQueue/bin/Release/net10.0/RunQueue.dll"
if [ "$(id -u)" -eq 0 ]; then exec dotnet "$program" "$@"; fi
command -v sudo >/dev/null 2>&1 || die "loading eBPF programs takes root (or CAP_BPF and CAP_PERFMON), and sudo is not installed"
exec sudo "$(command -v dotnet)" "$program" "$@"
