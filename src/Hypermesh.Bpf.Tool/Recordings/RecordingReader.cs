using Hypermesh.Bpf.Tool.Monitors;

namespace Hypermesh.Bpf.Tool.Recordings;

/// <summary>A recording: a file with a reading on each line. The lines are found at the start and read when they are needed.</summary>
internal sealed class RecordingReader : IDisposable
{
    private const int LongestLine = 64 << 20;

    private readonly FileStream _file;
    private readonly string _path;
    private readonly List<(long Start, int Length)> _lines = [];

    /// <summary>Opens a recording.</summary>
    /// <exception cref="BpfException">It cannot be read, or has no reading.</exception>
    internal RecordingReader(string path)
    {
        _path = path;
        FileStream? file = null;
        try
        {
            _file = file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16);
            if (!_file.CanSeek)
            {
                throw new BpfException($"{path} is a pipe or a device: a recording is a file, because it can be moved in.", path, null);
            }

            FindLines();
            if (_lines.Count == 0)
            {
                throw new BpfException($"{path} has no readings: it is empty, or was ended in its first line.", path, null);
            }
        }
        catch (BpfException)
        {
            file?.Dispose();
            throw;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new BpfException(Directory.Exists(path) ? $"{path} is a directory, not a recording." : $"{path} cannot be read: {exception.Message}", path, null, exception);
        }
    }

    /// <summary>The number of readings.</summary>
    internal int Count => _lines.Count;

    /// <summary>True when the last line has no end: the recorder was ended while it wrote. It is not a reading.</summary>
    internal bool EndsInside { get; private set; }

    public void Dispose() => _file.Dispose();

    /// <summary>Reads one reading.</summary>
    /// <exception cref="BpfException">The line is not a reading.</exception>
    internal Snapshot Read(int index)
    {
        try
        {
            return SnapshotReader.Read(ReadLine(index));
        }
        catch (FormatException exception)
        {
            throw new BpfException($"{_path}, line {index + 1} cannot be shown: {exception.Message.TrimEnd('.')}.", _path, null, exception);
        }
    }

    /// <summary>Reads the text of one reading.</summary>
    /// <exception cref="BpfException">It is not there any more.</exception>
    internal byte[] ReadLine(int index)
    {
        (long start, int length) = _lines[index];
        byte[] line = new byte[length];
        try
        {
            _file.Position = start;
            _file.ReadExactly(line);
        }
        catch (IOException exception)
        {
            throw new BpfException($"{_path}, line {index + 1} cannot be read any more: {exception.Message}", _path, null, exception);
        }

        return line;
    }

    private void FindLines()
    {
        byte[] buffer = new byte[1 << 16];
        long start = 0, at = 0;
        for (int read; (read = _file.Read(buffer)) > 0;)
        {
            for (int i = 0; i < read; i++, at++)
            {
                if (buffer[i] == '\n')
                {
                    Add(start, at);
                    start = at + 1;
                }
            }

            if (at - start > LongestLine)
            {
                throw new BpfException($"{_path}, line {_lines.Count + 1} is longer than {LongestLine >> 20} MiB: it is not a recording.", _path, null);
            }
        }

        EndsInside = at > start;
    }

    private void Add(long start, long end)
    {
        if (end - start > LongestLine)
        {
            throw new BpfException($"{_path}, line {_lines.Count + 1} is longer than {LongestLine >> 20} MiB: it is not a recording.", _path, null);
        }

        if (end > start)
        {
            _lines.Add((start, (int)(end - start)));
        }
    }
}
