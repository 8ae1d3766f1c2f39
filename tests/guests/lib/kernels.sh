# Sourced by guests.sh: which kernels there are, and what the others call them.

# The version each suite is expected to have, and the suite. Unstable moves on: what it has is taken, and said.
KERNELS="5.10:bullseye 6.1:bookworm 6.12:trixie 7.2:sid"

# By its real name: a guest sees the machine's files at another place, where a link by its whole name would lead nowhere.
GUESTS=$(readlink -m "$REPO/artifacts/guests")

all_suites() {
  local kernel
  for kernel in $KERNELS; do echo "${kernel#*:}"; done
}

# The suite of a version ("6.12") or a suite ("trixie"); fails when there is none.
suite_of() {
  local kernel
  for kernel in $KERNELS; do
    case "$1" in "${kernel%:*}" | "${kernel#*:}") echo "${kernel#*:}"; return 0 ;; esac
  done
  return 1
}

expected_version() {
  local kernel
  for kernel in $KERNELS; do [ "${kernel#*:}" != "$1" ] || echo "${kernel%:*}"; done
}

# The folder a suite's kernel was unpacked to: boot/ and lib/modules/ as in the package.
kernel_folder() { echo "$GUESTS/kernels/$1"; }

# What the unpacked kernel calls itself: 6.12.117+deb13-amd64.
release_of() {
  local image
  image=$(echo "$(kernel_folder "$1")"/boot/vmlinuz-*)
  echo "${image##*/vmlinuz-}"
}

# The first two numbers of it, by which reports, BTF and tables name the kernel.
version_of() { release_of "$1" | cut -d. -f1,2; }
