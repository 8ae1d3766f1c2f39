#!/usr/bin/env bash
# Runs all tests: installs what they need, packs the SDK, builds, runs every test project. The last line is
# "N passed, N failed, N skipped"; the exit code is 0 only when nothing failed.
#   ./test.sh                 everything
#   ./test.sh unit kernel     only these folders of tests/; guests are the kernel tests under other kernels, reference the
#                             comparisons with libbpf on this kernel and on those
set -euo pipefail
REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$REPO/msbuild/scripts/prerequisites.sh"
. "$REPO/msbuild/scripts/pack.sh"

ALL="unit generator build kernel tool guests reference"

# The total of one attribute over the reports of xunit.
sum_of() {
  local attribute=$1 total=0 value
  for value in $(grep -ho "<assembly [^>]*" "$REPORTS"/*.xml 2>/dev/null | grep -o " $attribute=\"[0-9]*\"" | tr -dc '0-9\n'); do
    total=$((total + value))
  done
  echo "$total"
}

run_tests() {
  local name=$1 assembly
  assembly="$REPO/artifacts/bin/Hypermesh.Bpf.Tests.${name^}/release/Hypermesh.Bpf.Tests.${name^}.dll"
  [ -f "$assembly" ] || die "there are no tests in tests/$name; there are: $ALL"
  say "running tests/$name"
  # The kernel tests and those of the tool load programs; everything else needs no privilege and gets none that it would not have anyway.
  local as=""
  case "$name" in kernel | tool) [ "$(id -u)" -eq 0 ] || as="sudo -E" ;; esac
  # shellcheck disable=SC2086
  if ! timeout --kill-after=30 1200 $as "$(command -v dotnet)" "$assembly" --results-directory "$REPORTS" --report-xunit --report-xunit-filename "$name.xml" >"$REPORTS/$name.log" 2>&1; then
    FAILED_PROJECTS=$((FAILED_PROJECTS + 1))
    cat "$REPORTS/$name.log"
  else
    tail -n 8 "$REPORTS/$name.log"
  fi
  # A project that ended without a report, or found no test, has not passed.
  grep -q '<assembly ' "$REPORTS/$name.xml" 2>/dev/null || { echo "tests/$name left no report"; MISSING=$((MISSING + 1)); }
}

# The kernel tests once more, on each kernel of tests/guests. A kernel that cannot be had is one skip; a guest without a report is a failure.
run_guests() {
  local reason
  say "running tests/guests"
  "$REPO/tests/guests/guests.sh" test >"$REPORTS/guests.log" || FAILED_PROJECTS=$((FAILED_PROJECTS + 1))
  cat "$REPORTS/guests.log"
  for reason in "$REPORTS"/guest-*.skipped; do
    [ -e "$reason" ] || continue
    GUESTS_SKIPPED=$((GUESTS_SKIPPED + 1))
    echo "skipped: ${reason##*/}: $(cat "$reason")"
  done
  local reports; reports=$(find "$REPORTS" -name 'guest-*.xml' | wc -l)
  [ "$reports" -gt 0 ] || echo "no guest ran"
  [ $((reports + GUESTS_SKIPPED)) -eq 4 ] && [ "$reports" -gt 0 ] || { echo "guests left $reports reports"; MISSING=$((MISSING + 1)); }
}

# Ours beside the reference loader: each comparison is a test. One that ends early without a word has failed too.
compare_with_reference() {
  local what log passed failed code
  for what in sections relocate verify guests; do
    say "running tests/reference: $what"
    log="$REPORTS/reference-$what.log" code=0
    "$REPO/tests/reference/compare.sh" "$what" >"$log" 2>&1 || code=1
    cat "$log"
    passed=$(grep -c '^passed ' "$log") || true
    failed=$(grep -c '^failed ' "$log") || true
    if [ "$failed" -eq 0 ] && { [ "$code" -ne 0 ] || [ "$passed" -eq 0 ]; }; then failed=1; fi
    COMPARED=$((COMPARED + passed)) MISSING=$((MISSING + failed))
  done
}

cd "$REPO"
need_dotnet
need_clang
need_llvm_libraries
if command -v apt-get >/dev/null 2>&1; then apt_install libbpf-tools bpftool iproute2; fi
use_private_packages
export HYPERMESH_BPF_FEED="$REPO/artifacts/package"
pack_sdk
quietly "building the tests" dotnet build "$REPO/Hypermesh.BpfSdk.sln" -c Release --nologo

REPORTS="$REPO/artifacts/test-reports"
rm -rf "$REPORTS"; mkdir -p "$REPORTS"
FAILED_PROJECTS=0 MISSING=0 GUESTS_SKIPPED=0 COMPARED=0
for name in ${*:-$ALL}; do
  case $name in guests) run_guests ;; reference) compare_with_reference ;; *) run_tests "$name" ;; esac
done

passed=$(($(sum_of passed) + COMPARED)) failed=$(sum_of failed) errors=$(sum_of errors) skipped=$(($(sum_of skipped) + GUESTS_SKIPPED))
grep -ho '<reason><!\[CDATA\[[^]]*' "$REPORTS"/*.xml 2>/dev/null | sed 's/.*CDATA\[/skipped: /' | sort | uniq -c || true
failed=$((failed + errors + MISSING))
# A runner that fails for another reason than a failed test (a crash, a leak at its end) must not pass.
if [ "$FAILED_PROJECTS" -gt 0 ] && [ "$failed" -eq 0 ]; then failed=$FAILED_PROJECTS; fi
[ "$passed" -gt 0 ] || failed=$((failed + 1))
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
