namespace Hypermesh.Bpf.Monitoring.Network;

/// <summary>An interface to which XDP and TC are attached, where they are free. A place that is taken is left alone, and the reason names its owner.</summary>
internal sealed class AttachedInterface
{
    private readonly MonitorHook _receiveHook;
    private readonly MonitorHook _transmitHook;

    private AttachedInterface(string name, MonitorHook receiveHook, MonitorHook transmitHook)
    {
        Name = name;
        _receiveHook = receiveHook;
        _transmitHook = transmitHook;
    }

    internal string Name { get; }

    /// <summary>The kernel's index; 0 when there is no such interface.</summary>
    internal int Index { get; private set; }

    /// <summary>True when the driver runs the program, so that packets are counted before GRO.</summary>
    internal bool IsNative { get; private set; }

    internal bool CountsReceived => _receiveHook.Source is not null && Index > 0;

    internal bool CountsTransmitted => _transmitHook.Source is not null && Index > 0;

    internal DirectionTotals LastReceived { get; } = new();

    internal DirectionTotals LastTransmitted { get; } = new();

    /// <summary>The name of the hook of received packets.</summary>
    internal static string ReceiveHook(string name) => "xdp " + name;

    /// <summary>The name of the hook of transmitted packets.</summary>
    internal static string TransmitHook(string name) => "tcx egress " + name;

    /// <summary>Attaches the programs that were loaded.</summary>
    internal static AttachedInterface Attach(string name, NetworkSkeleton programs, IReadOnlyList<MonitorHook> hooks)
    {
        var attached = new AttachedInterface(name, hooks.First(hook => hook.Name == ReceiveHook(name)), hooks.First(hook => hook.Name == TransmitHook(name)));
        NetworkDevice device;
        try
        {
            device = NetworkDevice.FromName(name);
        }
        catch (BpfException exception)
        {
            attached._receiveHook.Refuse(exception.Message);
            attached._transmitHook.Refuse(exception.Message);
            return attached;
        }

        attached.Index = device.Index;
        programs.Maps.Hooked.TryAdd((uint)device.Index, PerCpu<NetworkSkeleton.HookedTraffic>.Allocate());
        Try(attached._receiveHook, () => attached.AttachXdp(device, programs));
        Try(attached._transmitHook, () => AttachTcx(device, programs));
        return attached;
    }

    /// <summary>Records what each hook counted, and what the kernel did.</summary>
    internal void Observe(ulong received, ulong? expectedReceived, ulong transmitted, ulong? expectedTransmitted)
    {
        _receiveHook.Observe(received, expectedReceived);
        _transmitHook.Observe(transmitted, expectedTransmitted);
    }

    private static void Try(MonitorHook hook, Func<string?> attach)
    {
        if (hook.Source is null)
        {
            return;
        }

        try
        {
            if (attach() is { } reason)
            {
                hook.Refuse(reason);
            }
        }
        catch (BpfException exception)
        {
            hook.Refuse(exception.Message);
        }
    }

    private string? AttachXdp(NetworkDevice device, NetworkSkeleton programs)
    {
        BpfXdpProgram program = programs.Programs.NetworkXdpFrags.IsLoaded ? programs.Programs.NetworkXdpFrags : programs.Programs.NetworkXdp;
        if (device.QueryXdp() is [{ ProgramId: var owner }, ..] && owner != program.Id)
        {
            return $"XDP of {device.Name} is taken by {Owner(owner)}";
        }

        BpfProgramLink link = program.Attach(device);
        try
        {
            IsNative = device.QueryXdp() is [{ Mode: XdpMode.Native or XdpMode.Offload }, ..];
        }
        catch
        {
            link.Dispose();
            throw;
        }

        return null;
    }

    private static string? AttachTcx(NetworkDevice device, NetworkSkeleton programs)
    {
        if (device.QueryTcx(PacketDirection.Egress).Programs is [{ ProgramId: var owner }, ..] && owner != programs.Programs.NetworkEgress.Id)
        {
            return $"TC egress of {device.Name} is taken by {Owner(owner)}";
        }

        if (device.QueryFilters(PacketDirection.Egress) is [{ ProgramId: var filter }, ..])
        {
            return $"TC egress of {device.Name} is taken by {Owner(filter)}";
        }

        programs.Programs.NetworkEgress.Attach(device);
        return null;
    }

    private static string Owner(uint id)
    {
        try
        {
            using BpfOpenedProgram program = BpfOpenedProgram.OpenId(id);
            return $"program {program.GetInfo().Name} (id {id})";
        }
        catch (BpfException)
        {
            return $"program {id}";
        }
    }
}
