// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The programs of versions.h, in one layout of the values that they count.

#include <linux/bpf.h>
#include <hypermesh/reload.h>

#define VERSION 1

struct total {
	__u64 count HM_SUM;
	__u64 numbers HM_SUM;
	__u64 highest HM_MAX;
	__u64 lowest HM_MIN;
	__u32 slots[8] HM_SUM;
	__u32 key HM_KEEP;
};

struct place {
	__u32 count HM_SUM;
};

#include "versions.h"
