# Sourced by run.sh, hmbpf and test.sh, after prerequisites.sh: packs the SDK into artifacts/package, a feed of its own.

# Packages are restored into a private folder: those of this version are packed again each time, and no other project must find them.
use_private_packages() {
  export NUGET_PACKAGES="$REPO/artifacts/nuget"
  export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false
  export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
}

# Runs a command of dotnet with a temporary folder of its own: each leaves two empty folders there, named by six letters. NuGet's locks stay where others look for them.
with_own_temporary() {
  local folder code=0; folder=$(mktemp -d)
  TMPDIR=$folder NUGET_SCRATCH=${NUGET_SCRATCH:-${TMPDIR:-/tmp}/NuGetScratch$(id -un)} "$@" || code=$?
  rm -rf "$folder"
  return "$code"
}

# Runs a build step quietly: its output is shown only when it fails.
quietly() {
  local log; log=$(mktemp)
  say "$1"; shift
  if ! with_own_temporary "$@" >"$log" 2>&1; then cat "$log" >&2; rm -f "$log"; die "failed: $*"; fi
  rm -f "$log"
}

# The sources of the packages and of the sample. Their contents are compared, not their times, because a checkout may write an older file.
INPUTS=(
  src/Hypermesh.Bpf src/Hypermesh.Bpf.Objects src/Hypermesh.Bpf.Clang src/Hypermesh.Bpf.Monitoring src/Directory.Build.props
  generators bpf-templates samples/RunQueue samples/Directory.Build.props samples/Directory.Build.targets samples/Directory.Packages.props samples/nuget.config
  msbuild Directory.Build.props Directory.Build.targets Directory.Packages.props global.json Hypermesh.BpfSdk.sln run.sh
)

# One line that changes with any of them, or with a tool that builds them: the .NET SDK, clang, the headers of libbpf and the kernel.
fingerprint() {
  local clang; clang=$(find_clang || true)
  {
    dotnet --version
    echo "$clang"; [ -z "$clang" ] || "$clang" -dumpversion
    cd "$REPO"
    { find "${INPUTS[@]}" /usr/include/bpf /usr/include/linux/bpf.h -type f -not -path '*/bin/*' -not -path '*/obj/*' -print0 2>/dev/null || true; } \
      | LC_ALL=C sort -z | xargs -0 sha256sum
  } | sha256sum | cut -d' ' -f1
}

# For a build that is used here and not shipped: no analyzers, no ahead-of-time compilation, no package validation. Its outputs have a folder of their own,
# so that a full build does not reuse them.
LEAN=(
  "-p:ArtifactsPath=$REPO/artifacts/run/" -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false -p:CompilesAhead=false -p:EnablePackageValidation=false
)

# Runs a build step and says which project is done, of how many; its output is shown only when it fails.
building() {
  local what=$1 count=$2 began=$SECONDS log="$REPO/artifacts/run/build.log"; shift 2
  say "$what"
  if ! with_own_temporary "$@" --nologo -tl:off -v:m 2>&1 | tee "$log" | report_projects "$count" "$began"; then
    cat "$log" >&2
    die "failed: $*"
  fi
}

report_projects() {
  local count=$1 began=$2 built=0 line
  while IFS= read -r line; do
    if [[ $line =~ ^\ +([A-Za-z.]+)\ -\>\ .*\.dll$ ]]; then
      built=$((built + 1))
      say "  $built of $count: ${BASH_REMATCH[1]} ($((SECONDS - began)) s)"
    fi
  done
}

# An older package of the same version must never be used.
forget_our_packages() {
  rm -rf "$REPO"/artifacts/package/*.nupkg "$REPO/artifacts/run/stamp" "$NUGET_PACKAGES"/hypermesh.bpf* 2>/dev/null \
    || die "files in $REPO/artifacts cannot be removed; if an earlier run was root's, run as root once more or remove the folder as root"
}

# All files in the packages have the time of the commit: packing it again gives the same bytes. Without a commit they have their own times.
pack_sdk() {
  forget_our_packages
  SOURCE_DATE_EPOCH=$(git -C "$REPO" log -1 --format=%ct 2>/dev/null || true) \
    quietly "packing the SDK" dotnet pack "$REPO/msbuild/Packages.slnf" -c Release --nologo
}
