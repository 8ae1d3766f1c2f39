#!/usr/bin/env bash
# Compares what the kernel tests skipped with the checked-in lists, one a kind of kernel:
#   compare.sh REPORTS kernel|guests [whole]     out of REPORTS/kernel.tests, or REPORTS/guest-*.tests; whole where all tests were to run: then a listed test that
#                                                is none of them is a failure too, unless the run was cut off (it left no REPORTS/*.xml)
# A list begins with "# uname -r: PATTERN"; each line is a test and its reason, with a tab between. A skip that is not listed, one with another reason, and a listed test that ran
# are failures: a skip may not hide one. Where a canary of the tests shows that the kernel's policy refuses a kind of program ("policy: …"), machines of one kernel differ: such a
# line is reported and fails nothing. A kernel without a list is reported. HYPERMESH_ACCEPT=1 writes what was found.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPORTS=$1 WHAT=$2 WHOLE=${3:-}

# list_of RELEASE: the file whose pattern the kernel's name fits.
list_of() {
  local file pattern
  for file in "$HERE"/*.tsv; do
    [ -e "$file" ] || continue
    pattern=$(sed -n '1s/^# uname -r: //p' "$file")
    # shellcheck disable=SC2254
    case $1 in $pattern) echo "$file"; return 0 ;; esac
  done
  return 1
}

# What tells builds of one version apart: "fc" of 6.18.44-fc-v669, "amd64" of 6.12.117+deb13-amd64. A part that is a number, or a letter or more and a number, counts builds.
flavour_of() { tr '+-' '\n\n' <<<"$1" | sed 1d | grep -vE '^[0-9]+$|^(v|deb)[0-9]+' | paste -sd-; }

# The list of a kernel that has none yet, and the pattern in its first line.
new_list() { local flavour; flavour=$(flavour_of "$1"); echo "$HERE/$(cut -d. -f1,2 <<<"$1")${flavour:+-$flavour}.tsv"; }

new_pattern() { local flavour; flavour=$(flavour_of "$1"); echo "$(cut -d. -f1,2 <<<"$1").*${flavour:+$flavour*}"; }

# compare RELEASE PROGRESS
compare() {
  local release=$1 progress=$2 list found whole=""
  [ -z "$WHOLE" ] || [ ! -s "${progress%.tests}.xml" ] || whole=1
  found=$(mktemp)
  awk -F'\t' -v OFS='\t' '$1 == "skipped" { sub(/^Hypermesh\.Bpf\.Tests\.Kernel\./, "", $2); print $2, $3 }' "$progress" | LC_ALL=C sort >"$found"
  if [ "${HYPERMESH_ACCEPT:-}" = 1 ]; then
    list=$(list_of "$release") || list=$(new_list "$release")
    { if [ -e "$list" ]; then sed -n 1p "$list"; else echo "# uname -r: $(new_pattern "$release")"; fi; cat "$found"; } >"$list.new"
    mv "$list.new" "$list"
  fi
  if ! list=$(list_of "$release"); then
    echo "skips on $release: $(wc -l <"$found"), compared with nothing: there is no list of this kernel in tests/kernel/Skips (HYPERMESH_ACCEPT=1 writes one)"
    rm -f "$found"
    return
  fi
  awk -F'\t' -v release="$release" -v name="${list##*/}" -v whole="$whole" '
    FILENAME == ARGV[1] { if ($0 !~ /^#/) { listed[$1] = $2; count++ } next }
    FILENAME == ARGV[2] { skipped[$1] = $2; next }
    { sub(/^Hypermesh\.Bpf\.Tests\.Kernel\./, "", $2); if ($1 == "passed" || $1 == "failed") ran[$2] = 1 }
    function wrong(text, policy) { if (policy) print "  policy differs: " text; else { bad++; lines = lines "  " text "\n" } }
    END {
      for (test in skipped) {
        policy = skipped[test] ~ /^policy: /
        if (!(test in listed)) wrong(test " was skipped, and is not in the list: " skipped[test], policy)
        else if (listed[test] != skipped[test]) wrong(test " was skipped for another reason: " skipped[test] "; the list has: " listed[test], policy && listed[test] ~ /^policy: /)
      }
      for (test in listed) if (whole && !(test in skipped) && !(test in ran)) wrong(test " is in the list, and there is no such test", 0)
      for (test in listed) if (!(test in skipped) && test in ran) wrong(test " ran, and the list has: " listed[test], listed[test] ~ /^policy: /)
      printf "%s skips on %s, as %s has them: %d listed, %d wrong\n", (bad ? "failed" : "passed"), release, name, count, bad
      printf "%s", lines
    }' "$list" "$found" "$progress"
  rm -f "$found"
}

case $WHAT in
  kernel) compare "$(uname -r)" "$REPORTS/kernel.tests" ;;
  guests) for file in "$REPORTS"/guest-*.tests; do [ ! -e "$file" ] || compare "$(cat "${file%.tests}.release")" "$file"; done ;;
  *) echo "usage: compare.sh REPORTS kernel|guests" >&2; exit 2 ;;
esac
