// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The types of an imagined kernel; core.bpf.c is relocated against them. Only the BTF counts.
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed int s32;
typedef signed long long s64;

struct inner { int a; long b; u8 tail[12]; };

struct moved {
	u64 added_before;
	u32 pid;
	s32 signed_same;
	u16 narrowed;		/* u32 in the object */
	u64 widened;		/* u32 in the object */
	s64 signed_widened;	/* s32 in the object */
	struct {
		int padding;
		union {
			struct { int deep; } ;
			long other;
		};
	};
	struct inner in[4];
	int matrix[3][5];
	u16 halves[4];		/* u32[4] in the object */
	struct moved *next;
	const char *name;
	int became_array[2];	/* an int in the object */
	enum e32 { E32_A = 7, E32_B = -3, E32_HIGH = 0x40000000 } kind;
	u32 flexible[];
};

struct bits {
	int before;
	u32 a : 3;
	u32 b : 17;
	u32 gap : 4;
	s32 c : 5;
	u64 wide : 40;
	u8 tiny : 1;
	u8 cross : 6;
	u32 was_bitfield;	/* a bitfield in the object */
	u32 is_bitfield : 9;	/* no bitfield in the object */
};

enum e64 { E64_A = 0x123456789aULL, E64_B = 0xffffffffffffffffULL };
enum esigned64 { ES_A = -0x123456789aLL };
enum unsigned_high { HIGH = 0x80000001U, LOW = 2 };
enum flavoured { FL_ONE = 11, FL_TWO = 12 };
enum only { ONLY_HERE = 1 };

union either { int number; long wide; };
typedef struct { int x, y, z; } anonymous_struct;
typedef int (*callback)(struct moved *, int);
typedef u64 alias;
struct ahead;
struct points_ahead { struct ahead *p; struct moved *m; int n; };
struct matches { int a; struct inner in; enum flavoured f; callback call; u32 extra; };
struct mismatches { long a; };
struct duplicate { int same; };
struct large { char pad[40000]; int far; };
struct empty {};

struct moved *use_moved; struct bits *use_bits; enum e64 use_e64; enum esigned64 use_es; enum unsigned_high use_high;
enum flavoured use_fl; enum only use_only; union either *use_either; anonymous_struct use_anonymous; callback use_callback;
alias use_alias; struct points_ahead *use_points; struct matches *use_matches; struct mismatches *use_mismatches;
struct duplicate *use_duplicate; struct large *use_large; struct empty *use_empty;

/* Pointers' targets are only in the BTF when a member or size is used. */
int everything(void)
{
	return sizeof(*use_moved) + sizeof(*use_bits) + sizeof(*use_either) + sizeof(*use_points) + sizeof(*use_matches)
		+ sizeof(*use_mismatches) + sizeof(*use_duplicate) + sizeof(*use_large) + sizeof(*use_empty);
}
