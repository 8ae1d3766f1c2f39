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
            PerfEventAttr attributes = source.Attributes;
            foreach (int number in PossibleCpus.Parse(online).Numbers.ToArray())
            {
                long opened = request.Kernel.PerfEventOpen(in attributes, target.Task, number);
                if (opened == -Errno.ENODEV && IsOffline(request.Kernel, number))
                {
                    // It went offline after the list was read, so there is nothing to sample.
                    continue;
                }

                bundle.Add(PerfEventLink.Open(request, program, PerfEvents.Own(request, opened), cookie));
            }

            return bundle;
        }
        catch (Exception reason)
        {
            Teardown.Undo(reason, bundle);
            throw;
        }
    }

    // ENODEV has other causes too; the present list says whether it was this one.
    private static bool IsOffline(IKernel kernel, int cpu) => kernel.TryReadText(OnlineCpus, out _) is { } online && PossibleCpus.Parse(online).SlotOf(cpu) < 0;
}
