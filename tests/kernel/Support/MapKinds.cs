namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>Maps of kinds not every kernel has.</summary>
internal static class MapKinds
{
    /// <summary>Creates the map; a kernel older than the kind refuses it, which skips the test, and a newer one that refuses it fails the test.</summary>
    internal static BpfMapDescriptor Create(BpfMapDefinition definition, int major, int minor)
    {
        long result = MapCreator.TryCreate(LinuxKernel.Instance, MapCreator.Normalize(LinuxKernel.Instance, definition));
        if (result < 0)
        {
            Assert.SkipWhen(
                Environment.OSVersion.Version < new Version(major, minor), $"this kernel has no {definition.Type}: creating one answers {Errno.Name((int)-result)}");
        }
        else
        {
            LinuxKernel.Instance.Close((int)result);
        }

        return MapCreator.Create(LinuxKernel.Instance, definition);
    }

    /// <summary>The smallest types there are, for kinds that must have some.</summary>
    internal static BpfHandle OneInteger() => new(LinuxKernel.Instance, BtfCalls.TryLoad(LinuxKernel.Instance, ProbeTypes.OneInteger()));

    /// <summary>Runs a raw tracepoint program once, with one argument (5.10).</summary>
    internal static int Run(this BpfProgram program, ulong argument)
        => new BpfSyscallProgram(program.Descriptor).Run(ref argument);
}
