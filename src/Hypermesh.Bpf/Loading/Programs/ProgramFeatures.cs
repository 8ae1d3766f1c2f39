using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Loading;

/// <summary>The tests for what programs may contain and call.</summary>
internal static class ProgramFeatures
{
    internal static FeatureTest ContextTags { get; } = new(BpfFeature.ContextTags, ContextTagProbe.Try);

    internal static FeatureTest LoopHelper { get; } = new(BpfFeature.LoopHelper, static kernel => TryHelper(kernel, "BPF_FUNC_loop"));

    internal static IEnumerable<FeatureTest> All => [ContextTags, LoopHelper];

    // A helper that wants a callback wants an object's types too, so it is not called: the kernel's own list of helpers names it.
    private static long TryHelper(IKernel kernel, string name)
    {
        try
        {
            using KernelBtf types = KernelBtf.Borrow(kernel);
            int helpers = types.Types.Find("bpf_func_id", BtfKind.Enum);
            BtfType list = types.Types[helpers];
            for (int i = 0; helpers != 0 && i < list.Length; i++)
            {
                if (types.Types.GetString(list.EnumValue(i).NameOffset) == name)
                {
                    return 0;
                }
            }

            return -Errno.ENOENT;
        }
        catch (BpfSyscallException reason)
        {
            return -reason.Errno;
        }
    }
}
