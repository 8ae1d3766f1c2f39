#!/usr/bin/env bash
# Compiles the C files beside it into the carriers the tests read, so that the tests themselves need no clang.
# Run it after a change of one of them; CLANG and STRIP choose the tools, arguments choose the classes (without: all).
set -euo pipefail
cd "$(dirname "$0")"
clang=${CLANG:-clang-22}
wanted=" $* "
strip=${STRIP:-llvm-strip}
headers=/usr/include/$(uname -m)-linux-gnu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

carrier() # source, class, clang's arguments
{
	local source=$1 class=$2
	shift 2
	[ "$wanted" = "  " ] || [[ "$wanted" == *" $class "* ]] || return 0
	"$clang" -O2 -mcpu=v3 -fno-ident -fdebug-compilation-dir=. -ffile-prefix-map="$PWD"=. -I"$headers" -I../../../msbuild/Hypermesh.BpfSdk/include "$@" -c "$source.bpf.c" -o "$work/$class.o"
	"$strip" -g "$work/$class.o"
	{
		printf 'hypermesh-bpf-carrier 1\nsource bpf/%s.bpf.c\nnamespace Carriers.Sample\nclass %s\naccessibility public\n' "$source" "$class"
		printf 'resource Hypermesh.Bpf/Carriers.Sample.%s.bpf.o\nsha256 %s\nclang %s\nmcpu v3\n\n' \
			"$class" "$(sha256sum <"$work/$class.o" | cut -d' ' -f1)" "$("$clang" --version | head -1)"
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
carrier minimal NoBtf -target bpfel
carrier minimal BigEndian -target bpfeb -g
carrier torture Torture -target bpfel -g
carrier dropped Dropped -target bpfel -g
carrier undeclared Undeclared -target bpfel -g
carrier untyped Untyped -target bpfel -g
carrier badevents BadEvents -target bpfel -g
carrier empty Empty -target bpfel -g
