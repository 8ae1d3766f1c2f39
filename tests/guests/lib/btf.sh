# Sourced by guests.sh: a kernel's types without a boot, out of its compressed image.

# place_of FILE PATTERN: where the bytes are first, nothing where they are not.
place_of() { { LC_ALL=C grep -aboP "$2" "$1" || true; } | LC_ALL=C cut -d: -f1 | sed -n 1p; }

# Prints the kernel's ELF file. What follows it in the image is no part of the compressed data; the decompressors complain of it.
kernel_elf() {
  local image=$1 place
  place=$(place_of "$image" '\xFD7zXZ\x00')
  if [ -n "$place" ]; then tail -c +$((place + 1)) "$image" | xz -dc --single-stream 2>/dev/null || true; return; fi
  place=$(place_of "$image" '\x28\xB5\x2F\xFD')
  tail -c +$((place + 1)) "$image" | zstd -dc 2>/dev/null || true
}

# The same bytes as the guest's /sys/kernel/btf/vmlinux.
copy_btf() {
  local suite=$1 version release to="$GUESTS/btf" folder
  version=$(version_of "$suite") release=$(release_of "$suite") folder=$(kernel_folder "$suite")
  mkdir -p "$to"
  if [ ! "$to/$version.btf" -nt "$folder/boot" ]; then
    kernel_elf "$folder/boot/vmlinuz-$release" >"$to/$version.elf"
    objcopy --dump-section .BTF="$to/$version.making" "$to/$version.elf" /dev/null
    rm "$to/$version.elf"
    cp "$(find "$folder/boot" "$folder/lib/modules/$release/" -maxdepth 1 -name "config*" | sed -n 1p)" "$to/$version.config"
    [ -s "$to/$version.making" ] || die "no types were found in the image of $release"
    mv "$to/$version.making" "$to/$version.btf"
  fi
  echo "$to/$version.btf"
}
