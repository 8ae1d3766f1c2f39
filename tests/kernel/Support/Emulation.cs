namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>Whether this processor is emulated in software, as the guests' is: everything takes ten times as long.</summary>
internal static class Emulation
{
    internal static bool IsEmulated { get; } = File.ReadAllText("/proc/cpuinfo").Contains("QEMU TCG", StringComparison.Ordinal);
}
