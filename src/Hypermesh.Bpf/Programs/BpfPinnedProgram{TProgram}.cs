namespace Hypermesh.Bpf;

/// <summary>A program opened by its pin. Disposing it detaches the links made through it; the pin keeps the program loaded.</summary>
/// <typeparam name="TProgram">The class of the program.</typeparam>
public sealed class BpfPinnedProgram<TProgram> : IDisposable
    where TProgram : BpfProgram
{
    internal BpfPinnedProgram(TProgram program, string path)
    {
        Program = program;
        Path = path;
    }

    /// <summary>The program, which can be attached through its class.</summary>
    public TProgram Program { get; }

    /// <summary>The path of the pin.</summary>
    public string Path { get; }

    /// <summary>Removes the pin. The program stays loaded as long as others hold or attach it.</summary>
    /// <exception cref="BpfSyscallException">The pin does not exist (ENOENT), or cannot be removed.</exception>
    public void Unpin() => Program.Unpin(Path);

    /// <summary>Detaches what was attached through it, and closes the program.</summary>
    public void Dispose() => Program.Unload();
}
