using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.AbiGenerator;

/// <summary>The constants of an enum of the kernel.</summary>
public static class KernelConstants
{
    /// <summary>Names and values, in order; empty when this kernel does not have the enum. Ends such as <c>__MAX_BPF_CMD</c> are left out.</summary>
    /// <param name="types">The kernel's types.</param>
    /// <param name="name">The enum's name; the first constant of an enum without a name.</param>
    public static IReadOnlyList<(string Name, ulong Value)> Read(BtfTypes types, string name)
    {
        int id = types.Find(name, BtfKind.Enum) is > 0 and int named ? named : Unnamed(types, name);
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

    private static int Unnamed(BtfTypes types, string constant)
        => Enumerable.Range(types.FirstId, types.Count - types.FirstId).FirstOrDefault(id
            => types[id] is { Kind: BtfKind.Enum, NameOffset: 0, Length: > 0 } type && types.GetString(type.EnumValue(0).NameOffset) == constant);
}
