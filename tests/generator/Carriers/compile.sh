#!/usr/bin/env bash
# Compiles the C files beside it into the carriers the tests read, so that the tests themselves need no clang.
# Run it after a change of one of them: compile.sh [CLASS...]; CLANG and STRIP choose the tools. Documented has the comments and places of its C too,
# from the program the build asks for them, which must be built.
set -euo pipefail
cd "$(dirname "$0")"
clang=${CLANG:-clang-22}
wanted=" $* "
strip=${STRIP:-llvm-strip}
headers=/usr/include/$(uname -m)-linux-gnu
root=$(cd ../../.. && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What the comments of a C file say, as lines of a carrier: clang's arguments are the build's.
docs() # source, clang's arguments
{
	local source=$1 major
	shift
	major=$("$clang" -dumpversion | cut -d. -f1)
	printf '"%s"\n' "$@" >"$work/$source.rsp"
	printf 'hypermesh-comments 1\nmajor %s\nresources %s\nskip %s\nsource %s\narguments %s\n' \
		"$major" "$("$clang" -print-resource-dir)" "$root/msbuild/Hypermesh.BpfSdk/include" "$source.bpf.c" "$work/$source.rsp" \
		| dotnet "$root/artifacts/bin/Hypermesh.BpfSdk.Comments/release/Hypermesh.BpfSdk.Comments.dll" | grep '^doc ' | sed 's|\tdocumented\.h\t|\tbpf/documented.h\t|'
}

carrier() # source, class, clang's arguments
{
	local source=$1 class=$2
	shift 2
	case $wanted in "  " | *" $class "*) ;; *) return 0 ;; esac
	"$clang" -O2 -mcpu=v3 -fno-ident -fdebug-compilation-dir=. -ffile-prefix-map="$PWD"=. -I"$headers" -I"$root/msbuild/Hypermesh.BpfSdk/include" "$@" -c "$source.bpf.c" -o "$work/$class.o"
	"$strip" -g "$work/$class.o"
	{
		printf 'hypermesh-bpf-carrier 1\nsource bpf/%s.bpf.c\n' "$source"
		[ "$class" != Documented ] || printf 'root ../../../../../\n'
		printf 'namespace Carriers.Sample\nclass %s\naccessibility public\n' "$class"
		printf 'resource Hypermesh.Bpf/Carriers.Sample.%s.bpf.o\nsha256 %s\n' "$class" "$(sha256sum <"$work/$class.o" | cut -d' ' -f1)"
		[ "$class" != Documented ] || docs "$source" "$@" -I"$headers" -I"$root/msbuild/Hypermesh.BpfSdk/include"
		printf '\n'
		base64 -w 76 "$work/$class.o"
	} >"$class.bpf.elf.txt"
}

carrier events Events -target bpfel -g
carrier layouts Layouts -target bpfel -g
carrier sums Sums -target bpfel -g
carrier reserved Reserved -target bpfel -g
carrier clashes Clashes -target bpfel -g
carrier attaches Attaches -target bpfel -g
carrier noprograms NoPrograms -target bpfel -g
carrier minimal Minimal -target bpfel -g
carrier documented Documented -target bpfel -g -D__TARGET_ARCH_x86
carrier minimal NoBtf -target bpfel
carrier minimal BigEndian -target bpfeb -g
carrier torture Torture -target bpfel -g
carrier dropped Dropped -target bpfel -g
carrier undeclared Undeclared -target bpfel -g
carrier untyped Untyped -target bpfel -g
carrier undeclaredinner UndeclaredInner -target bpfel -g
carrier badevents BadEvents -target bpfel -g
carrier empty Empty -target bpfel -g
