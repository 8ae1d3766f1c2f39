using System.IO.Compression;
using Hypermesh.Bpf.Compilation.Profiling;
using Hypermesh.Bpf.Monitoring.Writers;

namespace Hypermesh.Bpf.Tool.Profiles;

/// <summary>Writes a profile as pprof reads it: <c>profile.proto</c> of google/pprof, compressed with gzip. Each function has one location.</summary>
internal sealed class PprofWriter
{
    // The numbers of the fields of profile.proto.
    private static class Field
    {
        internal const int SampleType = 1, Sample = 2, Location = 4, Function = 5, StringTable = 6, TimeNanos = 9, DurationNanos = 10;
        internal const int ValueTypeType = 1, ValueTypeUnit = 2;
        internal const int SampleLocation = 1, SampleValue = 2;
        internal const int Id = 1, LocationLine = 4, LineFunction = 1, FunctionName = 2;
    }

    private readonly ProtobufWriter _message = new();
    private readonly Dictionary<string, ulong> _strings = new(StringComparer.Ordinal) { [""] = 0 };
    private readonly List<string> _table = [""];
    private readonly Dictionary<string, ulong> _functions = new(StringComparer.Ordinal);

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file; an existing one is overwritten.</param>
    /// <param name="profile">The stacks.</param>
    /// <param name="options">What was profiled.</param>
    /// <param name="began">When.</param>
    /// <param name="length">For how long.</param>
    internal static void Write(string path, Profile profile, ProfileOptions options, DateTimeOffset began, TimeSpan length)
    {
        using FileStream file = File.Create(path);
        using var compressed = new GZipStream(file, CompressionLevel.Optimal);
        compressed.Write(new PprofWriter().Message(profile, options, began, length).Span);
    }

    internal ReadOnlyMemory<byte> Message(Profile profile, ProfileOptions options, DateTimeOffset began, TimeSpan length)
    {
        // The writer goes from the end to the beginning; what is numbered has to be numbered first.
        ulong[][] stacks = [.. profile.Stacks.Select(stack => (ulong[])[.. Frames(stack).Reverse().Select(FunctionOf)])];
        (string kind, string unit) = options.OffCpu ? ("offcpu", "nanoseconds") : ("samples", "count");
        (ulong kindAt, ulong unitAt) = (StringOf(kind), StringOf(unit));
        string[] functions = [.. _functions.OrderBy(static one => one.Value).Select(static one => one.Key)];

        _message.WriteNumber(Field.DurationNanos, (ulong)(length.Ticks * TimeSpan.NanosecondsPerTick));
        _message.WriteNumber(Field.TimeNanos, (ulong)((began - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick));
        for (int i = _table.Count - 1; i >= 0; i--)
        {
            _message.WriteString(Field.StringTable, _table[i]);
        }

        for (int i = functions.Length - 1; i >= 0; i--)
        {
            int end = _message.Length;
            _message.WriteNumber(Field.FunctionName, StringOf(functions[i]));
            _message.WriteNumber(Field.Id, (ulong)i + 1);
            _message.EndMessage(Field.Function, end);
        }

        for (int i = functions.Length - 1; i >= 0; i--)
        {
            int end = _message.Length;
            _message.WriteNumber(Field.LineFunction, (ulong)i + 1);
            _message.EndMessage(Field.LocationLine, end);
            _message.WriteNumber(Field.Id, (ulong)i + 1);
            _message.EndMessage(Field.Location, end);
        }

        for (int i = stacks.Length - 1; i >= 0; i--)
        {
            int end = _message.Length;
            _message.WriteNumber(Field.SampleValue, (ulong)profile.Stacks[i].Amount);
            foreach (ulong location in stacks[i].Reverse())
            {
                _message.WriteNumber(Field.SampleLocation, location);
            }

            _message.EndMessage(Field.Sample, end);
        }

        int typeEnd = _message.Length;
        _message.WriteNumber(Field.ValueTypeUnit, unitAt);
        _message.WriteNumber(Field.ValueTypeType, kindAt);
        _message.EndMessage(Field.SampleType, typeEnd);
        return _message.Written;
    }

    // The thread's name is the outermost frame, as in folded stacks.
    private static IEnumerable<string> Frames(ProfiledStack stack) => stack.Frames.Prepend(stack.Command);

    private ulong FunctionOf(string name)
    {
        if (!_functions.TryGetValue(name, out ulong id))
        {
            _ = StringOf(name);
            id = (ulong)_functions.Count + 1;
            _functions.Add(name, id);
        }

        return id;
    }

    private ulong StringOf(string text)
    {
        if (!_strings.TryGetValue(text, out ulong at))
        {
            at = (ulong)_table.Count;
            _table.Add(text);
            _strings.Add(text, at);
        }

        return at;
    }
}
