/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/** What a header declares. */
struct in_header {
	__u32 number; /**< In the header too. */
};
