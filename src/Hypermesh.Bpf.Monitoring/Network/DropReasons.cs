using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Monitoring.Network;

/// <summary>The names of the reasons for which the kernel drops packets, from its own types: a reason has another number on each kernel.</summary>
internal static class DropReasons
{
    /// <summary>The reason of all drops on kernels that have none (before 5.17), and of those that the kernel gives no other.</summary>
    private const string NotSpecified = "not_specified";

    /// <summary>The name of reasons that have no place: those of subsystems.</summary>
    internal const string Other = "subsystem";

    private const string Prefix = "SKB_DROP_REASON_";

    /// <summary>Returns the names in the order of their numbers: the kernel's, without their prefix and in lower case.</summary>
    /// <param name="kernel">The kernel's types.</param>
    /// <param name="count">The number of names.</param>
    internal static string[] Read(BtfTypes kernel, int count)
    {
        var names = new string[count];
        Array.Fill(names, NotSpecified);
        int id = kernel.Find("skb_drop_reason", BtfKind.Enum);
        if (id == 0)
        {
            return names;
        }

        Array.Fill(names, Other);
        BtfType type = kernel[id];
        for (int i = 0; i < type.Length; i++)
        {
            BtfEnumValue value = type.EnumValue(i);
            if (value.Value < (ulong)count)
            {
                string name = kernel.GetString(value.NameOffset);
                names[value.Value] = (name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name).ToLowerInvariant();
            }
        }

        return names;
    }
}
