using System.Text;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tool.Listing;

/// <summary>
/// Names the functions that a loaded program calls. The kernel has rewritten the calls: a helper is identified by its distance from a symbol, one of the program's own
/// functions by its index, and a kernel function by its ID in the kernel's BTF or also by its distance.
/// </summary>
internal sealed class LoadedCalls(BpfInstruction[] code, IReadOnlyList<BpfFunctionEntry> functions, bool isCompiled) : BpfInstructionNames
{
    private const string Base = "__bpf_call_base";

    private Dictionary<int, string>? _byDistance;

    public override string Call(BpfInstruction call, int index) => call.Source switch
    {
        BpfOpCode.PseudoCall => OwnFunction(call, index),
        BpfOpCode.PseudoKernelFunction => KernelFunction(call),
        _ => Helper(call),
    };

    // In a JIT-compiled program the immediate is the function's index, and the offset the distance to it where that fits; otherwise the immediate is the distance.
    private string OwnFunction(BpfInstruction call, int index)
    {
        int at = index + 1 + (isCompiled ? call.Offset : call.Immediate);
        string? name = isCompiled && (uint)call.Immediate < (uint)functions.Count ? functions[call.Immediate].Name : NameAt(at);
        return name is null ? $"pc{BpfDisassembler.Signed(at - index - 1)}" : $"{name} (pc{BpfDisassembler.Signed(at - index - 1)})";
    }

    private string? NameAt(int index) => functions.FirstOrDefault(function => function.Index == index) is { Name.Length: > 0 } function ? function.Name : null;

    private string KernelFunction(BpfInstruction call)
    {
        if (call.Offset != 0)
        {
            return $"function {call.Immediate} of a module's BTF";
        }

        try
        {
            using KernelBtf kernel = KernelBtf.Borrow();
            if (call.Immediate > 0 && call.Immediate < kernel.Types.Count && kernel.Types[call.Immediate] is { Kind: BtfKind.Function } function)
            {
                return function.Name;
            }
        }
        catch (BpfException)
        {
            // Without the kernel's types, the symbols may have its name.
        }

        return ByDistance(call.Immediate) ?? $"kernel-function#{call.Immediate}";
    }

    private string Helper(BpfInstruction call)
        => call.Immediate == 0 ? "a helper whose address the kernel hides from this process (CAP_SYSLOG, kernel.kptr_restrict)"
            : ByDistance(call.Immediate) ?? BpfHelpers.NameOf(call.Immediate) ?? $"helper at {Base}{BpfDisassembler.Signed(call.Immediate)}";

    private string? ByDistance(int distance) => (_byDistance ??= ReadSymbols()).GetValueOrDefault(distance);

    // Two passes: the symbol that all distances are counted from may be anywhere in the list.
    private Dictionary<int, string> ReadSymbols()
    {
        var wanted = new HashSet<int>(code.Where(static instruction => instruction.IsCall && instruction.Source != BpfOpCode.PseudoCall).Select(static instruction => instruction.Immediate));
        var names = new Dictionary<int, string>();
        byte[] name = Encoding.ASCII.GetBytes(Base);
        ulong start = 0;
        LinuxKernel.Instance.TryReadLines(
            KernelSymbol.Path, line => start = KernelSymbol.TryRead(line, out KernelSymbol symbol) && symbol.Name.SequenceEqual(name) ? symbol.Address : start, out _);
        if (start == 0)
        {
            return names;
        }

        LinuxKernel.Instance.TryReadLines(
            KernelSymbol.Path,
            line =>
            {
                if (KernelSymbol.TryRead(line, out KernelSymbol symbol) && (long)(symbol.Address - start) is >= int.MinValue and <= int.MaxValue and var distance && wanted.Contains((int)distance))
                {
                    names.TryAdd((int)distance, Encoding.UTF8.GetString(symbol.Name));
                }
            },
            out _);
        return names;
    }
}
