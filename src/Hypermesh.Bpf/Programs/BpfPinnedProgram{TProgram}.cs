namespace Hypermesh.Bpf;

/// <summary>A program opened by its pin. Disposing it ends the links made through it; the pin keeps the program loaded.</summary>
/// <typeparam name="TProgram">The kind of program.</typeparam>
public sealed class BpfPinnedProgram<TProgram> : IDisposable
    where TProgram : BpfProgram
{
    internal BpfPinnedProgram(TProgram program, string path)
    {
        Program = program;
        Path = path;
    }

    /// <summary>The program, with the attach its kind has.</summary>
    public TProgram Program { get; }

    /// <summary>The pin.</summary>
    public string Path { get; }

    /// <summary>Removes the pin. The program stays while anyone holds or attaches it.</summary>
    /// <exception cref="BpfSyscallException">It is not there any more (ENOENT), or may not be removed.</exception>
    public void Unpin() => Program.Unpin(Path);

    /// <summary>Detaches what was attached through it, and closes the program.</summary>
    public void Dispose() => Program.Unload();
}
