#!/usr/bin/env bash
# Checks that no test of commit fe138c6 was lost when all of them were moved and many renamed:
#   renames.sh REPORTS PART [FILE]     compares REPORTS/PART.xml, the report of a whole part, with FILE (tests/renames.tsv)
# A line "# PART METHODS CASES" of the file says how many test methods and cases a part had then. For each of these methods there is a line: part, name then, name now,
# cases then; the names are without "Hypermesh.Bpf.Tests.". A failure is
#   - a part with another number of lines or of cases: the line of a method was lost or changed
#   - a name of now that is not in the report, neither run nor skipped
#   - a name of now with fewer cases than then, unless it was skipped: a theory that is skipped as a whole counts as one case.
# A run that left no report was cut off and is compared with nothing.
set -euo pipefail
REPORTS=$1 PART=$2 FILE=${3:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/renames.tsv}
REPORT="$REPORTS/$PART.xml"

if ! grep -q '<assembly ' "$REPORT" 2>/dev/null; then echo "names of tests/$PART: compared with nothing, because the run left no report"; exit 0; fi

# tests_of REPORT: the method of each test, and whether it was skipped.
tests_of() {
  grep -o '<test [^>]*' "$1" | awk '
    function attribute(name) { return match($0, " " name "=\"[^\"]*\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : "" }
    { method = attribute("type") "." attribute("method"); sub(/^Hypermesh\.Bpf\.Tests\./, "", method); print method "\t" (attribute("result") == "Skip" ? "skipped" : "ran") }'
}

awk -F'\t' -v part="$PART" '
  function wrong(text) { bad++; found = found "  " text "\n" }
  FILENAME == ARGV[1] { cases[$1]++; if ($2 == "skipped") skipped[$1] = 1; next }
  /^#/ { if (split($0, words, " ") == 4 && words[2] == part) { methods = words[3]; all = words[4] } next }
  $1 != part { next }
  {
    lines++; sum += $4
    if (!($3 in cases)) wrong($2 " is now " $3 ", and the report has no such test")
    else if (cases[$3] < $4 && !($3 in skipped)) wrong($3 " has " cases[$3] " of the " $4 " cases that " $2 " had")
  }
  END {
    if (lines != methods || sum != all) wrong("there are " (lines + 0) " lines with " (sum + 0) " cases, and there were " methods + 0 " methods with " all + 0 " cases: a line was lost or changed")
    printf "%s names of tests/%s: %d methods of fe138c6, %d wrong\n%s", (bad ? "failed" : "passed"), part, methods, bad, found
  }' <(tests_of "$REPORT") "$FILE"
