#!/usr/bin/env bash
# Runs all tests: installs what they need, packs the SDK, builds, runs every test project. The last line is
# "N passed, N failed, N skipped"; the exit code is 0 only when nothing failed.
#   ./test.sh                       everything; long tests do a tenth of their rounds
#   ./test.sh unit kernel           only these folders of tests/; guests are the kernel tests under other kernels, each on one of
#                                   them, with --full on each; reference the comparisons with libbpf on this kernel and on the oldest
#                                   and the newest of those, with --full on all; llvm the tests that depend on clang or LLVM, with the
#                                   oldest and the newest clang that can be installed; monitors the kernel tests of the monitors alone,
#                                   with --full also what the monitors cost
#   ./test.sh unit:MutationTests    only these classes of a folder
#   ./test.sh --full unit           all rounds: artifacts/full/unit.txt has the commit, the kernel and the figures
# A run is ended when nothing has happened for HYPERMESH_TEST_PATIENCE minutes (15); what had passed by then is counted.
set -euo pipefail
REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$REPO/msbuild/scripts/prerequisites.sh"
. "$REPO/msbuild/scripts/pack.sh"
. "$REPO/tests/harness/watch.sh"
trap end_watched EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

ALL="unit generator build kernel tool llvm guests reference"
# A part that others contain.
MORE="monitors"
PASSED=0 FAILED=0 SKIPPED=0 TIMES=""

ARTIFACTS="$REPO/artifacts"
assembly_of() { echo "$ARTIFACTS/bin/Hypermesh.Bpf.Tests.${1^}/release/Hypermesh.Bpf.Tests.${1^}.dll"; }

# run_tests REPORT FOLDER [OPTION]...: one test project; REPORT names its reports.
run_tests() {
  local report=$1 name=$2 assembly code=0
  shift 2
  assembly=$(assembly_of "$name")
  [ -f "$assembly" ] || die "there are no tests in tests/$name; there are: $ALL"
  # The kernel tests and those of the tool load programs; everything else needs no privilege and gets none that it would not have anyway.
  local as=""
  case "$name" in kernel | tool) [ "$(id -u)" -eq 0 ] || { sudo -v; as="sudo -E"; } ;; esac
  export HYPERMESH_TEST_PROGRESS="$REPORTS/$report.tests"
  : >"$HYPERMESH_TEST_PROGRESS"
  # shellcheck disable=SC2086
  watched "$REPORTS/$report.log" "$HYPERMESH_TEST_PROGRESS" $as "$(command -v dotnet)" "$assembly" \
    --ansi off --results-directory "$REPORTS" --report-xunit-xml --report-xunit-xml-filename "$report.xml" "$@" || code=$?
  if [ "$code" -ne 0 ]; then cat "$REPORTS/$report.log"; else tail -n 8 "$REPORTS/$report.log"; fi
  count_run "tests/$report" "$REPORTS/$report.xml" "$HYPERMESH_TEST_PROGRESS" "$code"
}

# The tests that depend on clang and LLVM, with the oldest supported clang and with the newest. The other parts have used the one that is found first, so most tests
# leave it out. tests/tool/llvm-since.tsv lists what an old LLVM does not know. A version that cannot be installed is one skip.
run_llvm() {
  local major clang library
  for major in $(llvm_versions); do
    clang=$(command -v "clang-$major") || { echo "skipped: clang-$major cannot be installed here"; SKIPPED=$((SKIPPED + 1)); continue; }
    library=$(ldconfig -p | awk -v major="$major" '$1 == "libLLVM-" major ".so.1" || $1 == "libLLVM.so." major ".1" { print $NF; exit }')
    say "with $clang and ${library:-no libLLVM of its version}"
    export HYPERMESH_BPF_LIBLLVM=$library
    run_tests "llvm-$major-tool" tool --filter-class '*LlvmTests'
    unset HYPERMESH_BPF_LIBLLVM
    [ "$clang" -ef "$(find_clang)" ] && continue
    export HYPERMESH_BPF_CLANG=$clang
    run_tests "llvm-$major-unit" unit --filter-class '*.CSource.*' --filter-class '*CoreCompiledTests'
    run_tests "llvm-$major-build" build --filter-class '*CommentTests' --filter-class '*DiagnosticTests' --filter-class '*EndiannessTests' --filter-class '*VmlinuxTests'
    run_tests "llvm-$major-generator" generator --filter-class '*TortureTests'
    run_kernel_with "$major"
    unset HYPERMESH_BPF_CLANG
  done
}

# Compiles the kernel tests' own C and the shipped programs with another clang, and runs the kernel tests with them, without those of the monitors that wait most of their time: HookForecastTests
# loads all programs. The C# was analyzed before.
run_kernel_with() {
  local artifacts="$REPO/artifacts/llvm-$1" begin=$FAILED
  quietly "building tests/kernel with clang $1" dotnet build "$REPO/tests/kernel" -c Release --nologo -p:ArtifactsPath="$artifacts" -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false
  ARTIFACTS=$artifacts run_tests "llvm-$1-kernel" kernel --filter-not-class '*MemoryMonitorTests' --filter-not-method '*blind*'
  [ "$FAILED" -ne "$begin" ] || rm -rf "$artifacts"
}

# The kernel tests once more, in the kernels of tests/guests: each test on one of them, and with all rounds on each. A kernel that cannot be had is one skip; a guest
# without a report is a failure.
run_guests() {
  local reason progress name kernels=0 shared=--shared
  [ -z "$FULL" ] || shared=""
  # Guests are watched one by one, by their own script.
  # shellcheck disable=SC2086
  PATIENCE=1440 watched "$REPORTS/guests.log" /dev/null "$REPO/tests/guests/guests.sh" test $shared || echo "guests.sh ended with $?"
  cat "$REPORTS/guests.log"
  for reason in "$REPORTS"/guest-*.skipped; do
    [ -e "$reason" ] || continue
    SKIPPED=$((SKIPPED + 1)) kernels=$((kernels + 1))
    echo "skipped: ${reason##*/}: $(cat "$reason")"
  done
  for progress in "$REPORTS"/guest-*.code; do
    [ -e "$progress" ] || continue
    kernels=$((kernels + 1))
    name=$(basename "$progress" .code)
    count_run "$name" "$REPORTS/$name.xml" "$REPORTS/$name.tests" "$(cat "$progress")"
  done
  if [ "$kernels" -ne 4 ]; then echo "FAILED guests: $kernels of 4 kernels were tried"; FAILED=$((FAILED + 1)); fi
}

# Compares this loader with libbpf: each comparison is a test. One that ends early without a message has failed too.
compare_with_reference() {
  local what log passed failed code
  for what in sections relocate headers verify guests; do
    say "running tests/reference: $what"
    log="$REPORTS/reference-$what.log" code=0
    if [ "$what" = guests ]; then PATIENCE=1440 watched "$log" /dev/null "$REPO/tests/reference/compare.sh" guests || code=$?
    else watched "$log" /dev/null "$REPO/tests/reference/compare.sh" "$what" || code=$?; fi
    cat "$log"
    passed=$(grep -c '^passed ' "$log") || true
    failed=$(grep -c '^failed ' "$log") || true
    if [ "$code" -eq 124 ]; then failed=$((failed + 1)); echo "FAILED reference $what: cut off, since nothing happened for $PATIENCE minutes"
    elif [ "$failed" -eq 0 ] && { [ "$code" -ne 0 ] || [ "$passed" -eq 0 ]; }; then failed=1; echo "FAILED reference $what: ended with exit code $code"; fi
    PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed))
  done
}

# The kernel tests of the monitors, and with all rounds what the monitors cost. Nothing else may run on the machine meanwhile.
run_monitors() {
  run_tests monitors kernel --filter-namespace 'Hypermesh.Bpf.Tests.Kernel.Monitoring*' ${1:+--filter-class "*$1"}
  [ -n "$FULL" ] && [ -z "$1" ] || return 0
  local log="$REPORTS/cost-monitors.log"
  PATIENCE=60 watched "$log" /dev/null "$REPO/tests/benchmarks/monitors.sh" || { echo "failed cost of the monitors: monitors.sh ended with $?" >>"$log"; }
  count_comparison "$log"
}

# run_part FOLDER[:CLASS]: one part, and how long it took.
run_part() {
  local part=$1 name=${1%%:*} class="" begin=$SECONDS
  [ "$part" = "$name" ] || class=${part#*:}
  say "running tests/$part"
  case $name in
    llvm) run_llvm ;;
    guests) run_guests ;;
    reference) compare_with_reference ;;
    monitors) run_monitors "$class" ;;
    *) run_tests "$name" "$name" ${class:+--filter-class "*$class"} ;;
  esac
  [ "$name" != kernel ] && [ "$name" != guests ] || [ -n "$class" ] || compare_skips
  case $name in unit | generator | build | kernel | tool) [ -n "$class" ] || compare_names ;; esac
  TIMES+=$(printf '%6.1f min  tests/%s' "$(awk -v s=$((SECONDS - begin)) 'BEGIN { print s / 60 }')" "$part")$'\n'
}

# Compares which tests each kernel skips with the checked-in lists.
compare_skips() {
  local log="$REPORTS/skips-$name.log"
  local whole=whole
  [ "$name" != guests ] || [ -n "$FULL" ] || whole=""
  # shellcheck disable=SC2086
  "$REPO/tests/kernel/Skips/compare.sh" "$REPORTS" "$name" $whole >"$log" || true
  count_comparison "$log"
}

# Compares the names of the tests of a whole part with those there were when all of them were moved.
compare_names() {
  local log="$REPORTS/renames-$name.log"
  "$REPO/tests/harness/renames.sh" "$REPORTS" "$name" >"$log" 2>&1 || echo "failed names of tests/$name: renames.sh ended with $?" >>"$log"
  count_comparison "$log"
}

# count_comparison LOG: a comparison is a test: its first word says how it went.
count_comparison() {
  cat "$1"
  PASSED=$((PASSED + $(grep -c '^passed ' "$1" || true))) FAILED=$((FAILED + $(grep -c '^failed ' "$1" || true)))
}

# Each failure of the run in one line. A reader may have the end of the output only.
list_failures() {
  awk -F'\t' '$1 == "failed" { part = FILENAME; gsub(/.*\/|\.tests$/, "", part); print "FAILED " part ": " substr($2 ": " $3, 1, 500) }' "$REPORTS"/*.tests /dev/null 2>/dev/null || true
  grep -H '^failed ' "$REPORTS"/reference-*.log "$REPORTS"/skips-*.log "$REPORTS"/renames-*.log "$REPORTS"/cost-*.log 2>/dev/null | sed 's/.*\/\([^/]*\)\.log:failed /FAILED \1: /' | cut -c 1-500 || true
}

# What a full run found, in a file that a note can quote.
write_figures() {
  local file="$REPO/artifacts/full/${1//:/-}.txt"
  mkdir -p "${file%/*}"
  {
    echo "part     $1, all rounds"
    echo "commit   $(git -C "$REPO" rev-parse HEAD)$(git -C "$REPO" diff --quiet HEAD || echo ', with changes')"
    echo "kernel   $(uname -srm), $(nproc) CPUs"
    echo "clang    $("$(find_clang)" --version | sed -n 1p)"
    echo "date     $(date -u +%FT%TZ)"
    echo "tests    $2 passed, $3 failed, $4 skipped, $5 s"
    cat "$REPORTS"/*.tests 2>/dev/null | awk -F'\t' '$1 == "figure" { print "figure   " $2 ": " $3 }'
    cat "$REPORTS"/cost-*.log 2>/dev/null || true
  } >"$file"
  say "figures in ${file#"$REPO"/}"
}

FULL=""
if [ "${1:-}" = --full ]; then
  FULL=1; shift
  [ $# -gt 0 ] || die "--full does all rounds of one or more parts; say which: $ALL $MORE"
  export HYPERMESH_FULL=1
fi
case "${1:-}" in -*) die "there is no option '$1'; see the head of test.sh" ;; esac
for part in "$@"; do case " $ALL $MORE " in *" ${part%%:*} "*) ;; *) die "there is no part '$part'; there are: $ALL $MORE" ;; esac; done
PARTS=${*:-$ALL}
[ -z "${CI:-}" ] || [ -z "${HYPERMESH_ACCEPT:-}" ] || die "HYPERMESH_ACCEPT is refused under CI: what it would accept has to be read by a person"

cd "$REPO"
begin=$SECONDS
need_dotnet
need_clang
need_llvm_libraries
if command -v apt-get >/dev/null 2>&1; then need_test_programs "$PARTS"; fi
use_private_packages
export HYPERMESH_BPF_FEED="$REPO/artifacts/package"
pack_sdk
quietly "building the tests" dotnet build "$REPO/Hypermesh.BpfSdk.sln" -c Release --nologo
TIMES+=$(printf '%6.1f min  %s' "$(awk -v s=$((SECONDS - begin)) 'BEGIN { print s / 60 }')" "packages and build")$'\n'

REPORTS="$REPO/artifacts/test-reports"
rm -rf "$REPORTS"; mkdir -p "$REPORTS"
for part in $PARTS; do
  before=("$PASSED" "$FAILED" "$SKIPPED" "$SECONDS")
  run_part "$part"
  [ -z "$FULL" ] || write_figures "$part" $((PASSED - before[0])) $((FAILED - before[1])) $((SKIPPED - before[2])) $((SECONDS - before[3]))
done

awk -F'\t' '$1 == "skipped" { print "skipped: " $3 }' "$REPORTS"/*.tests /dev/null 2>/dev/null | sort | uniq -c || true
[ "$PASSED" -gt 0 ] || FAILED=$((FAILED + 1))
printf '%s' "$TIMES"
list_failures
echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
[ "$FAILED" -eq 0 ]
