#!/usr/bin/env bash
# Compiles the kernel's own eBPF tests (tools/testing/selftests/bpf/progs of Debian's linux-source-6.1) into artifacts/selftests/objects:
# some four hundred programs nobody wrote with these bindings in mind; and beside them variables of every struct this kernel has. They are under the GPL and
# stay out of this repository.
# Does nothing when it was done already. Exits with 77, and a reason on standard output, where something it needs cannot be had.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../../.." && pwd)
out="$repo/artifacts/selftests"
package=linux-source-6.1
tests=tools/testing/selftests/bpf
. "$repo/msbuild/scripts/prerequisites.sh"

cannot() { printf '%s\n' "$*"; exit 77; }

command -v apt-get >/dev/null || cannot "Debian's package $package is needed, and this is no Debian"
command -v bpftool >/dev/null || cannot "bpftool is needed"
[ -r /sys/kernel/btf/vmlinux ] || cannot "this kernel shows no BTF to make vmlinux.h of"
has_bpf_headers || cannot "libbpf's headers (libbpf-dev) are needed"
clang=$(find_clang) || cannot "clang 16 or newer is needed"

stamp=$(cat "${BASH_SOURCE[0]}"; "$clang" --version; uname -r)
[ "$(cat "$out/stamp" 2>/dev/null)" = "$stamp" ] && exit 0
mkdir -p "$out/objects" "$out/logs"
rm -f "$out/stamp" "$out"/objects/* "$out"/logs/*

if [ ! -d "$out/source/$tests/progs" ]; then
  (cd "$out" && apt-get download "$package" >download.log 2>&1) || cannot "the package $package could not be downloaded: $(tail -n 1 "$out/download.log")"
  rm -rf "$out/source"
  mkdir -p "$out/source"
  # The archive is 130 MB; only what the tests include is unpacked.
  dpkg-deb --fsys-tarfile "$out/$package"_*.deb | tar -xO "./usr/src/$package.tar.xz" \
    | tar -xJ -C "$out/source" --strip-components=1 "$package/$tests" "$package/tools/include" "$package/tools/lib/bpf"
  rm -f "$out/$package"_*.deb
fi

bpftool btf dump file /sys/kernel/btf/vmlinux format c >"$out/vmlinux.h"

case "$(uname -m)" in x86_64) architecture=x86 ;; aarch64) architecture=arm64 ;; *) cannot "no one has tried this on $(uname -m)" ;; esac
export clang out architecture tests
compile() {
  local source=$1 name
  name=$(basename "$source" .c)
  # Some are types alone, the parameters of a function: the strangest structs of all. Variables of them and a program make an object of these.
  if [[ $name == btf_* ]] && ! grep -q 'SEC(' "$source"; then
    { printf '#include "%s"\n' "$source"
      grep -hE '^(int|void) f[a-z0-9_]*\(' "$source" | grep -oE '(struct|union) [A-Za-z0-9_]+' | sort -u | awk '{ print $0 " variable" NR ";" }'
      printf '__attribute__((section("xdp"))) int program(void *context) { return 0; }\n'
    } >"$out/logs/$name.c"
    source="$out/logs/$name.c"
  fi
  "$clang" -target bpfel -mcpu=v3 -g -O2 "-D__TARGET_ARCH_$architecture" -DENABLE_ATOMICS_TESTS -Wno-everything \
    -I"$out" -I"$out/source/$tests" -I"$out/source/$tests/progs" -I"$out/source/tools/include/uapi" -idirafter "/usr/include/$(uname -m)-linux-gnu" \
    -c "$source" -o "$out/objects/$name.o" 2>"$out/logs/$name.txt" && rm "$out/logs/$name.txt"
}
export -f compile
mkdir -p "$out/kernel"
rm -f "$out"/kernel/*
# Some fifteen hundred a file: more than that would be as many types as one object can hold.
grep -oE '^(struct|union) \w+ \{' "$out/vmlinux.h" | tr -d '{' | split -l 1500 -d - "$out/kernel/kernel_"
for part in "$out"/kernel/kernel_*; do
  { printf '#include "vmlinux.h"\n'
    awk '{ print $0 "variable" NR ";" }' "$part"
    printf '__attribute__((section("xdp"))) int program(void *context) { return 0; }\n'
  } >"$part.c"
  rm "$part"
done
find "$out/source/$tests/progs" "$out/kernel" -name '*.c' -print0 | sort -z | xargs -0 -P "$(nproc)" -I{} bash -c 'compile "$1" || true' _ {}
say "$(find "$out/objects" -name '*.o' | wc -l) objects, $(find "$out/logs" -name '*.txt' | wc -l) sources that do not compile here"
printf '%s' "$stamp" >"$out/stamp"
