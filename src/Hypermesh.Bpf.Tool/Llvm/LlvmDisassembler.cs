using System.Globalization;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Tool.Llvm;

/// <summary>Disassembles instructions to LLVM's notation, which is that of assembly files.</summary>
internal sealed unsafe class LlvmDisassembler : IDisposable
{
    private const int LongestText = 256;

    private readonly void* _context;

    /// <summary>Creates the disassembler.</summary>
    /// <exception cref="BpfException">There is no libLLVM.</exception>
    internal LlvmDisassembler()
    {
        Version = LibLlvm.Load();
        LLVM.InitializeBPFTargetInfo();
        LLVM.InitializeBPFTargetMC();
        LLVM.InitializeBPFDisassembler();
        fixed (byte* triple = "bpfel"u8)
        // LLVM 17 added the instruction set v4; an older LLVM would warn on standard error for each object.
        fixed (byte* cpu = int.Parse(Version.AsSpan(0, Version.IndexOf('.', StringComparison.Ordinal)), CultureInfo.InvariantCulture) >= 17 ? "v4"u8 : "v3"u8)
        {
            _context = LLVM.CreateDisasmCPU((sbyte*)triple, (sbyte*)cpu, null, 0, null, null);
        }

        if (_context is null)
        {
            throw new BpfException($"libLLVM {Version} has no disassembler for BPF.");
        }
    }

    /// <summary>The library's version.</summary>
    internal string Version { get; }

    /// <summary>Disassembles the instruction at the start of the code; null where LLVM does not know it.</summary>
    /// <param name="code">Instructions: a wide load has two.</param>
    internal string? Text(ReadOnlySpan<byte> code)
    {
        sbyte* text = stackalloc sbyte[LongestText];
        fixed (byte* bytes = code)
        {
            nuint length = LLVM.DisasmInstruction(_context, bytes, (ulong)code.Length, 0, text, LongestText);
            return length == 0 ? null : Marshal.PtrToStringUTF8((nint)text)!.Trim().Replace('\t', ' ');
        }
    }

    public void Dispose() => LLVM.DisasmDispose(_context);
}
