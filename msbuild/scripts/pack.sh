# Sourced by run.sh and test.sh, after prerequisites.sh: packs the SDK into artifacts/package, a feed of its own.

# What is restored here stays here: the packages of this version are made anew each time, and nobody else must find them.
use_private_packages() {
  export NUGET_PACKAGES="$REPO/artifacts/nuget"
  export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false
  export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
}

# Runs a build step quietly: its output is shown only when it fails.
quietly() {
  local log; log=$(mktemp)
  say "$1"; shift
  if ! "$@" >"$log" 2>&1; then cat "$log" >&2; rm -f "$log"; die "failed: $*"; fi
  rm -f "$log"
}

# Yesterday's package of the same version must never be the one that is used.
forget_our_packages() {
  rm -rf "$REPO"/artifacts/package/*.nupkg "$NUGET_PACKAGES"/hypermesh.bpf* 2>/dev/null \
    || die "files in $REPO/artifacts cannot be removed; if an earlier run was root's, run as root once more or remove the folder as root"
}

pack_sdk() {
  forget_our_packages
  quietly "packing the SDK" dotnet pack "$REPO/msbuild/Packages.slnf" -c Release --nologo
}
