using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>
/// Loads programs with their body replaced by <c>r0 = 0; exit</c>: they attach and run as before, and count nothing. The kernel gets only 15 characters of a program's name, which several may
/// have in common, so the whole name is read from the types that were loaded before.
/// </summary>
internal sealed unsafe class HollowKernel : LinuxKernel, IKernel
{
    private readonly BpfInstruction[] _body = GC.AllocateArray<BpfInstruction>(2, pinned: true);
    private readonly Dictionary<uint, BtfTypes> _types = [];
    private readonly string[] _programs;

    private HollowKernel(string[] programs) => (_programs, _body[0], _body[1]) = (programs, Code.Move(0, 0), Code.Exit());

    /// <summary>Options that load these programs without their body; all programs where none is named.</summary>
    internal static BpfLoadOptions Load(params string[] programs) => new() { Kernel = new HollowKernel(programs) };

    long IKernel.Bpf(BpfCommand command, void* attributes, uint size)
    {
        if (command == BpfCommand.ProgramLoad)
        {
            Empty((ProgramLoadAttr*)attributes);
        }

        long result = Bpf(command, attributes, size);
        if (command == BpfCommand.BtfLoad && result >= 0)
        {
            var load = (BtfLoadAttr*)attributes;
            _types[(uint)result] = BtfTypes.Read(new ReadOnlySpan<byte>((void*)load->Btf, (int)load->BtfSize).ToArray(), "the object");
        }

        return result;
    }

    private void Empty(ProgramLoadAttr* load)
    {
        // The first of the functions is the program; a record begins with an offset and the type.
        if (_programs.Length > 0 && (load->FuncInfoCnt == 0 || !_programs.Contains(_types[load->ProgBtfFd][((int*)load->FuncInfo)[1]].Name)))
        {
            return;
        }

        fixed (BpfInstruction* body = _body)
        {
            (load->Insns, load->InsnCnt) = ((ulong)body, (uint)_body.Length);
        }

        // They describe the body that was.
        load->FuncInfoCnt = load->LineInfoCnt = 0;
    }
}
