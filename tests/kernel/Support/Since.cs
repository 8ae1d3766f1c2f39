using System.Globalization;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>What came with a kernel: an older one refuses it, which skips the test with its answer; where a newer one does, the test fails.</summary>
internal static class Since
{
    internal static T Kernel<T>(int major, int minor, Func<T> attempt)
    {
        try
        {
            return attempt();
        }
        catch (BpfException reason) when (Environment.OSVersion.Version < new Version(major, minor))
        {
            Assert.Skip(string.Create(CultureInfo.InvariantCulture, $"needs Linux {major}.{minor}; this one answered: {reason.Message}"));
            throw;
        }
    }
}
