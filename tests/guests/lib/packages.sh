# Sourced by guests.sh: another Debian release's kernel, had by an apt state of our own and unpacked, never installed. The sources are the
# machine's own with another suite, so its mirror, keys and proxies stay in force.

# What `apt-get`, `apt-cache` take to see only SUITE, and nothing of what is installed here.
apt_options() {
  local state="$GUESTS/apt/$1"
  printf '%s\n' -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$state/sources" -o "Dir::State::lists=$state/lists" \
    -o "Dir::State::status=/dev/null" -o "Dir::Cache=$state/cache" -o "Dir::Etc::preferences=/dev/null" -o "Dir::Etc::preferencesparts=/dev/null" \
    -o "APT::Default-Release=" -o "APT::Sandbox::User=root" -o "Acquire::Languages=none" -o "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false"
}

# apt-get or apt-cache of a suite: apt_of SUITE apt-get ARGUMENT...
apt_of() {
  local suite=$1 program=$2 options
  shift 2
  mapfile -t options < <(apt_options "$suite")
  "$program" "${options[@]}" "$@"
}

# The machine's entries for its own Debian release, with another suite and type: write_sources SUITE TYPE FOLDER
write_sources() {
  local suite=$1 type=$2 folder=$3 own
  own=$(. /etc/os-release; echo "${VERSION_CODENAME:-}")
  mkdir -p "$folder"
  cat /dev/null /etc/apt/sources.list.d/*.sources 2>/dev/null | awk -v own="$own" -v suite="$suite" -v type="$type" '
    BEGIN { RS = ""; FS = "\n" }
    {
      ours = 0
      for (i = 1; i <= NF; i++) if ($i ~ "^Suites:" && $i " " ~ "[: ]" own " ") ours = 1
      if (!ours || $0 !~ /\nComponents:[^\n]*main/) next
      for (i = 1; i <= NF; i++) {
        if ($i ~ /^Types:/) $i = "Types: " type
        if ($i ~ /^Suites:/) $i = "Suites: " suite
        if ($i !~ /^#/) print $i
      }
      print ""
    }' >"$folder/derived.sources"
  cat /dev/null /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | awk -v own="$own" -v suite="$suite" -v type="$type" '
    /^deb / && / main/ && sub(" " own " ", " " suite " ") { sub(/^deb /, type " "); print }' | sort -u >"$folder/derived.list"
}

# One name a line: the packages that hold the suite's plain kernel and its modules, one up to 7.1 and several from then on.
kernel_packages() {
  apt_of "$1" apt-cache depends --recurse --important linux-image-amd64 2>/dev/null | grep -E '^linux-(image|binary|modules|base)-[0-9].*-amd64$'
}

# Why a suite's kernel cannot be had.
declare -A WHY

# Fetches and unpacks the suite's kernel, unless that was done. What failed is left in WHY.
fetch_kernel() {
  local suite=$1 folder log
  folder=$(kernel_folder "$suite")
  [ ! -e "$folder/boot" ] || return 0
  log="$GUESTS/apt/$suite.log"
  mkdir -p "$GUESTS/apt/$suite"/{lists,cache/archives}/partial "$GUESTS/kernels"
  say "fetching the kernel of $suite"
  write_sources "$suite" deb "$GUESTS/apt/$suite/sources"
  apt_of "$suite" apt-get update >"$log" 2>&1 || true
  local packages
  packages=$(kernel_packages "$suite") || { WHY[$suite]="no linux-image-amd64 in $suite: $(grep '^[EW]:' "$log" | tail -n 1)"; return 1; }
  unpack_kernel "$suite" "$folder" $packages >>"$log" 2>&1 || { WHY[$suite]="its packages cannot be had: $(tail -n 1 "$log")"; return 1; }
  local version; version=$(version_of "$suite")
  [ "$version" = "$(expected_version "$suite")" ] || say "$suite has $version now, not $(expected_version "$suite")"
}

# unpack_kernel SUITE FOLDER PACKAGE...: all or nothing, so that what is there is whole.
unpack_kernel() {
  local suite=$1 folder=$2 making="$2.making" file image
  shift 2
  rm -rf "$making" && mkdir -p "$making/deb" || return
  (cd "$making/deb" && apt_of "$suite" apt-get download "$@") || return
  for file in "$making"/deb/*.deb; do dpkg-deb -x "$file" "$making" || return; done
  rm -rf "$making/deb" "$making/usr/share"
  # The newest packages keep modules, and the image among them, under usr/lib.
  [ -d "$making/lib/modules" ] || { mkdir -p "$making/lib" && ln -s ../usr/lib/modules "$making/lib/modules"; } || return
  for image in "$making"/usr/lib/modules/*/{vmlinuz,config}; do
    [ ! -e "$image" ] || { mkdir -p "$making/boot" && ln "$image" "$making/boot/${image##*/}-$(basename "$(dirname "$image")")"; } || return
  done
  depmod -b "$making" "$(basename "$making"/lib/modules/*)" || return
  [ -e "$making"/boot/vmlinuz-* ] && mv "$making" "$folder"
}
