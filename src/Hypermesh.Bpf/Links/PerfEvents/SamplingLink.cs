namespace Hypermesh.Bpf;

/// <summary>A program on events this SDK opens: one, or one for each CPU.</summary>
internal static class SamplingLink
{
    private const string OnlineCpus = "/sys/devices/system/cpu/online";

    internal static LinkResource Open(in LinkRequest request, int program, PerfEventSource source, PerfEventTarget target, ulong cookie)
    {
        if (target.CpuNumber is { } cpu)
        {
            return PerfEventLink.Open(request, program, PerfEvents.Open(request, source.Attributes, target.Task, cpu), cookie);
        }

        string online = request.Kernel.TryReadText(OnlineCpus, out long error) ?? throw request.Error($"open {OnlineCpus}", error);
        var bundle = new LinkBundle();
        try
        {
            foreach (int number in PossibleCpus.Parse(online).Numbers.ToArray())
            {
                bundle.Add(PerfEventLink.Open(request, program, PerfEvents.Open(request, source.Attributes, target.Task, number), cookie));
            }

            return bundle;
        }
        catch
        {
            bundle.Dispose();
            throw;
        }
    }
}
