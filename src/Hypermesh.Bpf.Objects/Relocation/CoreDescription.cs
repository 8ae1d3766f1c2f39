using System.Text;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>Words a relocation for messages; also one that makes no sense.</summary>
internal static class CoreDescription
{
    public static string Of(BtfTypes types, CoreRelocation relocation)
    {
        var text = new StringBuilder();
        text.Append('<').Append(relocation.Kind.KernelName()).Append("> ");
        try
        {
            AppendType(text, types[relocation.TypeId]);
            if (CoreSpecParser.TryParse(types, relocation, out CoreSpec spec) is null)
            {
                AppendAccess(text, spec);
            }

            text.Append(" (").Append(types.GetString(relocation.AccessOffset)).Append(')');
        }
        catch (Exception e) when (e is BpfObjectFormatException or ArgumentOutOfRangeException)
        {
            // A broken object is what the message is about; say as much as can be read.
            text.Append(" of type ").Append(relocation.TypeId);
        }

        return text.ToString();
    }

    /// <summary>What a relocation looks for, as C writes it: <c>struct task_struct.pid</c>.</summary>
    public static string Target(BtfTypes types, CoreRelocation relocation)
    {
        var text = new StringBuilder();
        AppendType(text, types[relocation.TypeId]);
        if (CoreSpecParser.TryParse(types, relocation, out CoreSpec spec) is null)
        {
            AppendAccess(text, spec);
        }

        return text.ToString();
    }

    private static void AppendType(StringBuilder text, BtfType type)
    {
        string word = type.Kind switch
        {
            BtfKind.Struct => "struct ",
            BtfKind.Union => "union ",
            BtfKind.Enum or BtfKind.Enum64 => "enum ",
            BtfKind.Forward => type.KindFlag ? "union " : "struct ",
            BtfKind.Typedef => "typedef ",
            _ => "",
        };
        string name = type.Name;
        text.Append(word).Append(name.Length == 0 ? "<anonymous>" : name);
    }

    private static void AppendAccess(StringBuilder text, CoreSpec spec)
    {
        for (int i = 0; i < spec.Accessors.Count; i++)
        {
            CoreAccessor accessor = spec.Accessors[i];
            if (!accessor.IsElement)
            {
                bool isConstant = spec.Types[accessor.TypeId].IsEnum;
                text.Append(isConstant ? "::" : ".").Append(spec.Types.GetString(accessor.NameOffset));
            }
            else if (i > 0 || accessor.Index > 0)
            {
                text.Append('[').Append(accessor.Index).Append(']');
            }
        }
    }
}
