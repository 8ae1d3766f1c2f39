using System.Text;
using Microsoft.Testing.Platform.Builder;
using Microsoft.Testing.Platform.Extensions;
using Microsoft.Testing.Platform.Extensions.Messages;

namespace Hypermesh.Bpf.Tests.Harness;

/// <summary>
/// Reports tests while they run: a line for each test that starts or ends, in the file that HYPERMESH_TEST_PROGRESS names. xunit writes its own report only at the
/// end, so a run that hangs or crashes would leave nothing. test.sh watches the file grow, and counts from it where a run was cut off.
/// </summary>
/// <remarks>
/// A line is <c>what TAB test TAB text</c>; what is <c>started</c>, <c>passed</c>, <c>failed</c>, <c>skipped</c>, <c>working</c> (a long test goes on) or <c>figure</c> (a result to
/// be quoted).
/// </remarks>
internal sealed class LiveReport : IDataConsumer
{
    private static readonly string? s_path = Environment.GetEnvironmentVariable("HYPERMESH_TEST_PROGRESS");
    private static readonly Lock s_gate = new();

    public string Uid => nameof(LiveReport);

    public string Version => "1";

    public string DisplayName => "Live report";

    public string Description => "Writes each test that starts or ends to a file";

    public Type[] DataTypesConsumed { get; } = [typeof(TestNodeUpdateMessage)];

    /// <summary>Called by the generated entry point.</summary>
    public static void AddExtensions(ITestApplicationBuilder builder, string[] _) => builder.TestHost.AddDataConsumer(static _ => new LiveReport());

    public Task<bool> IsEnabledAsync() => Task.FromResult(!string.IsNullOrEmpty(s_path));

    public Task ConsumeAsync(IDataProducer dataProducer, IData value, CancellationToken cancellationToken)
    {
        TestNode node = ((TestNodeUpdateMessage)value).TestNode;
        switch (node.Properties.SingleOrDefault<TestNodeStateProperty>())
        {
            case InProgressTestNodeStateProperty:
                Write("started", node.DisplayName, "");
                break;
            case PassedTestNodeStateProperty:
                Write("passed", node.DisplayName, node.Properties.SingleOrDefault<TimingProperty>() is { } timing ? $"{timing.GlobalTiming.Duration.TotalSeconds:F1} s" : "");
                break;
            case SkippedTestNodeStateProperty skipped:
                Write("skipped", node.DisplayName, skipped.Explanation);
                break;
            case FailedTestNodeStateProperty failed:
                Write("failed", node.DisplayName, failed.Exception?.Message ?? failed.Explanation);
                break;
            case ErrorTestNodeStateProperty error:
                Write("failed", node.DisplayName, error.Exception?.Message ?? error.Explanation);
                break;
            case TimeoutTestNodeStateProperty late:
                Write("failed", node.DisplayName, late.Explanation);
                break;
        }

        return Task.CompletedTask;
    }

    /// <summary>Writes a line. Each is flushed to the file at once, since what follows may kill the process.</summary>
    internal static void Write(string what, string test, string? text)
    {
        if (string.IsNullOrEmpty(s_path))
        {
            return;
        }

        lock (s_gate)
        {
            File.AppendAllText(s_path, $"{what}\t{OneLine(test)}\t{OneLine(text)}\n");
        }
    }

    private static string OneLine(string? text)
    {
        var line = new StringBuilder(text);
        for (int i = 0; i < line.Length; i++)
        {
            line[i] = line[i] < ' ' ? ' ' : line[i];
        }

        return line.ToString();
    }
}
