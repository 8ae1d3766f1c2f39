// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// One program for each way of attaching in the network and to control groups: each has its class.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define PROGRAM(name, section) SEC(section) int name(void *ctx) { return 0; }

PROGRAM(filter, "socket")
PROGRAM(reuseport, "sk_reuseport")
PROGRAM(tcx, "tcx/ingress")
PROGRAM(classifier, "tc")
PROGRAM(act, "action")
PROGRAM(netkit, "netkit/primary")
PROGRAM(express, "xdp")
PROGRAM(devmap, "xdp/devmap")
PROGRAM(cpumap, "xdp.frags/cpumap")
PROGRAM(route, "lwt_xmit")
PROGRAM(segment, "lwt_seg6local")
PROGRAM(parser, "sk_skb/stream_parser")
PROGRAM(packet, "sk_skb")
PROGRAM(message, "sk_msg")
PROGRAM(infrared, "lirc_mode2")
PROGRAM(dissector, "flow_dissector")
PROGRAM(lookup, "sk_lookup")
PROGRAM(net_filter, "netfilter")
PROGRAM(packets, "cgroup/skb")
PROGRAM(egress, "cgroup_skb/egress")
PROGRAM(connect, "cgroup/connect4")
PROGRAM(operations, "sockops")
PROGRAM(hook, "lsm_cgroup/socket_bind")
PROGRAM(demand, "syscall")

char LICENSE[] SEC("license") = "Dual BSD/GPL";
