#!/usr/bin/env bash
# What the monitors cost: each beside the tool of Debian that does the same, what loads still reach while all of them run, and what they take of an idle machine, compiled ahead of
# time, here and in a guest with 128 possible CPUs. Prints the tables, and for each bound a line that begins with "passed" or "failed". As root, on a quiet machine:
#   tests/benchmarks/monitors.sh            all
#   tests/benchmarks/monitors.sh cost idle  only these of: cost cost-disk cost-tcp cost-process cost-file throughput idle guest
set -euo pipefail
REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$REPO/msbuild/scripts/prerequisites.sh"
. "$REPO/msbuild/scripts/pack.sh"
ALL="cost cost-disk cost-tcp cost-process cost-file throughput idle guest"
MOST_SHARE=0.005
MOST_BYTES=$((64 * 1024 * 1024))
SECONDS_IDLE=30

need_dotnet
need_clang
apt_install libbpf-tools fio iperf3 linux-perf jq
use_private_packages
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# bound WHAT VALUE LIMIT: at most.
bound() { awk -v what="$1" -v value="$2" -v limit="$3" 'BEGIN { print (value <= limit ? "passed " : "failed ") what ": " value ", at most " limit }'; }

# The measurements of the project, in a mount namespace of their own with tracefs.
measure() {
  [ -n "${BUILT:-}" ] || { pack_sdk; quietly "building the measurements" dotnet build "$REPO/tests/benchmarks" -c Release --nologo; BUILT=1; }
  say "measuring: $1"
  unshare -m sh -c 'mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null; exec "$@"' sh \
    dotnet "$REPO/artifacts/bin/Hypermesh.Bpf.Benchmarks/release/Hypermesh.Bpf.Benchmarks.dll" "$@" || [ $? -eq 1 ]
}

publish_native() {
  [ -x "$REPO/artifacts/native/hmbpf" ] && [ -n "${PUBLISHED:-}" ] && return
  quietly "compiling hmbpf ahead of time" dotnet publish "$REPO/src/Hypermesh.Bpf.Tool" -c Release -r linux-x64 -p:CompilesNative=true -p:PackAsTool=false -p:CompilesAhead=false \
    -p:CppCompilerAndLinker="$(command -v clang >/dev/null && echo clang || echo gcc)" -p:ArtifactsPath="$WORK/native/" -o "$REPO/artifacts/native" --nologo
  PUBLISHED=1
}

# judge WHERE FILE: the figures of `hmbpf cost --json`.
judge() {
  local share bytes resident
  share=$(jq '.processCoreShare + ([.monitors[].coreShare // 0] | add)' "$2")
  bytes=$(jq '.residentBytes + ([.monitors[] | (.mapBytes // 0) + (.programBytes // 0)] | add)' "$2")
  resident=$(jq .residentBytes "$2")
  jq -r '.monitors[] | "\(.name): \(.condition), \((.coreShare // 0) * 100) % of a core, maps \((.mapBytes // 0) / 1048576) MiB, programs \((.programBytes // 0) / 1048576) MiB"' "$2"
  echo "$1: $share of a core, resident $((resident / 1048576)) MiB, with maps and programs $((bytes / 1048576)) MiB"
  [ "$1" != "idle machine" ] || bound "$1, share of a core" "$share" "$MOST_SHARE"
  bound "$1, bytes of memory, maps and programs" "$bytes" "$MOST_BYTES"
}

for what in ${*:-$ALL}; do
  case $what in
    cost | cost-disk | cost-tcp | cost-process | cost-file | throughput) measure "$what" ;;
    idle)
      publish_native
      say "measuring: idle for $SECONDS_IDLE s"
      "$REPO/artifacts/native/hmbpf" cost --seconds "$SECONDS_IDLE" --json >"$WORK/idle.json"
      judge "idle machine" "$WORK/idle.json" ;;
    guest)
      publish_native
      say "measuring: a guest with 128 possible CPUs"
      "$REPO/tests/guests/guests.sh" run -k 6.12 --smp 2,maxcpus=128 -- "$REPO/artifacts/native/hmbpf" cost --seconds 5 --json >"$WORK/guest.json"
      judge "guest with 128 possible CPUs" "$WORK/guest.json" ;;
    *) die "there is no measurement '$what'; there are: $ALL" ;;
  esac
done
