#!/usr/bin/env bash
# Compiles the C examples of the rules' pages, the C their C# examples use, and that of our own skeletons, into the carriers the tests read. Run it after a change of
# one of them (a test tells when it was forgotten): rules.sh [CLASS...], such as HMBPF2012Wrong; CLANG and STRIP choose the tools.
set -euo pipefail
cd "$(dirname "$0")"
clang=${CLANG:-clang-22}
wanted=" $* "
strip=${STRIP:-llvm-strip}
package=../../../msbuild/Hypermesh.BpfSdk
comments=../../../artifacts/bin/Hypermesh.BpfSdk.Comments/release/Hypermesh.BpfSdk.Comments.dll
headers=/usr/include/$(uname -m)-linux-gnu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p Rules

# The lines of a carrier about comparisons across byte orders and other mistakes, as the build's program finds them; build Hypermesh.BpfSdk.Comments before.
mistakes() # C file
{
	printf '"%s"\n' -target bpfel "-I$headers" "-I$OLDPWD/$package/include" "$1" >"$work/arguments"
	printf 'hypermesh-comments 1\nmajor %s\nresources %s\nlibrary \nskip \nsource %s\narguments arguments\n' \
		"$("$clang" -dumpversion | cut -d. -f1)" "$("$clang" -print-resource-dir)" "$1" |
		dotnet exec "$OLDPWD/$comments" | sed -n '/^order /p;/^mistake /p'
}

carrier() # C file, class
{
	local source=$1 class=$2 namespace=${3-Carriers.Sample}
	case $wanted in "  " | *" $class "*) ;; *) return 0 ;; esac
	(
		cd "$work"
		"$clang" -O2 -mcpu=v3 -fno-ident -fdebug-compilation-dir=. -ffile-prefix-map="$work"=. -I"$headers" -I"$OLDPWD/$package/include" \
			-target bpfel -g -c "$source" -o "$class.o"
		"$strip" -g "$class.o"
	)
	{
		printf 'hypermesh-bpf-carrier 1\nsource bpf/%s\nnamespace %s\nclass %s\naccessibility public\n' "$source" "$namespace" "$class"
		case $class in
			HMBPF2505*) echo 'kernel 5.10' ;;
			HMBPF2516* | HMBPF253[0-589]* | HMBPF254[0-2]*) (cd "$work" && mistakes "$source") ;;
		esac
		printf 'resource Hypermesh.Bpf/%s.%s.bpf.o\nsha256 %s\nexample %s\n\n' "$namespace" "$class" "$(sha256sum <"$work/$class.o" | cut -d' ' -f1)" "$(sha256sum <"$work/$source" | cut -d' ' -f1)"
		base64 -w 76 "$work/$class.o"
	} >"Rules/$class.bpf.elf.txt"
}

cp "$package"/docs/rules/{traffic,jumps}.bpf.c "$work/"
carrier traffic.bpf.c Traffic
carrier jumps.bpf.c Jumps
cp records.bpf.c fields.bpf.c process.bpf.c undefined.bpf.c mistaken.bpf.c values.bpf.c counts.bpf.c contexts.bpf.c metrics.bpf.c verdicts.bpf.c ../../../samples/ExecTrace/exec.bpf.c ../../../bpf-templates/cpu/cpu.bpf.c "$work/"
carrier records.bpf.c Records
carrier fields.bpf.c Fields
carrier process.bpf.c Process
carrier undefined.bpf.c Undefined
carrier mistaken.bpf.c Mistaken
carrier values.bpf.c Values
carrier counts.bpf.c Counts
carrier contexts.bpf.c Contexts
carrier metrics.bpf.c Metrics
carrier verdicts.bpf.c Verdicts
carrier exec.bpf.c Exec ExecTrace
carrier cpu.bpf.c Cpu Hypermesh.Bpf.Monitoring
for page in "$package"/docs/rules/HMBPF*.md; do
	id=$(basename "$page" .md)
	for section in Wrong Right; do
		source=$(tr '[:upper:]' '[:lower:]' <<<"$id$section").bpf.c
		awk -v heading="## $section" '/^## /{at = $0 == heading} at && /^```/{code = $0 == "```c"; next} at && code' "$page" >"$work/$source"
		[ ! -s "$work/$source" ] || carrier "$source" "$id$section"
	done
done
