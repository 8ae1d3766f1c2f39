namespace Hypermesh.Bpf.Tool.Recordings;

/// <summary>Writes readings to a file, each as a line of JSON. A reading is in the file whole or not at all.</summary>
internal sealed class RecordingWriter : IDisposable
{
    private readonly FileStream _file;
    private readonly string _path;

    /// <summary>Creates the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="replaces">Whether an existing file is replaced.</param>
    /// <exception cref="BpfException">The file exists or cannot be created.</exception>
    internal RecordingWriter(string path, bool replaces)
    {
        _path = path;
        try
        {
            // Unbuffered: a reading that was written is in the file.
            _file = new FileStream(path, new FileStreamOptions { Mode = replaces ? FileMode.Create : FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BpfException(
                File.Exists(path) && !replaces ? $"{path} exists. Use --force to replace it." : $"{path} cannot be created: {exception.Message}", path, null, exception);
        }
    }

    /// <summary>The number of readings in the file.</summary>
    internal long Count { get; private set; }

    /// <summary>The number of bytes in the file.</summary>
    internal long Length { get; private set; }

    public void Dispose() => _file.Dispose();

    /// <summary>Adds a reading.</summary>
    /// <exception cref="BpfException">The file cannot be written, such as when the disk is full. What was written before is in it, and nothing of this reading.</exception>
    internal void Add(ReadOnlySpan<byte> reading)
    {
        try
        {
            byte[] line = [.. reading, (byte)'\n'];
            _file.Write(line);
            Count++;
            Length += line.Length;
        }
        catch (IOException exception)
        {
            TakeBack();
            throw new BpfException($"{_path} cannot be written: {exception.Message.TrimEnd('.')}. It has {Count} readings; nothing of them is lost.", _path, null, exception);
        }
    }

    // A part of the line may be in the file.
    private void TakeBack()
    {
        try
        {
            if (_file.CanSeek)
            {
                _file.SetLength(Length);
            }
        }
        catch (IOException)
        {
            // The reader ignores a last line without an end.
        }
    }
}
