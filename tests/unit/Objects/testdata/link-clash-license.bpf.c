// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Does not go with link-first.bpf.c. Compiled as that.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

__u64 unrelated;

char LICENSE[] SEC("license") = "GPL";
