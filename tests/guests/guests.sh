#!/usr/bin/env bash
# Boots Debian's kernels in QEMU and runs things in them; see README.md here, or --help.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPO=$(cd "$HERE/../.." && pwd)
. "$REPO/msbuild/scripts/prerequisites.sh"
. "$REPO/tests/harness/watch.sh"
for part in kernels packages initramfs boot btf kernel-tests; do . "$HERE/lib/$part.sh"; done

usage() {
  cat <<'HELP'
guests.sh: other kernels than this machine's, each booted in QEMU with this machine's files

  guests.sh run   [OPTION]... -- COMMAND [ARGUMENT]...   runs a command in each kernel
  guests.sh test  [OPTION]... [-- TEST-FILTER...]        runs the kernel tests, prints a table kernel x test
  guests.sh test --shared [OPTION]...                    each test on one kernel that does not skip it; what asks a kernel what it can, on all
  guests.sh shell -k KERNEL                              a shell in one
  guests.sh btf   [OPTION]...                            copies each kernel's BTF and config to artifacts/guests/btf; boots nothing
  guests.sh fetch [OPTION]... [--new]                    fetches the kernels; --new looks for newer ones

  -k, --kernel KERNEL   5.10, 6.1, 6.12, 7.2 (or the suite: bullseye, bookworm, trixie, sid); more than once; without it, all
      --smp CPUS        "2,maxcpus=4" unless told: two are there of four possible ones
      --memory MB       3072 unless told
      --patience N      after how many minutes without progress a guest is ended: neither output nor a test that ended; 15 unless told
      --seconds N       how long a guest may take; without it, as long as there is progress

The exit code is the command's, the worst of them when there are several kernels; 124 when it made no progress or its time was over, 125 when a guest did not
boot twice, 77 when no kernel could be had, 2 when the call was wrong.
HELP
}

wrong() { say "$1; see guests.sh --help"; exit 2; }

SUITES="" SMP="2,maxcpus=4" MEMORY=3072 SECONDS_LIMIT=infinity NEW="" SHARED=""
VERB=${1:-}
[ $# -eq 0 ] || shift
while [ $# -gt 0 ]; do
  case $1 in
    -k | --kernel) SUITES+=" $(suite_of "${2:-}")" || wrong "there is no kernel '${2:-}'"; shift ;;
    --smp) SMP=${2:?}; shift ;;
    --memory) MEMORY=${2:?}; shift ;;
    --patience) PATIENCE=${2:?}; shift ;;
    --seconds) SECONDS_LIMIT=${2:?}; shift ;;
    --new) NEW=1 ;;
    --shared) SHARED=1 ;;
    -h | --help) usage; exit 0 ;;
    --) shift; break ;;
    *) break ;;
  esac
  shift
done
SUITES=${SUITES:-$(all_suites)}

need_emulator() {
  [ "$(uname -m)" = x86_64 ] || die "the guests have this machine's files and need an x86-64 one"
  command -v apt-get >/dev/null 2>&1 || die "the kernels are Debian's, and this machine has no apt-get to fetch them with"
  apt_install qemu-system-x86 busybox-static kmod cpio xz-utils
}

# each FUNCTION ARGUMENT...: calls FUNCTION SUITE ARGUMENT... for each kernel that can be had; the exit code is the worst. Several run
# beside each other, as far as lock_boots lets them, and what they print comes in the order of the kernels.
each() {
  local suite worst=0 code had=()
  for suite in $SUITES; do
    if fetch_kernel "$suite"; then had+=("$suite"); else say "skipped $(expected_version "$suite") ($suite): ${WHY[$suite]}"; fi
  done
  [ "${#had[@]}" -gt 0 ] || return 77
  if [ "${#had[@]}" -eq 1 ]; then "$1" "${had[0]}" "${@:2}"; return; fi
  OUTPUTS=$(mktemp -d)
  for suite in "${had[@]}"; do
    (trap end_boot EXIT; trap 'exit 143' TERM; code=0; "$1" "$suite" "${@:2}" || code=$?; exit "$code") >"$OUTPUTS/$suite" 2>&1 &
    GUEST_JOBS+=($!)
  done
  for suite in "${!had[@]}"; do
    code=0; wait "${GUEST_JOBS[$suite]}" || code=$?
    cat "$OUTPUTS/${had[$suite]}"
    [ "$code" -le "$worst" ] || worst=$code
  done
  GUEST_JOBS=()
  rm -rf "$OUTPUTS"
  return "$worst"
}

run_command() {
  local suite=$1 code=0
  shift
  say "== $(release_of "$suite")"
  new_run
  write_run "$@"
  boot "$suite" || code=$?
  end_boot
  return "$code"
}

open_shell() {
  new_run
  write_run "${SHELL:-/bin/bash}" -l
  boot_shell "$1"
}

case $VERB in
  run) [ $# -gt 0 ] || wrong "run what?"; need_emulator; each run_command "$@" ;;
  test) need_emulator; test_kernels "$@" ;;
  shell) [ "$(wc -w <<<"$SUITES")" -eq 1 ] || wrong "a shell in which kernel? -k"; need_emulator; each open_shell ;;
  btf) need_emulator; apt_install binutils zstd; each copy_btf ;;
  fetch) [ -z "$NEW" ] || for suite in $SUITES; do rm -rf "$(kernel_folder "$suite")"; done
    need_emulator; each release_of ;;
  -h | --help) usage ;;
  "") usage >&2; exit 2 ;;
  *) wrong "there is no '$VERB'" ;;
esac
