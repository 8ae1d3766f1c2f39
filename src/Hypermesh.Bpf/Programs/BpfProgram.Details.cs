using System.Text;
using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf;

// Further information about a loaded program, read again at each call: its instructions, their C lines, its maps, its output.
public abstract unsafe partial class BpfProgram
{
    private const int OutputChunkSize = 4096;

    /// <summary>Requests a number of records, which the kernel writes to a buffer.</summary>
    private delegate void RecordRequest(ref RawProgramInfo info, ulong start, uint count);

    /// <summary>Reads the instructions after the verifier: without dead code, with rewritten calls and accesses, maps by ID (4.13).</summary>
    /// <returns>The instructions; empty if the kernel hides them from this process (CAP_SYS_ADMIN or CAP_BPF and CAP_PERFMON missing).</returns>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    internal BpfInstruction[] ReadTranslated()
    {
        var code = new BpfInstruction[ObjectInfo.Program(Loaded).XlatedProgLen / BpfInstruction.Size];
        fixed (BpfInstruction* start = code)
        {
            RawProgramInfo info = default;
            info.XlatedProgInsns = (ulong)start;
            info.XlatedProgLen = (uint)(code.Length * BpfInstruction.Size);
            ObjectInfo.Program(Loaded, ref info);
            return info.XlatedProgInsns == 0 ? [] : code;
        }
    }

    /// <summary>Reads the C lines of the translated instructions (5.0). Needs CAP_SYS_ADMIN for a program with BTF.</summary>
    /// <returns>The lines by instruction; empty for a program without BTF.</returns>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    internal IReadOnlyList<BpfSourceLine> ReadLines()
        => ReadTyped<RawLineInfo, BpfSourceLine>(
            static info => info.NrLineInfo,
            static (ref info, start, count) =>
            {
                info.LineInfo = start;
                info.NrLineInfo = count;
                info.LineInfoRecSize = (uint)sizeof(RawLineInfo);
            },
            static (line, types) => new BpfSourceLine(
                (int)line.InsnOff, types.GetString(line.FileNameOff), (int)(line.LineCol >> 10), (int)(line.LineCol & 0x3ff), types.GetString(line.LineOff).Trim()));

    /// <summary>Reads the functions of the program (5.0). Needs CAP_SYS_ADMIN for a program with BTF.</summary>
    /// <returns>The functions by instruction; empty for a program without BTF.</returns>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    internal IReadOnlyList<BpfFunctionEntry> ReadFunctions()
        => ReadTyped<RawFunctionInfo, BpfFunctionEntry>(
            static info => info.NrFuncInfo,
            static (ref info, start, count) =>
            {
                info.FuncInfo = start;
                info.NrFuncInfo = count;
                info.FuncInfoRecSize = (uint)sizeof(RawFunctionInfo);
            },
            static (function, types) => new BpfFunctionEntry((int)function.InsnOff, types[(int)function.TypeId].Name));

    /// <summary>Reads the IDs of the maps that the program uses (4.15).</summary>
    /// <returns>The IDs; empty if it uses none.</returns>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public IReadOnlyList<uint> ReadMapIds()
        => ReadRecords<uint>(ObjectInfo.Program(Loaded).NrMapIds, static (ref info, start, count) =>
        {
            info.MapIds = start;
            info.NrMapIds = count;
        });

    /// <summary>Reads what the program has written with <c>bpf_stream_printk</c> since the last read. Needs CAP_BPF.</summary>
    /// <param name="output">The stream (<c>BPF_STDOUT</c>, <c>BPF_STDERR</c>).</param>
    /// <returns>The text; empty when there is nothing new.</returns>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 6.17.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call for another reason.</exception>
    public string ReadOutput(BpfProgramOutput output)
    {
        using HandleUse use = Loaded.Use();
        using var text = new MemoryStream();
        byte* chunk = stackalloc byte[OutputChunkSize];
        while (true)
        {
            ProgramStreamAttr attributes = default;
            attributes.StreamBuf = (ulong)chunk;
            attributes.StreamBufLen = OutputChunkSize;
            attributes.StreamId = (uint)output;
            attributes.ProgFd = (uint)use.Descriptor;
            long read = Kernel.Bpf(BpfCommand.ProgramStreamReadByDescriptor, &attributes, (uint)sizeof(ProgramStreamAttr));
            if (read <= 0)
            {
                return read switch
                {
                    0 => Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length),
                    -Errno.EINVAL => throw new BpfFeatureNotSupportedException(
                        "Streams of programs", "Linux 6.17", BpfCommandNames.Of(BpfCommand.ProgramStreamReadByDescriptor), BpfCommand.ProgramStreamReadByDescriptor, Errno.EINVAL),
                    _ => throw KernelErrors.Of(
                        Kernel, BpfCommand.ProgramStreamReadByDescriptor, read, $"Reading a stream of program {Name}", Capabilities.Bpf, Descriptor.ObjectName, Name),
                };
            }

            text.Write(new ReadOnlySpan<byte>(chunk, (int)read));
        }
    }

    // These records need the program's BTF; a program without BTF has none.
    private TEntry[] ReadTyped<TRecord, TEntry>(Func<RawProgramInfo, uint> count, RecordRequest request, Func<TRecord, BtfTypes, TEntry> entry)
        where TRecord : unmanaged
    {
        RawProgramInfo known = ObjectInfo.Program(Loaded);
        if (known.BtfId == 0 || count(known) == 0)
        {
            return [];
        }

        TRecord[] records = ReadRecords<TRecord>(count(known), request);
        BtfTypes types = LoadedBtf.ReadTypes(Kernel, known.BtfId);
        return [.. records.Select(record => entry(record, types))];
    }

    private T[] ReadRecords<T>(uint count, RecordRequest request)
        where T : unmanaged
    {
        var records = new T[count];
        if (count > 0)
        {
            fixed (T* start = records)
            {
                RawProgramInfo info = default;
                request(ref info, (ulong)start, count);
                ObjectInfo.Program(Loaded, ref info);
            }
        }

        return records;
    }
}

/// <summary>A function of a loaded program and its first instruction.</summary>
/// <param name="Index">The index of its first instruction in the translated program.</param>
/// <param name="Name">The C function.</param>
internal readonly record struct BpfFunctionEntry(int Index, string Name);

/// <summary>The C line of an instruction of a loaded program.</summary>
/// <param name="Index">The index of the first instruction of the line in the translated program.</param>
/// <param name="File">The file, as it was passed to the compiler.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1.</param>
/// <param name="Text">The line's text.</param>
internal readonly record struct BpfSourceLine(int Index, string File, int Line, int Column, string Text);

/// <summary>Output streams of a program: for <c>bpf_stream_printk</c>, and for the kernel's reports of its errors (6.17).</summary>
public enum BpfProgramOutput : uint
{
    /// <summary><c>BPF_STDOUT</c></summary>
    Output = 1,

    /// <summary><c>BPF_STDERR</c>: the program's messages, and the kernel's report if it stops the program.</summary>
    Error = 2,
}
