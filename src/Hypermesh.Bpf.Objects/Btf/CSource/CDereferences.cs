namespace Hypermesh.Bpf.Objects.Btf.CSource;

/// <summary>
/// Finds the structs that C code reaches through pointers without naming them: BPF_CORE_READ(task, mm, exe_file) reads fields of struct mm_struct. From a struct that the C
/// names or reaches, it follows the members whose names are in the C.
/// </summary>
internal sealed class CDereferences(BtfTypes types, ISet<string> names)
{
    private readonly HashSet<int> _seen = [];
    private readonly Queue<int> _waiting = new();

    /// <summary>Returns each struct and union that can be reached from a start, directly or through others, once.</summary>
    /// <param name="start">A struct or union that the C names. One instance follows each type only once.</param>
    internal IEnumerable<int> From(int start)
    {
        Add(start);
        while (_waiting.Count > 0)
        {
            int id = _waiting.Dequeue();
            if (id != start)
            {
                yield return id;
            }

            BtfType type = types[id];
            for (int i = 0; i < type.Length; i++)
            {
                BtfMember member = type.Member(i);
                string name = types.GetString(member.NameOffset);
                if (name.Length == 0 || names.Contains(name))
                {
                    Add(Target(member.TypeId));
                }
            }
        }
    }

    // The struct of a member, behind pointers, modifiers and arrays; 0 for any other member.
    private int Target(int id)
    {
        while (true)
        {
            BtfType type = types[id];
            switch (type.Kind)
            {
                case BtfKind.Pointer or BtfKind.Typedef or BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict or BtfKind.TypeTag:
                    id = type.TypeId;
                    break;
                case BtfKind.Array:
                    id = type.Array.ElementTypeId;
                    break;
                case BtfKind.Struct or BtfKind.Union:
                    return id;
                default:
                    return 0;
            }
        }
    }

    private void Add(int id)
    {
        if (id != 0 && _seen.Add(id))
        {
            _waiting.Enqueue(id);
        }
    }
}
