using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>Finds the object's access in one candidate: members by name at any depth of anonymous structs and unions, elements by index.</summary>
internal sealed class CoreSpecMatcher(CoreSubject subject, CoreSpec local, CoreCandidate candidate)
{
    private readonly BtfTypes _types = candidate.Types;
    private readonly CoreSpec _found = new(candidate.Types, candidate.TypeId);

    /// <summary>Returns the access in the candidate, or null when the candidate does not have it.</summary>
    public CoreSpec? Match() => IsMatch() ? _found : null;

    private bool IsMatch() => subject.Relocation.Kind switch
    {
        CoreRelocationKind.TypeMatches => new CoreTypeMatcher(subject, local.Types, _types).Matches(local.RootTypeId, candidate.TypeId),
        var kind when kind.IsTypeBased() => CoreTypeCompatibility.TypesAgree(subject, local.Types, local.RootTypeId, _types, candidate.TypeId),
        var kind when kind.IsEnumBased() => MatchConstant(),
        _ => MatchFields(),
    };

    private bool MatchConstant()
    {
        BtfType type = _types[_types.SkipModifiers(candidate.TypeId)];
        ReadOnlySpan<byte> name = BtfName.Essential(local.Types.GetStringBytes(local.Last.NameOffset));
        for (int i = 0; type.IsEnum && i < type.Length; i++)
        {
            uint nameOffset = type.EnumValue(i).NameOffset;
            if (BtfName.Essential(_types.GetStringBytes(nameOffset)).SequenceEqual(name))
            {
                _found.Name(type.Id, i, nameOffset);
                return true;
            }
        }

        return false;
    }

    private bool MatchFields()
    {
        int id = candidate.TypeId;
        for (int i = 0; i < local.Accessors.Count; i++)
        {
            CoreAccessor accessor = local.Accessors[i];
            id = _types.SkipModifiers(id);
            if (!accessor.IsElement)
            {
                BtfMember member = local.Types[accessor.TypeId].Member(accessor.Index);
                if (!MatchMember(member, local.Types.GetStringBytes(member.NameOffset), id, out id))
                {
                    return false;
                }
            }
            else if (!MatchElement(accessor, ref id, isRoot: i == 0))
            {
                return false;
            }
        }

        return true;
    }

    private bool MatchElement(CoreAccessor accessor, ref int id, bool isRoot)
    {
        // The first index counts whole root types, as in pointer arithmetic. The others need an array.
        if (!isRoot)
        {
            BtfType type = _types[id];
            if (type.Kind != BtfKind.Array || !_found.HasElement(type.Array, accessor.Index))
            {
                return false;
            }

            id = _types.SkipModifiers(type.Array.ElementTypeId);
        }

        CheckDepth();
        if (!CoreSize.HasSize(_types, id))
        {
            throw subject.Unfit($"type {id} of {_types.Source} has no size");
        }

        _found.AddElement(id, accessor.Index);
        return true;
    }

    private bool MatchMember(in BtfMember wanted, ReadOnlySpan<byte> name, int id, out int memberTypeId)
    {
        id = _types.SkipModifiers(id);
        BtfType type = _types[id];
        for (int i = 0; type.IsComposite && i < type.Length; i++)
        {
            subject.Work(_types);
            CheckDepth();
            BtfMember member = type.Member(i);
            ReadOnlySpan<byte> memberName = _types.GetStringBytes(member.NameOffset);
            _found.Enter(member);
            if (memberName.IsEmpty)
            {
                if (MatchMember(wanted, name, member.TypeId, out memberTypeId))
                {
                    return true;
                }
            }
            else if (memberName.SequenceEqual(name))
            {
                memberTypeId = member.TypeId;
                if (CoreTypeCompatibility.FieldsAgree(local.Types, wanted.TypeId, _types, member.TypeId))
                {
                    _found.Name(id, i, member.NameOffset);
                    return true;
                }

                _found.Leave(member);
                return false;
            }

            _found.Leave(member);
        }

        memberTypeId = 0;
        return false;
    }

    private void CheckDepth()
    {
        if (_found.IsFull)
        {
            throw subject.Unfit($"its path in {_types.Source} has more than {CoreSpec.MaximumSteps} steps");
        }
    }
}
