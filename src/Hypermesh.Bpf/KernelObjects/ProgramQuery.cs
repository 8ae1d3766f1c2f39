using Hypermesh.Bpf.Features;

namespace Hypermesh.Bpf.KernelObjects;

/// <summary>BPF_PROG_QUERY (4.15): requests all fields first, and fewer from older kernels, which reject fields they do not support.</summary>
internal static unsafe class ProgramQuery
{
    private const uint Effective = 1;
    private const int FirstCount = 64;

    // The requested fields besides the programs, most first: links (6.6) and each program's flags (6.0), the flags, nothing.
    private static readonly (bool Flags, bool Links)[] s_levels = [(true, true), (true, false), (false, false)];

    internal static BpfAttachedPrograms OfDescriptor(
        IKernel kernel, BpfHandle target, BpfAttachType hook, string name, bool effective = false, FeatureProbe? feature = null)
    {
        using HandleUse use = target.Use();
        return Run(kernel, (uint)use.Descriptor, hook, name, effective, feature);
    }

    internal static BpfAttachedPrograms OfDevice(IKernel kernel, int index, string name, BpfAttachType hook, FeatureProbe feature)
        => Run(kernel, (uint)index, hook, name, effective: false, feature);

    private static BpfAttachedPrograms Run(IKernel kernel, uint target, BpfAttachType hook, string name, bool effective, FeatureProbe? feature)
    {
        long result = 0;
        foreach ((bool flags, bool links) in s_levels)
        {
            // Effective programs come from several groups, whose flags the kernel does not combine.
            if (TryRun(kernel, target, hook, effective, flags && !effective, links, out result) is { } answer)
            {
                return answer;
            }

            if (result is not (-Errno.EINVAL or -Errno.E2BIG))
            {
                break;
            }
        }

        throw FeatureErrors.Of(
            kernel, BpfCommand.ProgramQuery, result, $"Listing the programs at {hook} of {name}", Capabilities.NetAdmin, null, null, feature,
            result is -Errno.ENODEV or -Errno.ENOENT ? $"It no longer exists: {name}. Look it up anew, by its name or path." : null);
    }

    private static BpfAttachedPrograms? TryRun(
        IKernel kernel, uint target, BpfAttachType hook, bool effective, bool withFlags, bool withLinks, out long result)
    {
        for (int size = FirstCount; ;)
        {
            uint[] programs = new uint[size];
            uint[] flags = new uint[size];
            uint[] links = new uint[size];
            fixed (uint* programList = programs, flagList = flags, linkList = links)
            {
                ProgramQueryAttr attributes = default;
                attributes.TargetFd = target;
                attributes.AttachType = (uint)hook;
                attributes.QueryFlags = effective ? Effective : 0;
                attributes.ProgIds = (ulong)programList;
                attributes.Count = (uint)size;
                attributes.ProgAttachFlags = withFlags ? (ulong)flagList : 0;
                attributes.LinkIds = withLinks ? (ulong)linkList : 0;
                result = kernel.Bpf(BpfCommand.ProgramQuery, &attributes, (uint)sizeof(ProgramQueryAttr));
                if (result == -Errno.ENOSPC && attributes.Count > size)
                {
                    size = (int)attributes.Count;
                    continue;
                }

                if (result < 0)
                {
                    return null;
                }

                var found = new BpfAttachedProgram[Math.Min((int)attributes.Count, size)];
                for (int i = 0; i < found.Length; i++)
                {
                    found[i] = new BpfAttachedProgram(programs[i], links[i], (BpfAttachFlags)flags[i]);
                }

                return new BpfAttachedPrograms(found, (BpfAttachFlags)attributes.AttachFlags, attributes.Revision);
            }
        }
    }
}
