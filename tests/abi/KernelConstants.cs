using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.AbiGenerator;

/// <summary>The constants of an enum of the kernel.</summary>
public static class KernelConstants
{
    /// <summary>Names and values, in order; empty when this kernel has it not. Ends such as <c>__MAX_BPF_CMD</c> are left out.</summary>
    public static IReadOnlyList<(string Name, ulong Value)> Read(BtfTypes types, string name)
    {
        int id = types.Find(name, BtfKind.Enum);
        if (id == 0)
        {
            return [];
        }

        BtfType type = types[id];
        return
        [
            .. Enumerable.Range(0, type.Length)
                .Select(type.EnumValue)
                .Select(value => (Name: types.GetString(value.NameOffset), value.Value))
                .Where(constant => !constant.Name.StartsWith("__", StringComparison.Ordinal)),
        ];
    }
}
