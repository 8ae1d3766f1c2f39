# Sourced by guests.sh: one boot of a guest. A boot takes about five seconds, and about one in ten panics under emulation.

BOOT_SECONDS=90
BOOT_LOCK=/run/lock/hypermesh-guest.lock
QEMU_PID="" RUN="" GUEST_JOBS=()

# As root, because the guest sees the machine's files with the rights of the emulator.
AS_ROOT=()
[ "$(id -u)" -eq 0 ] || AS_ROOT=(sudo)

# Two guests at a time on this machine, for one keeps little more than one CPU busy. More would wait for each other, and time out.
lock_boots() {
  local file told=""
  while :; do
    for file in "$BOOT_LOCK" "$BOOT_LOCK.2"; do
      [ -e "$file" ] || (umask 0; : >"$file")
      exec {BOOT_FD}<"$file"
      ! flock --nonblock "$BOOT_FD" || return 0
      unlock_boots
    done
    [ -n "$told" ] || say "waiting until another guest has ended"
    told=1
    sleep 1
  done
}

unlock_boots() { exec {BOOT_FD}<&-; }

# Whatever ends this script ends its guests: those of each() are jobs, and end their own.
end_guests() {
  [ "${#GUEST_JOBS[@]}" -gt 0 ] || return 0
  kill "${GUEST_JOBS[@]}" 2>/dev/null || true
  wait "${GUEST_JOBS[@]}" 2>/dev/null || true
}

end_boot() {
  [ -z "$QEMU_PID" ] || "${AS_ROOT[@]}" kill "$QEMU_PID" 2>/dev/null || true
  [ -z "$QEMU_PID" ] || wait "$QEMU_PID" 2>/dev/null || true
  QEMU_PID=""
  [ -z "$RUN" ] || "${AS_ROOT[@]}" rm -rf "$RUN"
}
trap 'end_guests; end_boot' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A new folder for a run: share/ is the guest's /tmp/share.
new_run() {
  mkdir -p "$GUESTS/runs"
  RUN=$(mktemp -d "$GUESTS/runs/XXXXXX")
  mkdir "$RUN/share"
}

# Writes the guest's script: the arguments as one command, in this folder and with the variables that steer our tests and .NET.
write_run() {
  {
    echo "cd $(printf %q "$PWD") 2>/dev/null || cd /"
    env -0 | grep -zE '^(PATH|HOME|LANG|TERM|DOTNET_|HYPERMESH_)[A-Z_a-z]*=' | while IFS= read -r -d '' variable; do printf 'export %q\n' "$variable"; done
    echo "export HYPERMESH_TEST_PROGRESS=/tmp/share/progress"
    # Compiling costs more here than what better code saves, protecting the compiled code from being written costs as much again, and wide vectors are emulated in parts.
    echo "export DOTNET_TieredCompilation=0 DOTNET_TieredPGO=0 DOTNET_EnableWriteXorExecute=0 DOTNET_EnableAVX2=0 TESTINGPLATFORM_TELEMETRY_OPTOUT=1"
    printf '%q ' "$@"
  } >"$RUN/share/run"
  echo "$REPO" >"$RUN/share/repository"
}

# One thread for both CPUs: with one each, 7.2 panicked twice while one CPU changed code the other ran, and two guests keep the machine busy anyway.
# The processor has no fast "rep movsb" (erms, fsrm), which the emulator runs byte by byte, and with which the kernel would clear and copy pages. It has no fifth level of
# page tables (la57) and no guards against use of a process's memory by the kernel (smap, smep). All of them together cost a fifth of the time.
# norandmaps is what the emulator takes for itself when it translates: the same code at the same place in every process.
# "2,maxcpus=4" is two CPUs of four possible ones. The kernel leaves the others out, for since 6.9 it does not believe an emulator that
# some may come later.
qemu() {
  local suite=$1 folder seconds=$2 image online=${SMP%%,*} possible=${SMP##*maxcpus=}
  folder=$(kernel_folder "$suite")
  image=$(make_initramfs "$suite")
  exec "${AS_ROOT[@]}" timeout --foreground --kill-after=5 "$seconds" qemu-system-x86_64 -accel tcg,thread=single -cpu max,-erms,-fsrm,-la57,-smap,-smep -smp "$possible" -m "$MEMORY" \
    -nographic -no-reboot -nic none -kernel "$folder/boot/vmlinuz-$(release_of "$suite")" -initrd "$image" \
    -append "console=ttyS0 panic=-1 quiet psi=1 maxcpus=$online mitigations=off norandmaps lsm=lockdown,capability,landlock,yama,bpf" \
    -fsdev "local,id=machine,path=/,security_model=none,readonly=on,multidevs=remap" -device virtio-9p-pci,fsdev=machine,mount_tag=machine \
    -fsdev "local,id=share,path=$RUN/share,security_model=none" -device virtio-9p-pci,fsdev=share,mount_tag=share
}

# Boots once and waits. 0: the guest has left its exit code in share/exit; 124: it used up its time, or showed no progress for PATIENCE minutes, neither in what it printed
# nor in share/progress; 1: it ended before that.
boot_once() {
  local suite=$1 waited=0 share="$RUN/share"
  rm -f "$share"/{started,exit,progress}
  echo "$(readlink -f "$(kernel_folder "$suite")")/lib/modules" >"$share/modules" # the guest follows no link of this machine's
  : >"$share/out"; : >"$share/err"
  qemu "$suite" "$SECONDS_LIMIT" </dev/null >"$RUN/console" 2>&1 &
  QEMU_PID=$!
  tail -f -s 0.2 -c +1 --pid="$QEMU_PID" "$share/out" 2>/dev/null & local out=$!
  tail -f -s 0.2 -c +1 --pid="$QEMU_PID" "$share/err" >&2 2>/dev/null & local err=$!
  while [ ! -e "$share/started" ] && kill -0 "$QEMU_PID" 2>/dev/null; do
    sleep 0.2
    waited=$((waited + 1))
    [ "$waited" -lt $((BOOT_SECONDS * 5)) ] || { "${AS_ROOT[@]}" kill "$QEMU_PID"; break; }
  done
  local code=0 stuck=""
  LAST_GROWTH=""
  while kill -0 "$QEMU_PID" 2>/dev/null; do
    still_moving "$share/out" "$share/err" "$share/progress" || { stuck=1; "${AS_ROOT[@]}" kill "$QEMU_PID" 2>/dev/null || true; break; }
    sleep 0.5
  done
  wait "$QEMU_PID" || code=$?
  QEMU_PID=""
  [ -z "$stuck" ] || code=124
  wait "$out" "$err" 2>/dev/null || true
  [ ! -s "$share/exit" ] || return 0
  [ "$code" -ne 124 ] || return 124
  return 1
}

# Boots the suite's kernel for what write_run wrote, a second time when the first ended without a word. Returns the command's exit code,
# 124 when it used up its time, 125 when the guest did not come up twice.
boot() {
  local suite=$1 attempt code
  lock_boots
  for attempt in 1 2; do
    code=0; boot_once "$suite" || code=$?
    case $code in
      0) unlock_boots; return "$(cat "$RUN/share/exit")" ;;
      124) say "the guest was ended: nothing happened for $PATIENCE minutes, or its time of $SECONDS_LIMIT s was over"; break ;;
    esac
    say "boot $attempt of $(release_of "$suite") ended early; its console ends with:"
    tail -n 25 "$RUN/console" >&2
    code=125
  done
  unlock_boots
  return "$code"
}

# A shell in the guest on this terminal.
boot_shell() {
  lock_boots
  : >"$RUN/share/interactive"
  echo "$(readlink -f "$(kernel_folder "$1")")/lib/modules" >"$RUN/share/modules"
  say "exit ends the guest; Ctrl-A X ends it at once"
  (qemu "$1" infinity)
}
