using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf;

/// <summary>What else the kernel tells of a loaded program: its instructions, their C lines, its maps. Read anew at each call.</summary>
public static unsafe class BpfProgramDetails
{
    /// <summary>Asks the kernel to write so many records to a place.</summary>
    private delegate void RecordRequest(ref RawProgramInfo info, ulong start, uint count);

    /// <summary>The instructions as the verifier left them: dead ones gone, calls and accesses rewritten, maps by number (4.13).</summary>
    /// <param name="program">The program.</param>
    /// <returns>The instructions; empty where the kernel keeps them from this process (CAP_SYS_ADMIN or CAP_BPF and CAP_PERFMON missing).</returns>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public static BpfInstruction[] ReadTranslated(this BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        var code = new BpfInstruction[ObjectInfo.Program(program.Loaded).XlatedProgLen / BpfInstruction.Size];
        fixed (BpfInstruction* start = code)
        {
            RawProgramInfo info = default;
            info.XlatedProgInsns = (ulong)start;
            info.XlatedProgLen = (uint)(code.Length * BpfInstruction.Size);
            ObjectInfo.Program(program.Loaded, ref info);
            return info.XlatedProgInsns == 0 ? [] : code;
        }
    }

    /// <summary>The C lines of the translated instructions (5.0). Needs CAP_SYS_ADMIN for a program with BTF.</summary>
    /// <param name="program">The program.</param>
    /// <returns>The lines by instruction; empty for a program without BTF.</returns>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public static IReadOnlyList<BpfSourceLine> ReadLines(this BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        return ReadTyped<RawLineInfo, BpfSourceLine>(
            program,
            static info => info.NrLineInfo,
            static (ref info, start, count) =>
            {
                info.LineInfo = start;
                info.NrLineInfo = count;
                info.LineInfoRecSize = (uint)sizeof(RawLineInfo);
            },
            static (line, types) => new BpfSourceLine(
                (int)line.InsnOff, types.GetString(line.FileNameOff), (int)(line.LineCol >> 10), (int)(line.LineCol & 0x3ff), types.GetString(line.LineOff).Trim()));
    }

    /// <summary>The functions of the program (5.0). Needs CAP_SYS_ADMIN for a program with BTF.</summary>
    /// <param name="program">The program.</param>
    /// <returns>The functions by instruction; empty for a program without BTF.</returns>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public static IReadOnlyList<BpfFunctionEntry> ReadFunctions(this BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        return ReadTyped<RawFunctionInfo, BpfFunctionEntry>(
            program,
            static info => info.NrFuncInfo,
            static (ref info, start, count) =>
            {
                info.FuncInfo = start;
                info.NrFuncInfo = count;
                info.FuncInfoRecSize = (uint)sizeof(RawFunctionInfo);
            },
            static (function, types) => new BpfFunctionEntry((int)function.InsnOff, types[(int)function.TypeId].Name));
    }

    /// <summary>The numbers of the maps the program uses (4.15).</summary>
    /// <param name="program">The program.</param>
    /// <returns>The numbers; empty where it uses none.</returns>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public static IReadOnlyList<uint> ReadMapIds(this BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        return ReadRecords<uint>(program, ObjectInfo.Program(program.Loaded).NrMapIds, static (ref info, start, count) =>
        {
            info.MapIds = start;
            info.NrMapIds = count;
        });
    }

    // What stands in the program's own BTF: of a program without one there is nothing.
    private static TEntry[] ReadTyped<TRecord, TEntry>(BpfProgram program, Func<RawProgramInfo, uint> count, RecordRequest request, Func<TRecord, BtfTypes, TEntry> entry)
        where TRecord : unmanaged
    {
        RawProgramInfo known = ObjectInfo.Program(program.Loaded);
        if (known.BtfId == 0 || count(known) == 0)
        {
            return [];
        }

        TRecord[] records = ReadRecords<TRecord>(program, count(known), request);
        BtfTypes types = LoadedBtf.ReadTypes(program.Kernel, known.BtfId);
        return [.. records.Select(record => entry(record, types))];
    }

    private static T[] ReadRecords<T>(BpfProgram program, uint count, RecordRequest request)
        where T : unmanaged
    {
        var records = new T[count];
        if (count > 0)
        {
            fixed (T* start = records)
            {
                RawProgramInfo info = default;
                request(ref info, (ulong)start, count);
                ObjectInfo.Program(program.Loaded, ref info);
            }
        }

        return records;
    }
}

/// <summary>Where a function of a loaded program begins.</summary>
/// <param name="Index">Its first instruction, as the kernel translated the program.</param>
/// <param name="Name">The C function.</param>
public readonly record struct BpfFunctionEntry(int Index, string Name);

/// <summary>The line of C an instruction of a loaded program comes from.</summary>
/// <param name="Index">The first instruction of the line, as the kernel translated the program.</param>
/// <param name="File">The file, as the compiler was given it.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1.</param>
/// <param name="Text">The line's text.</param>
public readonly record struct BpfSourceLine(int Index, string File, int Line, int Column, string Text);
