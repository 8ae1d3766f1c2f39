# Sourced by guests.sh: the kernel tests of tests/kernel in guests. Each leaves artifacts/test-reports/guest-VERSION.xml, its output beside it, its
# live report in guest-VERSION.tests, the only one of a guest that was cut off, and its exit code in guest-VERSION.code. A kernel that is not available leaves the
# reason in guest-VERSION.skipped.

BUILT="$REPO/artifacts/bin/Hypermesh.Bpf.Tests.Kernel/release"
REPORTS="$REPO/artifacts/test-reports"

# What asks a kernel what it can, and compares the answer with what is known of it.
EVERYWHERE='^(FeatureChecks|Abi|Preflight|Objects[.]Sections|Monitoring[.]HookForecastTests)[.]'

# share_of SUITE: the filter for the tests that this kernel runs when they are shared among all kernels.
share_of() {
  local kernel kernels=()
  for kernel in $KERNELS; do kernels+=("${kernel%:*}"); done
  # shellcheck disable=SC2016
  dotnet "$BUILT/Hypermesh.Bpf.Tests.Kernel.dll" --list-tests --no-ansi |
    awk -v kernels="${kernels[*]}" -v mine="$(expected_version "$1")" -v everywhere="$EVERYWHERE" -f "$HERE/share.awk" "$REPO"/tests/kernel/Skips/*.tsv - | sed 's/^/--filter-method /'
}

# tests_in SUITE FILTER...: what is built while a guest runs must not change under it, so it runs a copy.
tests_in() {
  local suite=$1 name code=0 share=""
  shift
  if [ -n "$SHARED" ]; then share=$(share_of "$suite"); [ -n "$share" ] || { echo "no tests are shared out to $suite"; return 1; }; fi
  name="guest-$(version_of "$suite")"
  say "running tests/kernel on $(release_of "$suite")"
  new_run
  cp -r "$BUILT" "$RUN/tests"
  # shellcheck disable=SC2086
  write_run "$(command -v dotnet)" "$RUN/tests/Hypermesh.Bpf.Tests.Kernel.dll" --ansi off --results-directory /tmp/share/results \
    --report-xunit-xml --report-xunit-xml-filename "$name.xml" $share "$@"
  boot "$suite" >"$REPORTS/$name.log" 2>&1 || code=$?
  cp "$RUN/share/progress" "$REPORTS/$name.tests" 2>/dev/null || : >"$REPORTS/$name.tests"
  cp "$RUN/share/results/$name.xml" "$REPORTS/" 2>/dev/null || { [ "$code" -ne 0 ] || code=1; }
  echo "$code" >"$REPORTS/$name.code"
  release_of "$suite" >"$REPORTS/$name.release"
  end_boot
  if [ "$code" -eq 0 ]; then tail -n 8 "$REPORTS/$name.log"; else cat "$REPORTS/$name.log"; fi
  return "$code"
}

test_kernels() {
  local suite code=0
  [ -d "$BUILT" ] || die "the kernel tests are not built: dotnet build tests/kernel -c Release"
  mkdir -p "$REPORTS"
  rm -f "$REPORTS"/guest-*
  each tests_in "$@" || code=$?
  for suite in "${!WHY[@]}"; do echo "${WHY[$suite]}" >"$REPORTS/guest-$(expected_version "$suite").skipped"; done
  print_tables
  return "$code"
}

# The machine's own report is a column too, where test.sh has left one.
print_tables() {
  local reports
  reports=$(ls -v "$REPORTS"/kernel.xml "$REPORTS"/guest-*.xml 2>/dev/null) || true
  # shellcheck disable=SC2086
  [ -z "$reports" ] || awk -v machine="$(uname -r | cut -d. -f1,2)" -f "$HERE/table.awk" $reports
}
