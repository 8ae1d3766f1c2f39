#!/usr/bin/env bash
# What each way of publishing costs, with the packages in artifacts/package (./test.sh or ./run.sh packs them). The program is that of
# docs/guides/shipping.md: it loads, attaches and ends. Prints the size of what is published and the milliseconds from start to end,
# minimum and median of 21 runs; the ways alternate, so that other work on the machine affects all of them. Needs root to load, and a C compiler with zlib to link.
set -euo pipefail
REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$REPO/msbuild/scripts/prerequisites.sh"
. "$REPO/msbuild/scripts/pack.sh"
need_dotnet
need_clang
use_private_packages
[ "$(id -u)" -eq 0 ] || die "loading eBPF programs takes root"
[ -n "$(ls "$REPO"/artifacts/package/Hypermesh.BpfSdk.0*.nupkg 2>/dev/null)" ] || die "there are no packages in artifacts/package; ./run.sh packs them"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '<configuration><packageSources><add key="packed" value="%s" /></packageSources></configuration>\n' "$REPO/artifacts/package" >"$work/nuget.config"
rid=linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')

guide="$REPO/msbuild/Hypermesh.BpfSdk/docs/guides/shipping.md"
block() { awk -v fence="\`\`\`$1" '$0 == fence && !done { inside = 1; next } inside && /^```/ { inside = 0; done = 1 } inside' "$guide"; }

publish() { # way, properties
  local folder="$work/$1"
  mkdir -p "$folder"
  block c >"$folder/shipping.bpf.c"
  block csharp >"$folder/Program.cs"
  cat >"$folder/app.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><InvariantGlobalization>true</InvariantGlobalization>$2</PropertyGroup>
  <ItemGroup><PackageReference Include="Hypermesh.BpfSdk" Version="0.1.0" /></ItemGroup>
</Project>
XML
  quietly "publishing: $1" dotnet publish "$folder" -c Release -r "$rid" -nologo -o "$folder/out" -p:DebugType=none -p:StripSymbols=true
  rm -f "$folder"/out/*.dbg
}

publish aot '<PublishAot>true</PublishAot>'
publish ready-to-run '<PublishReadyToRun>true</PublishReadyToRun><SelfContained>false</SelfContained>'
publish trimmed-single-file '<PublishTrimmed>true</PublishTrimmed><PublishSingleFile>true</PublishSingleFile><SelfContained>true</SelfContained>'
publish trimmed-single-file-ready-to-run '<PublishTrimmed>true</PublishTrimmed><PublishSingleFile>true</PublishSingleFile><PublishReadyToRun>true</PublishReadyToRun><SelfContained>true</SelfContained>'
publish runtime-of-the-system '<SelfContained>false</SelfContained>'

ways="aot ready-to-run trimmed-single-file trimmed-single-file-ready-to-run runtime-of-the-system"
for way in $ways; do "$work/$way/out/app" >/dev/null; done
for _ in $(seq 21); do
  for way in $ways; do
    start=$(date +%s%N)
    "$work/$way/out/app" >/dev/null
    echo "$way $((($(date +%s%N) - start) / 1000))"
  done
done >"$work/times"
echo "kernel $(uname -r), $(nproc) CPUs, load $(cut -d' ' -f1 /proc/loadavg), .NET $(dotnet --version)"
for way in $ways; do
  awk -v way="$way" '$1 == way { print $2 }' "$work/times" | sort -n | awk -v way="$way" -v size="$(du -sb "$work/$way/out" | cut -f1)" \
    '{ all[NR] = $1 } END { printf "%-36s %6.1f MB   least %6.1f ms   median %6.1f ms\n", way, size / 1e6, all[1] / 1e3, all[int((NR + 1) / 2)] / 1e3 }'
done
