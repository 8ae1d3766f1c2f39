using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hypermesh.Bpf.Tool.Output;

/// <summary>
/// The output of a command: results on standard output as text or JSON, progress and errors on standard error. Colours are used only on a terminal, and not
/// where NO_COLOR is set. Text that is not this tool's own is escaped here (<see cref="TerminalLine"/>); JSON has its own escapes.
/// </summary>
internal sealed class Terminal
{
    private const string ClearLine = "\r\e[K";

    private static readonly JsonWriterOptions s_indented = new() { Indented = true };

    private readonly TextWriter _output;
    private readonly bool _progress;
    private TextWriter? _error;
    private bool _progressShown;

    internal Terminal(TextWriter output, TextWriter? error, bool json, bool colours, bool progress)
    {
        _output = output;
        Json = json;
        HasColours = colours && !json;
        _progress = progress;
        _error = error;
    }

    /// <summary>True when the result is written as JSON: no text is written.</summary>
    internal bool Json { get; }

    internal static Terminal Open(bool json)
    {
        // Written in blocks where the output is not a terminal: a list of ten thousand lines takes about ten writes.
        var output = new StreamWriter(new StandardOutput(), new UTF8Encoding(false)) { AutoFlush = !Console.IsOutputRedirected };
        return new Terminal(output, error: null, json, !Console.IsOutputRedirected && WantsColour(), !Console.IsErrorRedirected);
    }

    // The console's is made when something is written to it: most commands have nothing to complain of.
    private TextWriter Error => _error ??= Console.Error;

    /// <summary>True when <see cref="Painted"/> values are shown in their colours.</summary>
    internal bool HasColours { get; }

    /// <summary>Writes a line of the result, with its values escaped.</summary>
    internal void Line([InterpolatedStringHandlerArgument("")] ref TerminalLine line) => Write(line.Finish());

    /// <summary>Writes a line of the result that is one value.</summary>
    internal void Line(string text = "") => Write(TerminalLine.Escape(text));

    /// <summary>Writes a line of the result that is one value, in a colour.</summary>
    internal void Line(Painted value) => Line($"{value}");

    /// <summary>Writes the result as JSON, if that is requested.</summary>
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

    /// <summary>Writes one JSON text as a line, if JSON is requested.</summary>
    internal void JsonLine(ReadOnlySpan<byte> utf8)
    {
        EndProgress();
        if (Json)
        {
            _output.WriteLine(Encoding.UTF8.GetString(utf8));
            _output.Flush();
        }
    }

    /// <summary>Shows the current step in place of the previous one; only on a terminal.</summary>
    internal void Progress(string text)
    {
        if (_progress)
        {
            Error.Write(ClearLine + TerminalLine.Escape(text));
            _progressShown = true;
        }
    }

    /// <summary>Writes one line about an error.</summary>
    internal void Complain(string message)
    {
        EndProgress();
        Error.WriteLine("hmbpf: " + OneLine(message));
    }

    /// <summary>Writes several lines about an error, each escaped.</summary>
    internal void ComplainAtLength(string text)
    {
        EndProgress();
        if (text.Length == 0)
        {
            return;
        }

        foreach (string line in text.TrimEnd('\n').Split('\n'))
        {
            Error.WriteLine(TerminalLine.Escape(line));
        }
    }

    /// <summary>Returns a message as one line, escaped.</summary>
    internal static string OneLine(string text)
        => TerminalLine.Escape(string.Join(' ', text.Split(['\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));

    internal int Flush()
    {
        EndProgress();
        _output.Flush();
        return ExitCode.Success;
    }

    private void Write(string line)
    {
        EndProgress();
        if (!Json)
        {
            _output.WriteLine(line);
        }
    }

    // The progress line and the result may share a screen.
    private void EndProgress()
    {
        if (_progressShown)
        {
            Error.Write(ClearLine);
            _progressShown = false;
        }
    }

    private static bool WantsColour()
        => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") is not "dumb";
}

/// <summary>A value in a colour.</summary>
internal readonly record struct Painted(Colour Colour, string Text);

/// <summary>
/// A line of text for people. Its values may come from anywhere: a process chooses the name the kernel shows for it, and a file the names in it. Each value is therefore
/// escaped before it gets its colour, and only this tool's own text reaches the terminal unchanged.
/// </summary>
[InterpolatedStringHandler]
internal ref struct TerminalLine
{
    private readonly StringBuilder _text;
    private readonly bool _colours;

    internal TerminalLine(int literalLength, int formattedCount, Terminal terminal)
    {
        _text = new StringBuilder(literalLength + (formattedCount * 16));
        _colours = terminal.HasColours;
    }

    public readonly void AppendLiteral(string text) => _text.Append(text);

    public readonly void AppendFormatted(string? value) => _text.Append(Escape(value ?? ""));

    public readonly void AppendFormatted<T>(T value) => AppendFormatted(Convert.ToString(value, CultureInfo.InvariantCulture));

    public readonly void AppendFormatted<T>(T value, string format)
        where T : IFormattable
        => AppendFormatted(value.ToString(format, CultureInfo.InvariantCulture));

    public readonly void AppendFormatted(Painted value)
    {
        string text = Escape(value.Text);
        if (_colours && value.Colour != Colour.None && text.Length > 0)
        {
            _text.Append(CultureInfo.InvariantCulture, $"\e[{(int)value.Colour}m{text}\e[0m");
        }
        else
        {
            _text.Append(text);
        }
    }

    internal readonly string Finish() => _text.ToString();

    /// <summary>
    /// Escapes characters that a terminal interprets instead of showing, and those that change the order of the others: control characters (C0, DEL, C1), format characters
    /// (bidirectional marks, embeddings, overrides and isolates, invisible characters) and ends of lines.
    /// </summary>
    internal static string Escape(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0)
        {
            return text;
        }

        var escaped = new StringBuilder(text.Length + 16);
        foreach (Rune letter in text.EnumerateRunes())
        {
            switch (Rune.GetUnicodeCategory(letter))
            {
                case UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator:
                    escaped.Append(Escape(letter.Value));
                    break;
                default:
                    escaped.Append(letter.ToString());
                    break;
            }
        }

        return escaped.ToString();
    }

    private static string Escape(int letter) => letter switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        <= 0xff => string.Create(CultureInfo.InvariantCulture, $"\\x{letter:x2}"),
        <= 0xffff => string.Create(CultureInfo.InvariantCulture, $"\\u{letter:x4}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"\\U{letter:x8}"),
    };
}

/// <summary>The colours that are used, as ANSI numbers.</summary>
internal enum Colour
{
    None = 0,
    Bold = 1,
    Dim = 2,
    Red = 31,
    Green = 32,
    Yellow = 33,
}
