// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The next version of the agent's programs: an object of the same name.

#define NEXT
#include "../handed.bpf.c"
