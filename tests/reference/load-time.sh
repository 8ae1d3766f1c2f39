#!/usr/bin/env bash
# How long a round of loading takes ours and the reference, warm, in one process, timed from outside: (31 rounds − 11 rounds) / 20, the
# median of three, the two by turns. Only objects of Debian's libbpf-tools that both load whole on this kernel. Needs a quiet machine.
#   load-time.sh [AT-MOST]   fails where ours needs more than AT-MOST times what the reference does; 0.6 unless told
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPO=$(cd "$HERE/../.." && pwd)
REFERENCE="$REPO/artifacts/reference"

ours() { dotnet "$REPO/artifacts/bin/Hypermesh.Bpf.Tool/release/hmbpf.dll" load "$@" >/dev/null 2>&1; }
reference() { unshare -m "$REFERENCE/load" "$@" 2>/dev/null; }

# seconds LOADER ROUNDS
seconds() {
  local began=$EPOCHREALTIME
  "$1" "${OBJECTS[@]}" --repeat "$2" || { echo "$1 failed" >&2; return 1; }
  echo "$began $EPOCHREALTIME" | awk '{ print $2 - $1 }'
}

# Milliseconds a round.
round() {
  local few many
  few=$(seconds "$1" 11)
  many=$(seconds "$1" 31)
  awk -v few="$few" -v many="$many" 'BEGIN { printf "%.2f\n", (many - few) * 1000 / 20 }'
}

middle() { printf '%s\n' "$@" | sort -n | sed -n 2p; }

"$HERE/build.sh"
"$REPO/hmbpf" --version >/dev/null
OBJECTS=()
for object in "$REFERENCE"/objects/*.o; do
  if reference "$object" && ours "$object"; then OBJECTS+=("$object"); fi
done
[ "${#OBJECTS[@]}" -gt 0 ] || { echo "no object is loaded by both" >&2; exit 1; }
our_rounds=() reference_rounds=()
for _ in 1 2 3; do
  our_rounds+=("$(round ours)")
  reference_rounds+=("$(round reference)")
done
ours=$(middle "${our_rounds[@]}") theirs=$(middle "${reference_rounds[@]}")
awk -v ours="$ours" -v theirs="$theirs" -v objects="${#OBJECTS[@]}" -v limit="${1:-0.6}" -v kernel="$(uname -r)" -v load="$(cut -d' ' -f1 /proc/loadavg)" 'BEGIN {
  printf "a round of %d objects on %s: ours %.1f ms, the reference %.1f ms, ratio %.2f (at most %.2f); load average %s\n", objects, kernel, ours, theirs, ours / theirs, limit, load
  exit (ours / theirs > limit) }' || code=$?
echo "  ours: ${our_rounds[*]}; the reference: ${reference_rounds[*]}"
exit "${code:-0}"
