using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.KernelObjects.Pins;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Objects.Sections;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program opened by its pin. Disposing it detaches the links made through it; the pin keeps the program loaded.</summary>
/// <typeparam name="TProgram">The class of the program, which the section determines.</typeparam>
public sealed class BpfPinnedProgram<TProgram> : IDisposable
    where TProgram : BpfProgram
{
    private BpfPinnedProgram(TProgram program, string path)
    {
        Program = program;
        Path = path;
    }

    /// <summary>The program, which can be attached through its class.</summary>
    public TProgram Program { get; }

    /// <summary>The path of the pin.</summary>
    public string Path { get; }

    /// <summary>Opens a program by its pin (4.4). Needs CAP_BPF, or permission for the file.</summary>
    /// <param name="path">The path, such as <c>/sys/fs/bpf/filter</c>.</param>
    /// <param name="section">The section it was declared in (<c>xdp</c>, <c>cgroup/connect4</c>): the kernel keeps the program's type, but not everything about how it is attached.</param>
    /// <returns>The program; the caller closes it, and with it the links made through it.</returns>
    /// <exception cref="BpfException">The section does not name a program type, or not the type of the pinned program or of <typeparamref name="TProgram"/>; or the pinned object is not a program.</exception>
    /// <exception cref="BpfSyscallException">Nothing is pinned there (ENOENT), or the kernel rejected the call.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfPinnedProgram<TProgram> Open(string path, string section) => Open(LinuxKernel.Instance, path, section);

    internal static BpfPinnedProgram<TProgram> Open(IKernel kernel, string path, string section)
    {
        ArgumentException.ThrowIfNullOrEmpty(section);
        SectionDefinition row = SectionTable.Find(section);
        BpfHandle handle = ObjectPins.Open(kernel, path, ObjectKind.Program);
        try
        {
            var info = new BpfProgramInfo(ObjectInfo.Program(handle));
            if (info.Type != row.ProgramType)
            {
                throw new BpfException($"The program pinned at {path} is of type {info.Type}; section \"{section}\" is for {row.ProgramType}. Pass the section that the program was declared in.", null, path);
            }

            var descriptor = new BpfProgramDescriptor(kernel, System.IO.Path.GetFileName(path), info.Type)
            {
                SectionName = section,
                AttachType = row.AttachType,
                Target = row.TargetOf(section),
                Handle = handle,
            };
            BpfProgram program = ProgramFactory.Create(row.Attach, descriptor);
            return program is TProgram typed
                ? new BpfPinnedProgram<TProgram>(typed, path)
                : throw new BpfException($"A program of section \"{section}\" is a {program.GetType().Name}, not a {typeof(TProgram).Name}.", null, path);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Removes the pin. The program stays loaded as long as others hold or attach it.</summary>
    /// <exception cref="BpfSyscallException">The pin does not exist (ENOENT), or cannot be removed.</exception>
    public void Unpin() => Program.Unpin(Path);

    /// <summary>Detaches what was attached through it, and closes the program.</summary>
    public void Dispose() => Program.Unload();
}
