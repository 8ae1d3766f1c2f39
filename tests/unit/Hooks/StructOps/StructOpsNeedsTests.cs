using Hypermesh.Bpf.Hooks.StructOps;

namespace Hypermesh.Bpf.Tests.Unit.Hooks.StructOps;

/// <summary>The members that a struct_ops map lacks, which the kernel's EINVAL does not name.</summary>
public sealed class StructOpsNeedsTests
{
    [Theory]
    [InlineData("tcp_congestion_ops", "name ssthresh cong_avoid", "undo_cwnd")]
    [InlineData("tcp_congestion_ops", "name undo_cwnd cong_control", "ssthresh")]
    [InlineData("tcp_congestion_ops", "name ssthresh undo_cwnd", "cong_avoid or cong_control")]
    [InlineData("tcp_congestion_ops___mine", "ssthresh", "name, undo_cwnd, cong_avoid or cong_control")]
    [InlineData("sched_ext_ops", "enqueue", "name")]
    [InlineData("Qdisc_ops", "enqueue dequeue", "id")]
    public void A_missing_member_is_named(string type, string set, string lacking)
        => Assert.Contains($"which have no value: {lacking}. Set them in the C", StructOpsNeeds.Lacking(type, set.Split(' ').ToHashSet()), StringComparison.Ordinal);

    [Theory]
    [InlineData("tcp_congestion_ops", "name ssthresh undo_cwnd cong_avoid")]
    [InlineData("tcp_congestion_ops", "name ssthresh undo_cwnd cong_control init")]
    [InlineData("bpf_dummy_ops", "")]
    public void A_complete_map_and_an_unknown_type_lack_nothing(string type, string set) => Assert.Null(StructOpsNeeds.Lacking(type, set.Split(' ').ToHashSet()));
}
