# Sourced by test.sh and the guests: ends a run that makes no progress, and counts what ran. The limit is lack of progress, not run time: being slow on a busy machine is
# not a failure.

# Minutes without progress after which a run is considered to hang.
PATIENCE=${HYPERMESH_TEST_PATIENCE:-15}

# One number that changes whenever one of the files grows.
progress_of() { stat -c %s "$@" 2>/dev/null | awk '{ sum += $1 } END { print sum + 0 }'; }

# still_moving FILE...: 0 as long as the files have grown within PATIENCE minutes. Begin with LAST_GROWTH="".
still_moving() {
  local size; size=$(progress_of "$@")
  if [ "${LAST_GROWTH:-}" = "" ] || [ "$size" != "$LAST_SIZE" ]; then LAST_GROWTH=$SECONDS LAST_SIZE=$size; fi
  # In seconds, because the tests of this file use a part of a minute.
  awk -v idle=$((SECONDS - LAST_GROWTH)) -v patience="$PATIENCE" 'BEGIN { exit !(idle < patience * 60) }'
}

# end_group PID: asks the processes of a group, which may be root's, to end, and kills them ten seconds later.
end_group() {
  local tries
  kill -- "-$1" 2>/dev/null || sudo -n kill -- "-$1" 2>/dev/null || true
  for tries in $(seq 50); do kill -0 -- "-$1" 2>/dev/null || sudo -n kill -0 -- "-$1" 2>/dev/null || return 0; sleep 0.2; done
  kill -KILL -- "-$1" 2>/dev/null || sudo -n kill -KILL -- "-$1" 2>/dev/null || true
}

WATCHED=""
end_watched() { [ -z "$WATCHED" ] || end_group "$WATCHED"; WATCHED=""; }

# watched LOG PROGRESS COMMAND...: runs the command in a process group of its own, its output in LOG. Returns its exit code, or 124 when neither file grew for
# PATIENCE minutes and the group was ended.
watched() {
  local log=$1 progress=$2 code=0
  shift 2
  : >"$log"
  # Job control gives it a group of its own, and leaves it in this session, where sudo's credentials are valid.
  set -m
  "$@" >"$log" 2>&1 </dev/null &
  WATCHED=$!
  set +m
  LAST_GROWTH=""
  while kill -0 "$WATCHED" 2>/dev/null; do
    if ! still_moving "$log" "$progress"; then
      local ended=$WATCHED
      end_watched
      wait "$ended" 2>/dev/null || true
      return 124
    fi
    sleep 0.5
  done
  wait "$WATCHED" || code=$?
  WATCHED=""
  return "$code"
}

# ended_with WORD PROGRESS: how many tests passed, failed or were skipped by the live report.
ended_with() { awk -F'\t' -v word="$1" '$1 == word { n++ } END { print n + 0 }' "$2" 2>/dev/null || echo 0; }

# unfinished PROGRESS: the tests that began and did not end, and after them the last progress that a long test reported.
unfinished() {
  awk -F'\t' '
    $1 == "started" { n[$2]++; order[++count] = $2 }
    $1 == "passed" || $1 == "failed" || $1 == "skipped" { n[$2]-- }
    $1 == "working" { said = " (" $2 ": " $3 ")" }
    END { for (i = 1; i <= count; i++) if (n[order[i]] > 0) { text = text (text == "" ? "" : ", ") order[i]; n[order[i]] = 0 } print (text == "" ? "none" : text) said }' "$1" 2>/dev/null
}

# in_report XML ATTRIBUTE: the sum over the assemblies of a report of xunit.
in_report() {
  local total=0 value
  for value in $(grep -ho "<assembly [^>]*" "$1" 2>/dev/null | grep -o " $2=\"[0-9]*\"" | tr -dc '0-9\n'); do total=$((total + value)); done
  echo "$total"
}

# count_run NAME XML PROGRESS CODE: adds a run to PASSED, FAILED and SKIPPED. A run without a report was cut off or crashed: what had ended by then counts as it
# ended, and one failure names the tests that were running.
count_run() {
  local name=$1 xml=$2 progress=$3 code=$4 passed failed skipped
  if grep -q '<assembly ' "$xml" 2>/dev/null; then
    passed=$(in_report "$xml" passed) skipped=$(in_report "$xml" skipped)
    failed=$(($(in_report "$xml" failed) + $(in_report "$xml" errors)))
    # A runner that fails for another reason than a failed test (a leak at its end) must not pass, and neither must one that found no test.
    if [ "$failed" -eq 0 ] && [ "$code" -ne 0 ]; then failed=1; echo "FAILED $name: no test failed, but the runner ended with exit code $code"; fi
    [ $((passed + failed + skipped)) -gt 0 ] || { failed=1; echo "FAILED $name: no test ran"; }
  else
    passed=$(ended_with passed "$progress") skipped=$(ended_with skipped "$progress")
    failed=$(($(ended_with failed "$progress") + 1))
    if [ "$code" -eq 124 ]; then echo "FAILED $name: cut off, since nothing happened for $PATIENCE minutes. Running: $(unfinished "$progress")"
    else echo "FAILED $name: ended with exit code $code and left no report. Running: $(unfinished "$progress")"; fi
    awk -F'\t' '$1 == "failed" { print "failed " $2 ": " $3 }' "$progress" 2>/dev/null || true
  fi
  PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed)) SKIPPED=$((SKIPPED + skipped))
}
