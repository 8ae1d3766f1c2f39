namespace Hypermesh.Bpf.Objects.Btf.CSource;

/// <summary>
/// Writes types in the order that C requires. A contained type must be complete. A type that is pointed to, passed or renamed need only be declared, which
/// breaks the cycle of structs that contain pointers to each other.
/// </summary>
internal sealed class COrder(BtfTypes types, CStatements statements)
{
    private const int DeepestNesting = 256;

    private readonly HashSet<int> _complete = [];
    private readonly HashSet<int> _declared = [];

    // The finished types of every kind. Without it, the visits of prototypes that name each other twice would double at every level.
    private readonly HashSet<(int Id, bool MustBeComplete)> _done = [];
    private int _depth;

    /// <summary>Writes everything that must come before a type can contain this one.</summary>
    public void Complete(int id) => Need(id, mustBeComplete: true);

    /// <summary>Writes everything that must come before the type can be named.</summary>
    public void Declare(int id) => Need(id, mustBeComplete: false);

    private void Need(int id, bool mustBeComplete)
    {
        if (id == 0 || _complete.Contains(id) || (!mustBeComplete && _declared.Contains(id)) || _done.Contains((id, mustBeComplete)))
        {
            return;
        }

        if (++_depth > DeepestNesting)
        {
            throw new BpfObjectFormatException(types.Source, ".BTF", null, $"type {id} is nested more than {DeepestNesting} deep, or contains itself");
        }

        Order(types[id], mustBeComplete);
        _done.Add((id, mustBeComplete));
        _depth--;
    }

    private void Order(BtfType type, bool mustBeComplete)
    {
        switch (type.Kind)
        {
            case BtfKind.Struct or BtfKind.Union when type.NameOffset != 0 && !mustBeComplete:
            case BtfKind.Forward:
                _declared.Add(type.Id);
                statements.Forward(type);
                break;
            case BtfKind.Struct or BtfKind.Union:
                Members(type);
                break;
            case BtfKind.Enum or BtfKind.Enum64:
                _complete.Add(type.Id);
                statements.Enum(type);
                break;
            case BtfKind.Typedef:
                Typedef(type, mustBeComplete);
                break;
            case BtfKind.Pointer or BtfKind.Function:
                Declare(type.TypeId);
                break;
            case BtfKind.FunctionPrototype:
                Prototype(type);
                break;
            case BtfKind.Array:
                Complete(type.Array.ElementTypeId);
                break;
            case BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict or BtfKind.TypeTag or BtfKind.Variable:
                Need(type.TypeId, mustBeComplete);
                break;
            default:
                break;
        }
    }

    private void Members(BtfType type)
    {
        for (int i = 0; i < type.Length; i++)
        {
            Complete(type.Member(i).TypeId);
        }

        // A type that contains itself was already rejected for its depth.
        if (_complete.Add(type.Id) && type.NameOffset != 0)
        {
            statements.Composite(type);
        }
    }

    private void Typedef(BtfType type, bool mustBeComplete)
    {
        if (!_declared.Contains(type.Id))
        {
            Declare(type.TypeId);
            if (_declared.Add(type.Id))
            {
                statements.Typedef(type);
            }
        }

        if (mustBeComplete)
        {
            Complete(type.TypeId);
            _complete.Add(type.Id);
        }
    }

    private void Prototype(BtfType type)
    {
        Declare(type.TypeId);
        for (int i = 0; i < type.Length; i++)
        {
            Declare(type.Parameter(i).TypeId);
        }
    }
}
