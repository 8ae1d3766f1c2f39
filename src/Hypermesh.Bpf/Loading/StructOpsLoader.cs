using System.Buffers.Binary;
using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Loading.Externs;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.StructOps;

namespace Hypermesh.Bpf.Loading;

/// <summary>
/// Loads struct_ops maps: each becomes a map whose value has a type of the kernel or of a module (6.9), and its programs are loaded for members of
/// that type.
/// </summary>
internal sealed class StructOpsLoader
{
    private readonly BpfObjectSpec _spec;
    private readonly List<(StructOpsPlan Plan, ModuleBtf? Module)> _plans = [];
    private readonly Dictionary<BpfProgramSpec, (int TypeId, ModuleBtf? Module, int MemberIndex)> _targets = [];

    /// <summary>Plans the struct_ops maps that are not left out, with the kernel's types.</summary>
    /// <exception cref="BpfFeatureNotSupportedException">Neither the kernel nor a loaded module supports such a struct_ops map.</exception>
    /// <exception cref="BpfPermissionException">A module may support it, and the types of modules cannot be read.</exception>
    /// <exception cref="BpfException">A struct_ops map does not match the kernel's type.</exception>
    internal StructOpsLoader(BpfObjectSpec spec, RunningTypes running)
    {
        _spec = spec;
        foreach (BpfStructOpsSpec map in spec.StructOps.Where(static map => map.Enabled))
        {
            string value = StructOpsPlanner.ValueName(map, spec.Btf!);
            (int id, ModuleBtf? module) = running.Find(value, BtfKind.Struct);
            StructOpsPlan plan = (id == 0 ? null : new StructOpsPlanner(map, spec.Btf!, module?.Types ?? running.Kernel).Plan()) ?? throw Missing(map, value, running);
            _plans.Add((plan, module));
            foreach (StructOpsFunction function in plan.Functions)
            {
                Aim(function, plan, module);
            }
        }
    }

    /// <summary>The target of a struct_ops program: the type of the struct_ops map, the module that has the type, and the member; null for other programs.</summary>
    internal (int TypeId, ModuleBtf? Module, int MemberIndex)? TargetOf(BpfProgramSpec program)
        => _targets.TryGetValue(program, out (int, ModuleBtf?, int) target) ? target : null;

    /// <summary>Creates the maps. They are filled when they are registered.</summary>
    internal void CreateMaps(IKernel kernel, BpfHandle? btf, BpfToken? token, ObjectParts parts)
    {
        foreach ((StructOpsPlan plan, ModuleBtf? module) in _plans)
        {
            var definition = new BpfMapDefinition(plan.Map.Name, BpfMapType.StructOps, sizeof(uint), plan.Value.Length, 1, plan.Map.IsLink ? BpfMapFlags.Link : BpfMapFlags.None)
            {
                Btf = btf,
                KernelValueTypeId = plan.ValueTypeId,
                KernelValueModule = module?.Handle,
                Token = token?.Permission,
            };
            parts.StructOps.Add(plan.Map.Name, new BpfStructOps(MapCreator.Create(kernel, definition, _spec.Name), plan.Map, plan.Value));
        }

        foreach (BpfStructOpsSpec map in _spec.StructOps.Where(static map => !map.Enabled))
        {
            var definition = new BpfMapDefinition(map.Name, BpfMapType.StructOps, sizeof(uint), 0, 1);
            parts.StructOps.Add(map.Name, new BpfStructOps(new BpfMapHandle(kernel, definition, handle: null, _spec.Name), map, []));
        }
    }

    /// <summary>Writes the descriptors of the loaded programs into the values of the struct_ops maps.</summary>
    internal void PutPrograms(ObjectParts parts)
    {
        foreach ((StructOpsPlan plan, _) in _plans)
        {
            foreach (StructOpsFunction function in plan.Functions)
            {
                // The live object under construction holds its programs open; the kernel reads the descriptors when the struct_ops map is registered. An optional program that was rejected has none.
                if (parts.Programs[function.Program.Name].Descriptor.Handle is { } program)
                {
                    BinaryPrimitives.WriteInt64LittleEndian(plan.Value.AsSpan(function.Offset), program.DangerousGetHandle());
                }
            }
        }
    }

    private BpfSyscallException Missing(BpfStructOpsSpec map, string value, RunningTypes running) => running.ModulesRefused is { } refused
        ? ModuleRefusal.Of(refused, $"The struct_ops type {map.TypeName}", _spec.Name, map.Name)
        : new BpfFeatureNotSupportedException(
            $"The struct_ops type {map.TypeName}", $"a kernel, or a loaded module, that lets BPF implement it (struct {value} in its BTF)", "BTF", null, Errno.ENOENT, _spec.Name, map.Name);

    private void Aim(StructOpsFunction function, StructOpsPlan plan, ModuleBtf? module)
    {
        (int, ModuleBtf?, int) target = (plan.TypeId, module, function.MemberIndex);
        if (_targets.TryGetValue(function.Program, out (int, ModuleBtf?, int) other) && other != target)
        {
            throw new BpfException(
                $"Program {function.Program.Name} of {_spec.Name} is used by two different members of its struct_ops maps, the second in {plan.Map.Name}: a program can implement only one member. Use a separate program for each.",
                _spec.Name, function.Program.Name);
        }

        _targets[function.Program] = target;
    }
}
