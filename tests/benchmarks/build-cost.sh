#!/usr/bin/env bash
# What the SDK costs a build, on this machine, with the packages in artifacts/package (./test.sh packs them):
#   no-op    milliseconds of our targets in a build with nothing to do, median of 15
#   generate milliseconds of the generator in a run of the C# compiler, for 1 and for 50 files
#   compile  time for 50 C files over that of the same clang under xargs -P, interleaved, median of 5
set -euo pipefail
REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$REPO/msbuild/scripts/prerequisites.sh"
. "$REPO/msbuild/scripts/pack.sh"
need_dotnet
need_clang
use_private_packages
[ -n "$(ls "$REPO"/artifacts/package/Hypermesh.BpfSdk.0*.nupkg 2>/dev/null)" ] || die "there are no packages in artifacts/package; ./run.sh packs them"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '<configuration><packageSources><add key="packed" value="%s" /></packageSources></configuration>\n' "$REPO/artifacts/package" >"$work/nuget.config"

# A project with some copies of a C file that has maps, a ring and two programs.
project() { # folder, files
  mkdir -p "$work/$1"
  cat >"$work/$1/App.csproj" <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><NoWarn>HMBPF3004</NoWarn></PropertyGroup>
  <ItemGroup><PackageReference Include="Hypermesh.BpfSdk" Version="0.1.0" /></ItemGroup>
</Project>
XML
  echo 'Console.WriteLine();' >"$work/$1/Program.cs"
  local i
  for i in $(seq "$2"); do cp "$REPO/samples/ExecTrace/exec.bpf.c" "$work/$1/file$i.bpf.c"; done
  dotnet build "$work/$1" -nologo -v:q >/dev/null
}

median() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

# The lines of MSBuild's summary are "   12 ms  TargetName   1 calls".
ours() { awk '/Target Performance Summary/ { at = 1 } /Task Performance Summary/ { at = 0 } at && $2 == "ms" && $3 ~ /Bpf/ { sum += $1 } END { print sum + 0 }'; }

say "measuring a build with nothing to do"
project one 1
for _ in $(seq 15); do dotnet build "$work/one" --no-restore -nologo -v:q -clp:PerformanceSummary | ours; done | median | sed 's/^/no-op ms: /'

say "measuring the generator"
project fifty 50
for folder in one fifty; do
  touch "$work/$folder/Program.cs"
  dotnet build "$work/$folder" --no-restore -nologo -v:d -p:ReportAnalyzer=true \
    | awk -v files="$folder" '$NF == "Hypermesh.BpfSdk.Generators.BpfSkeletonGenerator" || $3 == "Hypermesh.BpfSdk.Generators.BpfSkeletonGenerator" { print "generator, " files " file(s), seconds: " $1; exit }'
done

say "measuring 50 C files"
processors=$(nproc)
for _ in $(seq 5); do
  find "$work/fifty/obj" -name '*.stamp' -path '*bpf*' -delete
  dotnet build "$work/fifty" --no-restore -nologo -v:q -t:CompileBpf -p:BpfDocumentation=false -clp:PerformanceSummary | awk '/Task Performance Summary/ { at = 1 } at && $2 == "ms" && $3 == "CompileBpf" { print "ours", $1; exit }'
  start=$(date +%s%N)
  (cd "$work/fifty" && find obj -name '*.rsp' -path '*bpf*' -print0 | xargs -0 -P "$processors" -I{} "${HYPERMESH_BPF_CLANG:-$(find_clang)}" --rsp-quoting=posix @{})
  echo "xargs $((($(date +%s%N) - start) / 1000000))"
done | tee "$work/times" >/dev/null
a=$(awk '$1 == "ours" { print $2 }' "$work/times" | median) b=$(awk '$1 == "xargs" { print $2 }' "$work/times" | median)
echo "50 files: ours $a ms, xargs -P $processors $b ms, ratio $(awk -v a="$a" -v b="$b" 'BEGIN { printf "%.2f", a / b }')"
