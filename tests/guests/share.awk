# Which test methods one kernel runs when each runs on one kernel only: awk -v kernels="5.10 6.1" -v mine=6.1 -v everywhere=REGEX -f share.awk SKIPS... TESTS
# SKIPS: a kernel's list of tests/kernel/Skips, named VERSION-*.tsv. TESTS: the names of all tests, one a line.
# A method runs on the kernel that its name falls on, or on the next one that does not skip it; one that all skip stays where it fell. What fits everywhere runs on each.
BEGIN { count = split(kernels, kernel, " "); for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i }
FNR == 1 { name = FILENAME; sub(/.*\//, "", name); sub(/-.*/, "", name); skips = FILENAME ~ /\.tsv$/ }
skips { if ($0 !~ /^#/) { method = $0; sub(/[(\t].*/, "", method); skipped[name, method]++ } next }
/^ *Hypermesh\./ { sub(/^ */, ""); sub(/\(.*/, ""); cases[$0]++ }
END {
  for (full in cases) {
    method = full; sub(/^Hypermesh\.Bpf\.Tests\.Kernel\./, "", method)
    hash = 0
    for (i = 1; i <= length(method); i++) hash = (hash * 31 + code[substr(method, i, 1)]) % 65521
    at = hash % count
    for (i = 0; i < count; i++) if (skipped[kernel[(hash + i) % count + 1], method] < cases[full]) { at = (hash + i) % count; break }
    if (kernel[at + 1] == mine || method ~ everywhere) print full
  }
}
