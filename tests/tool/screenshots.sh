#!/usr/bin/env bash
# Takes pictures of `hmbpf top` and of the page of `hmbpf serve` as they are on this machine, into artifacts/screenshots:
#   page.png, top.png, top-MONITOR.png, and the text of each screen of the terminal beside it.
# A process that keeps one CPU busy and one that reads a file run meanwhile, so that there is something to see.
set -euo pipefail
REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$REPO/msbuild/scripts/prerequisites.sh"
. "$REPO/msbuild/scripts/pack.sh"
OUT="$REPO/artifacts/screenshots"
COLUMNS_SHOWN=120 ROWS_SHOWN=36

need_dotnet
need_clang
need_test_programs tool
apt_install aha
use_private_packages
pack_sdk
quietly "building the tests of the tool" dotnet build "$REPO/tests/tool" -c Release --nologo
TESTS="$REPO/artifacts/bin/Hypermesh.Bpf.Tests.Tool/release"

WORK=$(mktemp -d)
LOADS=()
end_all() {
  tmux -L "hmbpf-$$" kill-server 2>/dev/null || true
  [ "${#LOADS[@]}" -eq 0 ] || kill "${LOADS[@]}" 2>/dev/null || true
  rm -rf "$WORK"
}
trap end_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir -p "$OUT"
head -c 64M /dev/zero >"$WORK/file"
sh -c 'while :; do :; done' & LOADS+=($!)
sh -c "while :; do dd if=$WORK/file of=/dev/null bs=4k iflag=direct 2>/dev/null || cat $WORK/file >/dev/null; done" & LOADS+=($!)

# shoot NAME [KEY]: what a terminal shows a few seconds after the key.
shoot() {
  [ -z "${2:-}" ] || tmux -L "hmbpf-$$" send-keys "$2"
  sleep 6
  tmux -L "hmbpf-$$" capture-pane -p >"$OUT/$1.txt"
  tmux -L "hmbpf-$$" capture-pane -e -p | aha --black --title "$1" >"$WORK/$1.html"
  (cd "$WORK" && chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$WORK/chromium" \
    --window-size=$((COLUMNS_SHOWN * 9)),$((ROWS_SHOWN * 19)) --screenshot="$OUT/$1.png" "file://$WORK/$1.html" >/dev/null 2>&1)
}

tmux -L "hmbpf-$$" new-session -d -x "$COLUMNS_SHOWN" -y "$ROWS_SHOWN" "dotnet $TESTS/hmbpf.dll top"
sleep 20
shoot top
for monitor in 1:cpu 2:network 3:tcp 4:disk 5:memory 6:process 7:file 8:gpu; do shoot "top-${monitor#*:}" "${monitor%:*}"; done
tmux -L "hmbpf-$$" send-keys q

say "taking the picture of the page"
HYPERMESH_SCREENSHOT="$OUT/page.png" HYPERMESH_TEST_PROGRESS="$WORK/progress" dotnet "$TESTS/Hypermesh.Bpf.Tests.Tool.dll" --progress off --filter-class '*PageTests' >"$WORK/page.log" 2>&1 \
  || { cat "$WORK/page.log"; die "the page's test failed"; }
ls -l "$OUT"
