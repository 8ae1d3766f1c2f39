# Sourced by run.sh and test.sh: checks and installs what the machine needs. All its messages go to standard error,
# so that a script's own output stays clean.

# The oldest clang that is accepted. It is defined in ClangInstallation.cs; a test compares the two.
OLDEST_CLANG=16

say() { printf '%s\n' "$*" >&2; }

die() { say "error: $*"; exit 1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null 2>&1; then sudo "$@"
  else die "root is needed for '$*', and sudo is not installed: run this script as root"
  fi
}

need_dotnet() {
  command -v dotnet >/dev/null 2>&1 || die "the .NET 10 SDK is needed and 'dotnet' is not on PATH; see https://dot.net"
  dotnet --version >/dev/null 2>&1 || die "the .NET 10 SDK is needed (global.json); this machine has: $(dotnet --list-sdks | cut -d' ' -f1 | paste -sd' ')"
}

# Prints the first clang that is new enough and compiles for eBPF, in the order the build looks for it. (No grep -q, no head: a reader
# that ends early fails the writer before it, and with it the pipe.)
find_clang() {
  local candidate version
  for candidate in "${HYPERMESH_BPF_CLANG:-}" clang $(compgen -c clang- | grep -E '^clang-[0-9]+$' | sort -t- -k2 -rn | uniq); do
    [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 || continue
    version=$("$candidate" -dumpversion 2>/dev/null | cut -d. -f1)
    if [ "${version:-0}" -ge "$OLDEST_CLANG" ] && "$candidate" --print-targets 2>/dev/null | grep -w bpf >/dev/null; then
      command -v "$candidate"
      return 0
    fi
  done
  return 1
}

has_bpf_headers() {
  [ -e /usr/include/bpf/bpf_helpers.h ] && [ -e /usr/include/linux/bpf.h ]
}

# Prints the arguments, names of Debian packages, that are not installed, one a line.
missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || printf '%s\n' "$package"
  done
}

# Runs apt-get, which waits up to ten minutes for another one to end.
apt_get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 "$@"; }

apt_install() {
  local wanted
  wanted=$(missing_packages "$@")
  [ -n "$wanted" ] || return 0
  say "installing $(printf '%s' "$wanted" | paste -sd' ')"
  local log; log=$(mktemp)
  # The package lists may be old; the first failure updates them. Another apt may be running, such as the updates just after the machine's start.
  # shellcheck disable=SC2086
  { apt_get install -y --no-install-recommends $wanted || { apt_get update; apt_get install -y --no-install-recommends $wanted; }; } >"$log" 2>&1 \
    || { cat "$log" >&2; rm -f "$log"; die "these packages could not be installed: $(printf '%s' "$wanted" | paste -sd' ')"; }
  rm -f "$log"
}

# Installs packages with services, none of which is started: a policy-rc.d refuses it meanwhile. One that the machine has stays, as it says what the machine wants.
apt_install_without_starts() {
  [ -n "$(missing_packages "$@")" ] || return 0
  local policy=/usr/sbin/policy-rc.d code=0
  if [ -e "$policy" ]; then
    "$policy" prometheus start >/dev/null 2>&1 || code=$?
    [ "$code" -eq 101 ] || { say "$policy lets services start, so these are not installed: $*"; return 1; }
    apt_install "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
  as_root chmod 755 "$policy"
  (apt_install "$@") || code=$?
  as_root rm -f "$policy"
  return "$code"
}

# Prints the newest clang of the distribution, if it is new enough.
clang_package() {
  apt-cache search --names-only '^clang-[0-9]+$' 2>/dev/null | cut -d' ' -f1 | sort -t- -k2 -rn | awk -F- -v oldest="$OLDEST_CLANG" 'NR == 1 && $2 >= oldest'
}

# The oldest supported clang and the newest, of those that are installed or that the distribution has: one number a line, one line where both are the same.
llvm_versions() {
  { compgen -c clang- || true
    ! command -v apt-cache >/dev/null 2>&1 || apt-cache search --names-only '^clang-[0-9]+$' 2>/dev/null | cut -d' ' -f1
  } | sed -nE 's/^clang-([0-9]+)$/\1/p' | awk -v oldest="$OLDEST_CLANG" '$1 >= oldest' | sort -nu | sed -n '1p;$p' | uniq
}

# need_test_programs PART...: installs the programs that these parts of test.sh start. If one cannot be installed, the tests that need it report that.
need_test_programs() {
  # gcc makes the programs that are probed; objcopy a kernel image; ip and tc the devices; tmux is the terminal of the
  # screens; many tests compare with bpftool.
  apt_install tmux libbpf-tools fio bpftool iproute2 gcc libc6-dev binutils kmod util-linux procps zlib1g-dev
  case " $* " in
    *" tool "*)
      # A scraper, another exporter and a browser for hmbpf serve; what the first screen of hmbpf top is timed beside.
      (apt_install bpftrace) || say "bpftrace cannot be installed here; the test that compares with it is skipped"
      (apt_install_without_starts prometheus prometheus-node-exporter chromium fonts-dejavu-core) || say "Prometheus and Chromium cannot be installed here; the tests that start them are skipped" ;;
  esac
  case " $* " in
    *" llvm "*)
      local major
      for major in $(llvm_versions); do
        (apt_install "clang-$major" "libclang1-$major" "libllvm$major") || say "clang $major cannot be installed here, and is left out"
      done ;;
  esac
}

# The libraries of the clang in use, for the documentation from comments and for the tests of the disassembler. Where they cannot be
# installed by name, the tests that need them fail with that message.
need_llvm_libraries() {
  command -v apt-get >/dev/null 2>&1 || return 0
  local major; major=$("$(find_clang)" -dumpversion | cut -d. -f1)
  apt_install "libclang1-$major" "libllvm$major"
}

need_clang() {
  if find_clang >/dev/null && has_bpf_headers; then return 0; fi
  if ! command -v apt-get >/dev/null 2>&1; then
    die "clang $OLDEST_CLANG or newer and libbpf's headers are needed. Install them with the system's own tools:
  Fedora, RHEL:  dnf install clang libbpf-devel
  Arch:          pacman -S clang libbpf
  openSUSE:      zypper install clang libbpf-devel
  Alpine:        apk add clang libbpf-dev linux-headers"
  fi
  find_clang >/dev/null || {
    local package; package=$(clang_package)
    [ -n "$package" ] || { apt_get update >&2; package=$(clang_package); }
    [ -n "$package" ] || die "this distribution has no clang $OLDEST_CLANG or newer; install one and set HYPERMESH_BPF_CLANG to it"
    apt_install "$package"
  }
  has_bpf_headers || apt_install libbpf-dev linux-libc-dev
  find_clang >/dev/null || die "clang was installed, but none that is at least $OLDEST_CLANG answers"
}
