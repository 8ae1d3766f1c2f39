#!/usr/bin/env bash
# Builds the reference loader, libbpf of Debian's unstable, and our programs over it, and takes the objects out of Debian's libbpf-tools:
#   artifacts/reference/{verify,relocate,load,sections,libhmreference.so}, artifacts/reference/objects/TOOL.bpf.o
# What is there already stays.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPO=$(cd "$HERE/../.." && pwd)
. "$REPO/msbuild/scripts/prerequisites.sh"
. "$REPO/tests/guests/lib/kernels.sh"
. "$REPO/tests/guests/lib/packages.sh"
. "$HERE/extract.sh"

OUT="$REPO/artifacts/reference"
SOURCE="$OUT/libbpf"

fetch_source() {
  local state="$GUESTS/apt/source"
  mkdir -p "$state"/{lists,cache/archives}/partial "$OUT"
  write_sources sid deb-src "$state/sources"
  apt_of source apt-get update
  rm -rf "$OUT/package" && mkdir "$OUT/package"
  (cd "$OUT/package" && apt_of source apt-get source --download-only libbpf)
  dpkg-source -x "$OUT"/package/*.dsc "$OUT/package/libbpf" && mv "$OUT/package/libbpf" "$SOURCE"
}

build_library() {
  [ -d "$SOURCE" ] || fetch_source
  make -C "$SOURCE/src" BUILD_STATIC_ONLY=y OBJDIR="$OUT/build" DESTDIR="$OUT/installed" PREFIX= LIBDIR=/lib CFLAGS="-O2 -g -fPIC" -j"$(nproc)" install
}

# compile NAME OPTION...
compile() {
  local name=$1 from=$2
  shift 2
  [ "$OUT/$name" -nt "$HERE/$from" ] && [ "$OUT/$name" -nt "$HERE/sizes.h" ] && [ "$OUT/$name" -nt "$HERE/common.h" ] && return
  cc -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE -fPIC -I"$OUT/installed/include" -I"$SOURCE/include/uapi" -o "$OUT/$name" "$HERE/$from" "$@" -Wl,--whole-archive "$OUT/installed/lib/libbpf.a" -Wl,--no-whole-archive -lelf -lz
}

apt_install build-essential libelf-dev zlib1g-dev dpkg-dev libbpf-tools
mkdir -p "$OUT"
[ -e "$OUT/installed/lib/libbpf.a" ] || { log="$OUT/build.log"
  say "building the reference loader"
  build_library >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "the reference loader could not be built"; }; }
for program in verify load sections; do compile "$program" "$program.c"; done
compile relocate relocate.c -Wl,--wrap=syscall
compile libhmreference.so bench.c -shared
[ -d "$OUT/objects" ] || extract_tools "$OUT/objects"
