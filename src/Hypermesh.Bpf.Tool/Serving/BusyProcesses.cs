using System.Text.Json;
using Hypermesh.Bpf.Tool.Monitors;
using Microsoft.AspNetCore.Http;

namespace Hypermesh.Bpf.Tool.Serving;

/// <summary>The processes that used the CPU most since the previous sample. They are sampled only while a page asks, and stay on loopback.</summary>
internal sealed class BusyProcesses(string procFs)
{
    private const int Shown = 8;

    private readonly ProcessSampler _sampler = new(procFs);
    private readonly Lock _gate = new();

    internal Task AnswerAsync(HttpContext context)
    {
        ProcessesSnapshot? snapshot;
        lock (_gate)
        {
            snapshot = _sampler.Sample();
        }

        byte[] answer = Write(snapshot?.Processes.Take(Shown) ?? []);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        return context.Response.Body.WriteAsync(answer, 0, answer.Length, context.RequestAborted);
    }

    private static byte[] Write(IEnumerable<ProcessUse> processes)
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text))
        {
            ProcessesJson.Write(writer, processes);
        }

        return text.ToArray();
    }
}
