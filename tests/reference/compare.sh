#!/usr/bin/env bash
# Compares hmbpf with the reference loader over the objects of Debian's libbpf-tools:
#   compare.sh sections      the table of section names the unit tests compare ours with, asked again
#   compare.sh relocate      instructions against the types of the running kernel and of each guest's, byte for byte; boots nothing
#   compare.sh headers       all types of a guest's kernel written as C, compiled, and read back from the object; boots nothing
#   compare.sh verify        each program's verdict on the running kernel
#   compare.sh guests        the same in a guest
# headers and guests take the oldest and the newest of the guests' kernels, and all of them with HYPERMESH_FULL=1.
# One line for each comparison, "passed" or "failed", its differences below it. The exit code is 0 only where all agree, or ours loads more for a reason that
# stands in more.txt, and the reference loads as many as expected.txt says.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPO=$(cd "$HERE/../.." && pwd)
REFERENCE="$REPO/artifacts/reference"
HMBPF="$REPO/artifacts/bin/Hypermesh.Bpf.Tool/release/hmbpf.dll"
UNIT="$REPO/artifacts/bin/Hypermesh.Bpf.Tests.Unit/release/Hypermesh.Bpf.Tests.Unit.dll"
. "$REPO/tests/guests/lib/kernels.sh"

# tried_suites: the guests for what takes long.
tried_suites() { if [ "${HYPERMESH_FULL:-}" = 1 ]; then all_suites; else all_suites | sed -n '1p;$p'; fi; }

fails() { echo "  FAILED: $1"; }

# Gives a comparison's first line its verdict.
judge() {
  local said; said=$(cat)
  if grep -q '^  FAILED' <<<"$said"; then echo "failed $said"; return 1; fi
  echo "passed $said"
}

# What only ours has, below the comparison; wrong unless it is a program that ours loads more, for a known reason.
explain() {
  local kernel=$1 object program section verdict reason
  while read -r object program section verdict; do
    reason=$(awk -v key="$kernel $object $program" '$1 " " $2 " " $3 == key { sub(/^[^ ]+ [^ ]+ [^ ]+ /, ""); print }' "$HERE/more.txt")
    if [ "$verdict" = OK ] && [ -n "$reason" ]; then echo "  ours loads more: $object $program: $reason"
    else fails "ours says $(cut -c1-120 <<<"$object $program $section $verdict")"; fi
  done
}

# compare TITLE KERNEL THEIRS OURS: each program has a line on both sides, whatever it says.
compare() {
  local all
  sort -o "$3" "$3"; sort -o "$4" "$4"
  all=$(wc -l <"$3")
  echo "$1: $(comm -12 "$3" "$4" | wc -l) of $all programs agree"
  [ "$all" -gt 0 ] && [ "$(wc -l <"$4")" -eq "$all" ] || fails "ours has $(wc -l <"$4") lines, the reference $all"
  comm -13 "$3" "$4" | explain "$2"
}

# The reference itself must do what it is known to do, or the comparison says nothing. A guest whose kernel moved on has another total.
expect() {
  local release=$1 total=$2 kernel known exact
  while read -r kernel exact known; do
    case $release in "$kernel".*) ;; *) continue ;; esac
    [ "$known" != "$total" ] || return 0
    case $release in $exact) fails "the reference loads $total on $release, and $known are expected" ;;
      *) echo "  the reference loads $total on $release; on $exact it loads $known" ;; esac
    return
  done < <(grep -v '^#' "$HERE/expected.txt")
  echo "  how many the reference should load on $release is not known"
}

sections() {
  local expected="$REPO/tests/unit/Objects/testdata/sections.libbpf.txt" names
  mapfile -t names < <(cut -d' ' -f1 "$expected")
  { echo "sections: the reference has ${#names[@]} names as the unit tests have them"
    "$REFERENCE/sections" "${names[@]}" | diff "$expected" - || fails "the reference has others"; } | judge
}

# The types of each guest's kernel are there, where the kernel itself can be had; says "$1" and which where they are not.
guest_types() {
  local suite version worst=0
  "$REPO/tests/guests/guests.sh" btf >/dev/null || worst=1
  for suite in $(all_suites); do
    [ -e "$(kernel_folder "$suite")/boot" ] || { echo "$1 $(expected_version "$suite"): skipped, its kernel cannot be had"; continue; }
    version=$(version_of "$suite")
    [ -s "$GUESTS/btf/$version.btf" ] || { echo "$1 $version"; fails "the types of $version are not there, though its kernel is"; } | judge || worst=1
  done
  return "$worst"
}

relocate() {
  local worst=0
  guest_types "relocated against" || worst=1
  for_types /sys/kernel/btf/vmlinux "$GUESTS"/btf/*.btf -- relocate_against || worst=1
  return "$worst"
}

relocate_against() {
  local out; out=$(mktemp -d)
  "$REFERENCE/relocate" "$REFERENCE"/objects/*.o --btf "$1" >"$out/theirs" || true
  dotnet "$HMBPF" relocate "$REFERENCE"/objects/*.o --btf "$1" >"$out/ours" || true
  compare "relocated against ${1##*/}" none "$out/theirs" "$out/ours"
  rm -rf "$out"
}

# for_types BTF... -- COMMAND: judges COMMAND BTF for each of the files that exist, as many at a time as there are CPUs.
for_types() {
  local files=()
  while [ "$1" != -- ]; do [ ! -s "$1" ] || files+=("$1"); shift; done
  export -f judge fails compare explain compile_header relocate_against
  export REFERENCE HMBPF UNIT HERE
  printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'set -euo pipefail; "$0" "$1" | judge' "$2"
}

# The unit tests do it with the types of the running kernel.
headers() {
  local worst=0 suite files=()
  guest_types "compiled header of" || worst=1
  for suite in $(tried_suites); do [ ! -e "$(kernel_folder "$suite")/boot" ] || files+=("$GUESTS/btf/$(version_of "$suite").btf"); done
  for_types "${files[@]}" -- compile_header || worst=1
  return "$worst"
}

compile_header() {
  local out
  echo "compiled header of ${1##*/}"
  out=$(HYPERMESH_TEST_BTF="$1" dotnet "$UNIT" --filter-class '*KernelHeaderTests' --progress off 2>&1) || fails "$out"
  grep -q 'skipped: 0' <<<"$out" || fails "it was skipped: $out"
}

# In a mount namespace of its own: the reference may mount a bpffs.
verify() {
  local out worst=0 loaded kernel
  out=$(mktemp -d) kernel=$(uname -r | cut -d. -f1,2)
  unshare -m "$REFERENCE/verify" "$REFERENCE"/objects/*.o >"$out/theirs"
  unshare -m dotnet "$HMBPF" verify "$REFERENCE"/objects/*.o >"$out/ours" || true
  loaded=$(awk '/^programs loaded/ { print $3 }' "$out/theirs")
  sed -i '/^programs loaded/d' "$out/theirs" "$out/ours"
  { compare "verified on $(uname -r), where the reference loads $loaded" "$kernel" "$out/theirs" "$out/ours"
    expect "$(uname -r)" "$loaded"; } | judge || worst=1
  rm -rf "$out"
  return "$worst"
}

# Nothing is built in a guest: what it has is this machine's.
if [ -z "${HYPERMESH_REFERENCE_BUILT:-}" ]; then
  "$HERE/build.sh"
  [ -f "$HMBPF" ] || dotnet build "$REPO/src/Hypermesh.Bpf.Tool" -c Release -v q --nologo
  export HYPERMESH_REFERENCE_BUILT=1
fi
case ${1:-} in
  sections) sections ;;
  relocate) relocate ;;
  headers) headers ;;
  verify) verify ;;
  # shellcheck disable=SC2046
  guests) "$REPO/tests/guests/guests.sh" run $(tried_suites | sed 's/^/-k /') -- "$HERE/compare.sh" verify ;;
  *) echo "usage: compare.sh sections|relocate|headers|verify|guests" >&2; exit 2 ;;
esac
