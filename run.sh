#!/usr/bin/env bash
# Shows this machine, as its monitors see it: installs what is missing, builds hmbpf, and runs "hmbpf top". With options it shows the CPUs alone: it packs what
# samples/RunQueue needs of the SDK, builds the sample against the packages, and runs it. Both are built again only when something that they are made from has changed.
set -euo pipefail
REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
  cat <<'END'
Shows what the monitors of this machine see: CPU, network, TCP, disk, memory, processes, files, GPU.

  ./run.sh                       all of them on one screen, until q or Ctrl-C (hmbpf top)

With an option, only context switches and run-queue latency of every CPU:

  ./run.sh --seconds 10          a live view that ends by itself, after ten readings
  ./run.sh --seconds 5 --json    one JSON object a second instead of the live view
  ./run.sh --cost                measures what the monitor itself costs, too
  ./run.sh --help                shows this text
END
}

refuse() {
  printf 'run.sh: %s\n\n' "$1" >&2
  usage >&2
  exit 2
}

check_seconds() {
  [[ $1 =~ ^0*[1-9][0-9]{0,8}$ ]] || refuse "--seconds takes a whole number from 1 on, not '$1'."
}

# Arguments are checked before anything is installed or built.
check_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      -h | --help | '-?') usage; exit 0 ;;
      --json | --cost) ;;
      --seconds) [ $# -gt 1 ] || refuse "--seconds takes a number."; check_seconds "$2"; shift ;;
      --seconds=* | --seconds:*) check_seconds "${1#--seconds?}" ;;
      *) refuse "there is no option '$1'." ;;
    esac
    shift
  done
}

check_arguments "$@"
. "$REPO/msbuild/scripts/prerequisites.sh"
. "$REPO/msbuild/scripts/pack.sh"
trap 'exit 130' INT

[ "$(uname -s)" = Linux ] || die "eBPF needs Linux; this is $(uname -s)"
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 || die "loading eBPF programs takes root (or CAP_BPF and CAP_PERFMON), and sudo is not installed: run this script as root"
fi

if [ $# -eq 0 ]; then
  if [ "$(id -u)" -eq 0 ]; then exec "$REPO/hmbpf" top; fi
  # Built as the user, run as root.
  "$REPO/hmbpf" --version >/dev/null
  exec sudo DOTNET_ROOT="${DOTNET_ROOT:-}" PATH="$PATH" "$REPO/hmbpf" top
fi

SAMPLE="$REPO/samples/RunQueue"
PROGRAM="$SAMPLE/bin/Release/net10.0/RunQueue.dll"
STAMP="$REPO/artifacts/run/stamp"

is_current() {
  [ -f "$PROGRAM" ] && [ -f "$STAMP" ] && [ "$(cat "$STAMP")" = "$(fingerprint)" ] \
    && compgen -G "$REPO/artifacts/package/Hypermesh.Bpf.Monitoring.*.nupkg" >/dev/null
}

prepare() {
  trap 'exit 130' INT
  need_clang
  use_private_packages
  mkdir -p "$REPO/artifacts/run"
  # Two runs at once would write the same files; the second waits and finds nothing left to do.
  exec 9>"$REPO/artifacts/run/lock"
  flock 9 2>/dev/null || true
  if ! is_current; then
    # Computed before the build: what is edited meanwhile is built the next time.
    local made_of; made_of=$(fingerprint)
    forget_our_packages
    rm -rf "$SAMPLE/bin" "$SAMPLE/obj"
    building "1 of 3: restoring the packages of others" 0 dotnet restore "$REPO/msbuild/Monitoring.slnf" "${LEAN[@]}"
    building "2 of 3: packing Hypermesh.Bpf and Hypermesh.Bpf.Monitoring" 6 dotnet pack "$REPO/msbuild/Monitoring.slnf" -c Release --no-restore "${LEAN[@]}"
    building "3 of 3: building samples/RunQueue" 1 dotnet build "$SAMPLE" -c Release
    echo "$made_of" >"$STAMP"
  fi
  exec 9>&-
}

need_dotnet
if ! is_current; then (prepare) || exit $?; fi
if [ "$(id -u)" -eq 0 ]; then exec dotnet "$PROGRAM" "$@"; fi
exec sudo "$(command -v dotnet)" "$PROGRAM" "$@"
