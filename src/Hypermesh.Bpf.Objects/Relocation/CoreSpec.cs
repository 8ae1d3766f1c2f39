using System.Text;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>The access from a root type to a field, enum constant or type, and its offset.</summary>
internal sealed class CoreSpec(BtfTypes types, int rootTypeId)
{
    /// <summary>The maximum number of steps of an access, including anonymous members.</summary>
    public const int MaximumSteps = 64;

    private readonly List<CoreAccessor> _accessors = [];

    public BtfTypes Types => types;

    public int RootTypeId => rootTypeId;

    public IReadOnlyList<CoreAccessor> Accessors => _accessors;

    public CoreAccessor Last => _accessors[_accessors.Count - 1];

    /// <summary>The offset from the start of the root type, in bits.</summary>
    public long BitOffset { get; private set; }

    /// <summary>The number of steps so far, including those through anonymous members.</summary>
    public int Steps { get; private set; }

    public bool IsFull => Steps == MaximumSteps;

    /// <summary>Steps into a member; <see cref="Name"/> must follow when the member has a name.</summary>
    public void Enter(in BtfMember member)
    {
        Steps++;
        BitOffset += member.BitOffset;
    }

    /// <summary>Reverts an <see cref="Enter"/>.</summary>
    public void Leave(in BtfMember member)
    {
        Steps--;
        BitOffset -= member.BitOffset;
    }

    public void Name(int typeId, int index, uint nameOffset) => _accessors.Add(new CoreAccessor(typeId, index, nameOffset));

    public void AddElement(int elementTypeId, int index)
    {
        Steps++;
        BitOffset += index * types.SizeOf(elementTypeId) * 8;
        _accessors.Add(new CoreAccessor(elementTypeId, index, 0));
    }

    /// <summary>Returns true when the last array has an element. Flexible arrays (a struct's last member, without a count) have every element.</summary>
    public bool HasElement(in BtfArray array, int index)
        => index < array.Count || (array.Count == 0 && !Last.IsElement && Last.Index == types[Last.TypeId].Length - 1);
}

/// <summary>One step of an access that has a meaning in C: a named member, an enum's constant, or an element of an array.</summary>
/// <param name="TypeId">The ID of the struct, union or enum stepped into; for an element, of the element's own type. Modifiers are skipped.</param>
/// <param name="Index">The index of the member, constant or element.</param>
/// <param name="NameOffset">The offset of the member's or constant's name; 0 for an element.</param>
internal readonly record struct CoreAccessor(int TypeId, int Index, uint NameOffset)
{
    public bool IsElement => NameOffset == 0;
}

/// <summary>The current relocation. Creates its errors, and limits the work, because types that contain themselves could cause any amount.</summary>
internal sealed class CoreSubject(CoreRelocator relocator, CoreRelocation relocation, string objectName, string programName, int index) : ITypeComparison
{
    private const int MaximumWork = 1_000_000;

    private int _work;

    public CoreRelocation Relocation => relocation;

    /// <summary>Returns the exception for an object that contradicts itself.</summary>
    public BpfObjectFormatException Malformed(string problem) => new(objectName, ".BTF.ext", null, Describe(problem));

    /// <summary>Returns the exception for a valid object that cannot be adapted to these kernel types.</summary>
    public BpfException Unfit(string problem) => new($"{objectName}: {Describe(problem)}", objectName, programName);

    /// <summary>Counts one comparison of two types or members.</summary>
    public void Work(BtfTypes target)
    {
        if (!relocator.Work() || ++_work > MaximumWork)
        {
            throw Unfit($"comparing with the types of {target.Source} takes too many steps: its types contain themselves, or too many of them have the same name");
        }
    }

    private string Describe(string problem) => $"program {programName}, instruction {index}: CO-RE relocation {relocator.Describe(relocation)}: {problem}";
}

/// <summary>The three families of relocation kinds, and the kinds' names as in C (<c>BPF_CORE_*</c>).</summary>
internal static class CoreKinds
{
    public static bool IsFieldBased(this CoreRelocationKind kind) => kind <= CoreRelocationKind.FieldRightShift;

    public static bool IsTypeBased(this CoreRelocationKind kind)
        => kind is (>= CoreRelocationKind.TypeIdLocal and <= CoreRelocationKind.TypeSize) or CoreRelocationKind.TypeMatches;

    public static bool IsEnumBased(this CoreRelocationKind kind) => kind is CoreRelocationKind.EnumValueExists or CoreRelocationKind.EnumValue;

    public static string KernelName(this CoreRelocationKind kind) => kind switch
    {
        CoreRelocationKind.FieldByteOffset => "field_byte_offset",
        CoreRelocationKind.FieldByteSize => "field_byte_size",
        CoreRelocationKind.FieldExists => "field_exists",
        CoreRelocationKind.FieldSigned => "field_signed",
        CoreRelocationKind.FieldLeftShift => "field_lshift_u64",
        CoreRelocationKind.FieldRightShift => "field_rshift_u64",
        CoreRelocationKind.TypeIdLocal => "type_id_local",
        CoreRelocationKind.TypeIdTarget => "type_id_target",
        CoreRelocationKind.TypeExists => "type_exists",
        CoreRelocationKind.TypeSize => "type_size",
        CoreRelocationKind.EnumValueExists => "enumval_exists",
        CoreRelocationKind.EnumValue => "enumval_value",
        CoreRelocationKind.TypeMatches => "type_matches",
        _ => $"kind {(uint)kind}",
    };
}

/// <summary>Describes a relocation for messages, even an invalid one.</summary>
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
            // The message is about a damaged object, so describe the part that can be read.
            text.Append(" of type ").Append(relocation.TypeId);
        }

        return text.ToString();
    }

    /// <summary>Returns the target of a relocation in C notation: <c>struct task_struct.pid</c>.</summary>
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
