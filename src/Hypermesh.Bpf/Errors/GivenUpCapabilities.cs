using System.Runtime.CompilerServices;

namespace Hypermesh.Bpf.Errors;

/// <summary>The capabilities this process has dropped itself, so that a later error can say so.</summary>
internal static class GivenUpCapabilities
{
    // By kernel, of which there is only one outside of tests.
    private static readonly ConditionalWeakTable<IKernel, StrongBox<Capabilities>> s_all = [];

    internal static void Note(IKernel kernel, Capabilities capabilities)
    {
        StrongBox<Capabilities> all = s_all.GetOrCreateValue(kernel);
        lock (all)
        {
            all.Value |= capabilities;
        }
    }

    internal static Capabilities Of(IKernel kernel) => s_all.TryGetValue(kernel, out StrongBox<Capabilities>? all) ? all.Value : Capabilities.None;
}
