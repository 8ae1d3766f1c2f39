# Sourced by build.sh: the compiled objects that Debian's libbpf-tools carry in their binaries, each found by its ELF header.

# number FILE OFFSET BYTES: an unsigned little-endian number
number() { od -An -v -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '; }

# An ELF file ends with its section headers here, as clang and bpftool write it.
extract_from() {
  local binary=$1 into=$2 offset size
  while read -r offset; do
    [ "$offset" -gt 0 ] && [ "$(number "$binary" $((offset + 18)) 2)" = 247 ] || continue
    size=$(($(number "$binary" $((offset + 40)) 8) + $(number "$binary" $((offset + 58)) 2) * $(number "$binary" $((offset + 60)) 2)))
    head -c $((offset + size)) "$binary" | tail -c "$size" >"$into/$(basename "$binary").bpf.o"
  done < <(LC_ALL=C grep -aboP '\x7fELF\x02\x01' "$binary" | cut -d: -f1)
}

extract_tools() {
  local into=$1 binary
  mkdir -p "$into.making"
  for binary in $(dpkg -L libbpf-tools | grep /sbin/); do
    [ ! -f "$binary" ] || extract_from "$binary" "$into.making"
  done
  mv "$into.making" "$into"
}
