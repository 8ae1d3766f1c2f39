using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>How a field, enum constant or type is reached from a root type, and where that lies.</summary>
internal sealed class CoreSpec(BtfTypes types, int rootTypeId)
{
    /// <summary>No access, anonymous members included, has more steps.</summary>
    public const int MaximumSteps = 64;

    private readonly List<CoreAccessor> _accessors = [];

    public BtfTypes Types => types;

    public int RootTypeId => rootTypeId;

    public IReadOnlyList<CoreAccessor> Accessors => _accessors;

    public CoreAccessor Last => _accessors[_accessors.Count - 1];

    /// <summary>From the start of the root type.</summary>
    public long BitOffset { get; private set; }

    /// <summary>The steps so far, those through anonymous members included.</summary>
    public int Steps { get; private set; }

    public bool IsFull => Steps == MaximumSteps;

    /// <summary>Goes into a member; <see cref="Name"/> follows when it has a name.</summary>
    public void Enter(in BtfMember member)
    {
        Steps++;
        BitOffset += member.BitOffset;
    }

    /// <summary>Takes an <see cref="Enter"/> back.</summary>
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

    /// <summary>True when the array just reached has that element: flexible arrays (a struct's last member, without a count) have any.</summary>
    public bool HasElement(in BtfArray array, int index)
        => index < array.Count || (array.Count == 0 && !Last.IsElement && Last.Index == types[Last.TypeId].Length - 1);
}
