using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf;

/// <summary>What else the kernel tells of a loaded program: its instructions, their C lines, its maps. Read anew at each call.</summary>
public static unsafe class BpfProgramDetails
{
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

    /// <summary>The C lines of the translated instructions (5.0).</summary>
    /// <param name="program">The program.</param>
    /// <returns>The lines by instruction; empty for a program without BTF.</returns>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public static IReadOnlyList<BpfSourceLine> ReadLines(this BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        RawProgramInfo known = ObjectInfo.Program(program.Loaded);
        if (known.BtfId == 0 || known.NrLineInfo == 0)
        {
            return [];
        }

        var lines = new RawLineInfo[known.NrLineInfo];
        fixed (RawLineInfo* start = lines)
        {
            RawProgramInfo info = default;
            info.LineInfo = (ulong)start;
            info.NrLineInfo = known.NrLineInfo;
            info.LineInfoRecSize = (uint)sizeof(RawLineInfo);
            ObjectInfo.Program(program.Loaded, ref info);
        }

        BtfTypes types = BpfBtfInfo.ReadTypes(program.Kernel, known.BtfId);
        return
        [
            .. lines.Select(line => new BpfSourceLine(
                (int)line.InsnOff, types.GetString(line.FileNameOff), (int)(line.LineCol >> 10), (int)(line.LineCol & 0x3ff), types.GetString(line.LineOff).Trim())),
        ];
    }

    /// <summary>The functions of the program (5.0).</summary>
    /// <param name="program">The program.</param>
    /// <returns>The functions by instruction; empty for a program without BTF.</returns>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public static IReadOnlyList<BpfFunctionEntry> ReadFunctions(this BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        RawProgramInfo known = ObjectInfo.Program(program.Loaded);
        if (known.BtfId == 0 || known.NrFuncInfo == 0)
        {
            return [];
        }

        var functions = new RawFunctionInfo[known.NrFuncInfo];
        fixed (RawFunctionInfo* start = functions)
        {
            RawProgramInfo info = default;
            info.FuncInfo = (ulong)start;
            info.NrFuncInfo = known.NrFuncInfo;
            info.FuncInfoRecSize = (uint)sizeof(RawFunctionInfo);
            ObjectInfo.Program(program.Loaded, ref info);
        }

        BtfTypes types = BpfBtfInfo.ReadTypes(program.Kernel, known.BtfId);
        return [.. functions.Select(function => new BpfFunctionEntry((int)function.InsnOff, types[(int)function.TypeId].Name))];
    }

    /// <summary>The numbers of the maps the program uses.</summary>
    /// <param name="program">The program.</param>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public static IReadOnlyList<uint> ReadMapIds(this BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        var ids = new uint[ObjectInfo.Program(program.Loaded).NrMapIds];
        if (ids.Length > 0)
        {
            fixed (uint* start = ids)
            {
                RawProgramInfo info = default;
                info.MapIds = (ulong)start;
                info.NrMapIds = (uint)ids.Length;
                ObjectInfo.Program(program.Loaded, ref info);
            }
        }

        return ids;
    }
}
