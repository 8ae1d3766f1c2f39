using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hypermesh.Bpf.Tool.Output;

/// <summary>
/// Where a command writes: results to standard output as text or JSON, progress and complaints to standard error. Colours only on a terminal, and not
/// where NO_COLOR is set.
/// </summary>
internal sealed class Terminal
{
    private const string ClearLine = "\r\e[K";

    private static readonly JsonWriterOptions s_indented = new() { Indented = true };

    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly bool _colours;
    private readonly bool _progress;
    private bool _progressShown;

    internal Terminal(TextWriter output, TextWriter error, bool json, bool colours, bool progress)
    {
        _output = output;
        _error = error;
        Json = json;
        _colours = colours && !json;
        _progress = progress;
    }

    /// <summary>True when the result is wanted as JSON: text is then not written.</summary>
    internal bool Json { get; }

    internal static Terminal Open(bool json)
    {
        // Written in blocks where nobody looks on: a list of ten thousand lines is one of ten writes.
        var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = !Console.IsOutputRedirected };
        return new Terminal(output, Console.Error, json, !Console.IsOutputRedirected && WantsColour(), !Console.IsErrorRedirected);
    }

    /// <summary>A line of the result.</summary>
    internal void Line(string text = "")
    {
        EndProgress();
        if (!Json)
        {
            _output.WriteLine(text);
        }
    }

    /// <summary>Text of the result as it is, without an end of line.</summary>
    internal void Text(string text)
    {
        EndProgress();
        if (!Json)
        {
            _output.Write(text);
        }
    }

    /// <summary>The result as JSON, where that is wanted.</summary>
    internal void Result(JsonNode result)
    {
        EndProgress();
        if (!Json)
        {
            return;
        }

        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text, s_indented))
        {
            result.WriteTo(writer);
        }

        _output.WriteLine(Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length));
    }

    /// <summary>What is being done now, over what was shown before; only where somebody looks on.</summary>
    internal void Progress(string text)
    {
        if (_progress)
        {
            _error.Write(ClearLine + text);
            _progressShown = true;
        }
    }

    /// <summary>One line about something that went wrong.</summary>
    internal void Complain(string message)
    {
        EndProgress();
        _error.WriteLine("hmbpf: " + OneLine(message));
    }

    /// <summary>Many lines about something that went wrong. What they quote of an object moves no cursor.</summary>
    internal void ComplainAtLength(string text)
    {
        EndProgress();
        if (text.Length == 0)
        {
            return;
        }

        foreach (ReadOnlySpan<char> line in text.AsSpan().TrimEnd('\n').EnumerateLines())
        {
            _error.WriteLine(string.Concat(line.ToString().Select(static c => char.IsControl(c) && c != '\t' ? '\uFFFD' : c)));
        }
    }

    internal string Paint(Colour colour, string text) => _colours && colour != Colour.None && text.Length > 0 ? $"\e[{(int)colour}m{text}\e[0m" : text;

    internal int Flush()
    {
        EndProgress();
        _output.Flush();
        return ExitCode.Success;
    }

    // The progress line and the result may share a screen.
    private void EndProgress()
    {
        if (_progressShown)
        {
            _error.Write(ClearLine);
            _progressShown = false;
        }
    }

    private static bool WantsColour()
        => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") is not "dumb";

    private static string OneLine(string text) => string.Join(' ', text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
