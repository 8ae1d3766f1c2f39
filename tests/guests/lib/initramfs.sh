# Sourced by guests.sh: the initramfs that hands over to the machine's own files.

# The modules without which the guest cannot see the machine's files, with what they need, in the order of loading.
boot_modules() {
  local folder=$1 release=$2 module
  for module in virtio_pci 9pnet_virtio 9p overlay; do
    modprobe -d "$folder" -S "$release" -D "$module"
  done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# make_initramfs SUITE: prints the file's name; made again when the init script is newer.
make_initramfs() {
  local suite=$1 folder release image root module name
  folder=$(kernel_folder "$suite") release=$(release_of "$suite")
  image="$GUESTS/kernels/$suite-initramfs.gz"
  if [ ! "$image" -nt "$HERE/init" ] || [ ! "$image" -nt "$folder/boot" ]; then
    root=$(mktemp -d)
    mkdir -p "$root"/{bin,proc,sys,dev,modules}
    cp "$(command -v busybox)" "$root/bin/busybox"
    cp "$HERE/init" "$root/init"
    boot_modules "$folder" "$release" | while read -r module; do
      name=$(basename "$module")
      case $name in
        *.xz) name=${name%.xz}; xz -dc "$module" >"$root/modules/$name" ;;
        *) cp "$module" "$root/modules/$name" ;;
      esac
      echo "$name" >>"$root/modules/order"
    done
    (cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$image.making" && mv "$image.making" "$image"
    rm -rf "$root"
  fi
  echo "$image"
}
