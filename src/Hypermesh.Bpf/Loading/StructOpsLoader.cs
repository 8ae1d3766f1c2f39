using System.Buffers.Binary;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Loading;

/// <summary>
/// Takes operations tables into the kernel: each becomes a map whose value is of a type of the kernel's, and its programs are loaded for a field of that type.
/// </summary>
internal sealed class StructOpsLoader
{
    private readonly BpfObjectSpec _spec;
    private readonly List<StructOpsPlan> _plans = [];
    private readonly Dictionary<ProgramSpec, (int TypeId, int MemberIndex)> _targets = [];

    /// <summary>Fits the tables that are not left out to the kernel.</summary>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel has no such table.</exception>
    /// <exception cref="BpfException">A table does not fit.</exception>
    internal StructOpsLoader(BpfObjectSpec spec, BtfTypes? kernelTypes)
    {
        _spec = spec;
        foreach (StructOpsSpec table in spec.StructOps.Where(static table => table.Enabled))
        {
            StructOpsPlan plan = new StructOpsPlanner(table, spec.Btf!, kernelTypes!).Plan() ?? throw new BpfFeatureNotSupportedException(
                $"The operations table {table.TypeName}", $"a kernel that lets BPF implement it (struct bpf_struct_ops_{table.TypeName} in its BTF)",
                "BTF", null, Errno.ENOENT, spec.Name, table.Name);
            _plans.Add(plan);
            foreach (StructOpsSlot slot in plan.Slots)
            {
                Aim(slot, plan);
            }
        }
    }

    /// <summary>True when an object has tables to load, for which the kernel's types are needed.</summary>
    internal static bool IsNeeded(BpfObjectSpec spec) => spec.StructOps.Any(static table => table.Enabled);

    /// <summary>What a program is loaded for: the type of the table and the field; null for programs of no table.</summary>
    internal (int TypeId, int MemberIndex)? TargetOf(ProgramSpec program) => _targets.TryGetValue(program, out (int, int) target) ? target : null;

    /// <summary>Creates the maps. They are filled when they are registered.</summary>
    internal void CreateMaps(IKernel kernel, BpfHandle? btf, BpfToken? token, ObjectParts parts)
    {
        foreach (StructOpsPlan plan in _plans)
        {
            var definition = new BpfMapDefinition(plan.Table.Name, BpfMapType.StructOps, sizeof(uint), (uint)plan.Value.Length, 1, (uint)(plan.Table.IsLink ? MapFlags.Link : MapFlags.None))
            {
                Btf = btf,
                KernelValueTypeId = plan.ValueTypeId,
                Token = token?.Permission,
            };
            parts.StructOps.Add(plan.Table.Name, new BpfStructOps(MapCreator.Create(kernel, definition, _spec.Name), plan.Table, plan.Value));
        }

        foreach (StructOpsSpec table in _spec.StructOps.Where(static table => !table.Enabled))
        {
            var definition = new BpfMapDefinition(table.Name, BpfMapType.StructOps, sizeof(uint), 0, 1);
            parts.StructOps.Add(table.Name, new BpfStructOps(new BpfMapDescriptor(kernel, definition, handle: null, _spec.Name), table, []));
        }
    }

    /// <summary>Puts the descriptors of the loaded programs into the tables' values.</summary>
    internal void PutPrograms(ObjectParts parts)
    {
        foreach (StructOpsPlan plan in _plans)
        {
            foreach (StructOpsSlot slot in plan.Slots)
            {
                // The live object under construction holds its programs open; the kernel reads the numbers when the table is registered. One that was optional and refused is not there.
                if (parts.Programs[slot.Program.Name].Descriptor.Handle is { } program)
                {
                    BinaryPrimitives.WriteInt64LittleEndian(plan.Value.AsSpan(slot.Offset), program.DangerousGetHandle());
                }
            }
        }
    }

    private void Aim(StructOpsSlot slot, StructOpsPlan plan)
    {
        (int, int) target = (plan.TypeId, slot.MemberIndex);
        if (_targets.TryGetValue(slot.Program, out (int, int) other) && other != target)
        {
            throw new BpfException(
                $"Program {slot.Program.Name} of {_spec.Name} stands in two different places of its tables, the second being {plan.Table.Name}; a program can be only one function.",
                _spec.Name, slot.Program.Name);
        }

        _targets[slot.Program] = target;
    }
}
