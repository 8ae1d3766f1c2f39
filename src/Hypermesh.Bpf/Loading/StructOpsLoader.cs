using System.Buffers.Binary;
using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Loading.Externs;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.StructOps;

namespace Hypermesh.Bpf.Loading;

/// <summary>
/// Takes struct_ops maps into the kernel: each becomes a map whose value is of a type of the kernel's, or of a module's (6.9), and its programs are loaded for a field of
/// that type.
/// </summary>
internal sealed class StructOpsLoader
{
    private readonly BpfObjectSpec _spec;
    private readonly List<(StructOpsPlan Plan, ModuleBtf? Module)> _plans = [];
    private readonly Dictionary<BpfProgramSpec, (int TypeId, ModuleBtf? Module, int MemberIndex)> _targets = [];

    /// <summary>Fits the tables that are not left out to the kernel.</summary>
    /// <exception cref="BpfFeatureNotSupportedException">Neither the kernel nor a loaded module has such a table.</exception>
    /// <exception cref="BpfPermissionException">A module may have it, and modules may not be looked into.</exception>
    /// <exception cref="BpfException">A table does not fit.</exception>
    internal StructOpsLoader(BpfObjectSpec spec, RunningTypes running)
    {
        _spec = spec;
        foreach (BpfStructOpsSpec table in spec.StructOps.Where(static table => table.Enabled))
        {
            string value = StructOpsPlanner.ValueName(table, spec.Btf!);
            (int id, ModuleBtf? module) = running.Find(value, BtfKind.Struct);
            StructOpsPlan plan = (id == 0 ? null : new StructOpsPlanner(table, spec.Btf!, module?.Types ?? running.Kernel).Plan()) ?? throw Missing(table, value, running);
            _plans.Add((plan, module));
            foreach (StructOpsSlot slot in plan.Slots)
            {
                Aim(slot, plan, module);
            }
        }
    }

    /// <summary>What a program is loaded for: the type of the table, the module whose type it is, and the field; null for programs of no table.</summary>
    internal (int TypeId, ModuleBtf? Module, int MemberIndex)? TargetOf(BpfProgramSpec program)
        => _targets.TryGetValue(program, out (int, ModuleBtf?, int) target) ? target : null;

    /// <summary>Creates the maps. They are filled when they are registered.</summary>
    internal void CreateMaps(IKernel kernel, BpfHandle? btf, BpfToken? token, ObjectParts parts)
    {
        foreach ((StructOpsPlan plan, ModuleBtf? module) in _plans)
        {
            var definition = new BpfMapDefinition(plan.Table.Name, BpfMapType.StructOps, sizeof(uint), (uint)plan.Value.Length, 1, (uint)(plan.Table.IsLink ? MapFlags.Link : MapFlags.None))
            {
                Btf = btf,
                KernelValueTypeId = plan.ValueTypeId,
                KernelValueModule = module?.Handle,
                Token = token?.Permission,
            };
            parts.StructOps.Add(plan.Table.Name, new BpfStructOps(MapCreator.Create(kernel, definition, _spec.Name), plan.Table, plan.Value));
        }

        foreach (BpfStructOpsSpec table in _spec.StructOps.Where(static table => !table.Enabled))
        {
            var definition = new BpfMapDefinition(table.Name, BpfMapType.StructOps, sizeof(uint), 0, 1);
            parts.StructOps.Add(table.Name, new BpfStructOps(new BpfMapHandle(kernel, definition, handle: null, _spec.Name), table, []));
        }
    }

    /// <summary>Puts the descriptors of the loaded programs into the tables' values.</summary>
    internal void PutPrograms(ObjectParts parts)
    {
        foreach ((StructOpsPlan plan, _) in _plans)
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

    private BpfSyscallException Missing(BpfStructOpsSpec table, string value, RunningTypes running) => running.ModulesRefused is { } refused
        ? ModuleRefusal.Of(refused, $"The operations table {table.TypeName}", _spec.Name, table.Name)
        : new BpfFeatureNotSupportedException(
            $"The operations table {table.TypeName}", $"a kernel, or a loaded module, that lets BPF implement it (struct {value} in its BTF)", "BTF", null, Errno.ENOENT, _spec.Name, table.Name);

    private void Aim(StructOpsSlot slot, StructOpsPlan plan, ModuleBtf? module)
    {
        (int, ModuleBtf?, int) target = (plan.TypeId, module, slot.MemberIndex);
        if (_targets.TryGetValue(slot.Program, out (int, ModuleBtf?, int) other) && other != target)
        {
            throw new BpfException(
                $"Program {slot.Program.Name} of {_spec.Name} stands in two different places of its tables, the second being {plan.Table.Name}; a program can be only one function.",
                _spec.Name, slot.Program.Name);
        }

        _targets[slot.Program] = target;
    }
}
