#!/usr/bin/env bash
# Compares hmbpf with the reference loader over the objects of Debian's libbpf-tools:
#   compare.sh relocate      instructions against the types of the running kernel and of each guest's, byte for byte; boots nothing
#   compare.sh verify        each program's verdict on the running kernel
#   compare.sh guests        the same in each guest
# Differences are printed. The exit code is 0 only where there are none, or where ours loads more.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPO=$(cd "$HERE/../.." && pwd)
REFERENCE="$REPO/artifacts/reference"
OURS=(dotnet "$REPO/artifacts/bin/Hypermesh.Bpf.Tool/release/hmbpf.dll")

# compare TITLE THEIRS OURS
compare() {
  local equal differing
  sort -o "$2" "$2"; sort -o "$3" "$3"
  equal=$(comm -12 "$2" "$3" | wc -l)
  differing=$(comm -13 "$2" "$3" | cut -c1-150)
  echo "$1: $equal of $(wc -l <"$2") lines equal"
  # Each program has a line on both sides, whatever it says.
  [ -s "$2" ] && [ "$(wc -l <"$2")" -eq "$(wc -l <"$3")" ] || { echo "$(wc -l <"$3") lines are ours"; return 1; }
  [ "$equal" -ne "$(wc -l <"$2")" ] || return 0
  echo "$differing"
  # A program that only ours loads is told above, and no failure; the total differs with it.
  [ -z "$(grep -vE ' OK$|^programs loaded ' <<<"$differing")" ]
}

relocate() {
  local btf worst=0 out
  out=$(mktemp -d)
  "$REPO/tests/guests/guests.sh" btf >/dev/null || true
  for btf in /sys/kernel/btf/vmlinux "$REPO"/artifacts/guests/btf/*.btf; do
    "$REFERENCE/relocate" "$REFERENCE"/objects/*.o --btf "$btf" >"$out/theirs" || true
    "${OURS[@]}" relocate "$REFERENCE"/objects/*.o --btf "$btf" >"$out/ours" || true
    compare "relocated against ${btf##*/}" "$out/theirs" "$out/ours" || worst=1
  done
  rm -rf "$out"
  return "$worst"
}

# In a mount namespace of its own: the reference may mount a bpffs.
verify() {
  local out code=0
  out=$(mktemp -d)
  unshare -m "$REFERENCE/verify" "$REFERENCE"/objects/*.o >"$out/theirs"
  unshare -m "${OURS[@]}" verify "$REFERENCE"/objects/*.o >"$out/ours" || true
  grep '^programs loaded' "$out/theirs"
  compare "verified on $(uname -r)" "$out/theirs" "$out/ours" || code=1
  rm -rf "$out"
  return "$code"
}

# The names the unit tests compare our table with, asked again.
sections() {
  local expected="$REPO/tests/unit/Objects/testdata/sections.libbpf.txt" names
  mapfile -t names < <(cut -d' ' -f1 "$expected")
  "$REFERENCE/sections" "${names[@]}" | diff "$expected" - || return 1
  echo "sections: ${#names[@]} names are as the unit tests have them"
}

"$HERE/build.sh"
case ${1:-} in
  sections) sections ;;
  relocate) relocate ;;
  verify) verify ;;
  guests) "$REPO/tests/guests/guests.sh" run -- "$HERE/compare.sh" verify ;;
  *) echo "usage: compare.sh relocate|verify|guests" >&2; exit 2 ;;
esac
