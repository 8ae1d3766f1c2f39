using Hypermesh.Bpf.Tests.Harness;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>Whether this processor is emulated in software, as the guests' is: everything takes ten times as long.</summary>
internal static class Emulation
{
    internal static bool IsEmulated { get; } = File.ReadAllText("/proc/cpuinfo").Contains("QEMU TCG", StringComparison.Ordinal);

    /// <summary>For what takes long and hardly depends on the kernel: this machine's own kernel does it, and guests do it in a full run.</summary>
    internal static void OnlyInFull()
        => Assert.SkipWhen(IsEmulated && !Rounds.IsFull, "takes long where a processor is emulated: the machine's own kernel does it, and guests with --full");
}
