namespace Hypermesh.Bpf.Monitoring.KernelCounters;

/// <summary>
/// A file of counters that has a line of names and a line of numbers for each protocol (<c>/proc/net/snmp</c>, <c>/proc/net/netstat</c>). It is that of the namespace in which it was opened.
/// </summary>
internal sealed class SnmpFile : IDisposable
{
    private readonly ProcFile _file;

    /// <summary>Opens a file of the calling thread's namespace.</summary>
    /// <param name="procFs">Where procfs is mounted.</param>
    /// <param name="name"><c>snmp</c> or <c>netstat</c>.</param>
    /// <exception cref="IOException">There is no such file.</exception>
    internal SnmpFile(string procFs, string name) => _file = new ProcFile(Path.Combine(procFs, "thread-self/net", name));

    public void Dispose() => _file.Dispose();

    /// <summary>Reads the whole file. The text is valid until the next call.</summary>
    internal ReadOnlySpan<byte> Read() => _file.Read();

    /// <summary>Returns a counter; 0 where the kernel does not have it.</summary>
    /// <param name="text">The text of the file.</param>
    /// <param name="protocol">The protocol, such as <c>Tcp</c>.</param>
    /// <param name="name">The counter, such as <c>ActiveOpens</c>.</param>
    internal static ulong Find(ReadOnlySpan<byte> text, ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> names = default;
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            if (!line.StartsWith(protocol) || line.Length <= protocol.Length || line[protocol.Length] != (byte)':')
            {
                continue;
            }

            if (!names.IsEmpty)
            {
                return Column(names, line, name);
            }

            names = line;
        }

        return 0;
    }

    private static ulong Column(ReadOnlySpan<byte> names, ReadOnlySpan<byte> values, ReadOnlySpan<byte> name)
    {
        while (!names.IsEmpty && !values.IsEmpty)
        {
            ReadOnlySpan<byte> oneName = Word(ref names), oneValue = Word(ref values);
            if (oneName.SequenceEqual(name))
            {
                return ProcFile.TryNumber(oneValue, out ulong value) ? value : 0;
            }
        }

        return 0;
    }

    private static ReadOnlySpan<byte> Word(ref ReadOnlySpan<byte> text)
    {
        int blank = text.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = blank < 0 ? text : text[..blank];
        text = blank < 0 ? default : text[(blank + 1)..];
        return word;
    }
}
