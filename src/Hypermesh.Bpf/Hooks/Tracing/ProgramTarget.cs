using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Hooks.Tracing;

/// <summary>Finds the target function of a program that attaches to another program.</summary>
internal static class ProgramTarget
{
    /// <summary>The target program and the function's ID in its types; null if the target is the kernel.</summary>
    /// <exception cref="BpfException">The program needs a target and has none, or the target has no such function.</exception>
    internal static (BpfProgram Program, int FunctionId)? Of(BpfProgramSpec program)
    {
        if (program.TargetProgram is BpfProgram target)
        {
            string function = program.TargetFunction ?? program.Target ?? throw new BpfException(
                $"Program {program.Name} of {program.ObjectName} names no function of {target.Name}: write SEC(\"{program.Section.Name}/FUNCTION\"), or set it in the spec.",
                program.ObjectName, program.Name);
            return (target, Find(target, function));
        }

        return program.Type != BpfProgramType.Ext ? null : throw new BpfException(
            $"Program {program.Name} of {program.ObjectName} replaces a function of another program: call SetTarget on its spec before it is loaded.",
            program.ObjectName, program.Name);
    }

    /// <summary>The ID of a function in a program's types.</summary>
    internal static int Find(BpfProgram program, string function)
    {
        RawProgramInfo info = ObjectInfo.Program(program.Loaded);
        if (info.BtfId == 0)
        {
            throw new BpfException($"Program {program.Name} was loaded without types, so its functions have no names: compile it with -g.", program.Descriptor.ObjectName, program.Name);
        }

        using LoadedBtf btf = LoadedBtf.Open(program.Kernel, info.BtfId, program.Descriptor.ObjectName, program.Name);
        int id = btf.ReadTypes(program.Name).Find(function, BtfKind.Function);
        return id != 0 ? id : throw new BpfException($"Program {program.Name} has no function {function}.", program.Descriptor.ObjectName, program.Name);
    }
}
