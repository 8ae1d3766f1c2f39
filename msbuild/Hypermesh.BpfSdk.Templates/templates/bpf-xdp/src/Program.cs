using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

ushort port = 0;
if (args is not ([_] or [_, "--drop", _]) || (args.Length == 3 && !ushort.TryParse(args[2], CultureInfo.InvariantCulture, out port)))
{
    Console.Error.WriteLine($"usage: {AppDomain.CurrentDomain.FriendlyName} DEVICE [--drop UDP_PORT]");
    return 2;
}

// Ctrl-C and SIGTERM end it normally: the program is detached from the device.
using var end = new CancellationTokenSource();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);

try
{
    using Packets packets = Packets.Open(spec => spec.Globals.DropPort = port).Load();
    packets.Programs.CountPackets.Attach(NetworkDevice.FromName(args[0]));
    Console.Error.WriteLine($"Counting on {args[0]}, Ctrl-C ends.");
    while (!end.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(1)))
    {
        for (int protocol = 0; protocol < packets.Maps.ByProtocol.MaxEntries; protocol++)
        {
            Packets.Traffic traffic = packets.Maps.ByProtocol[protocol].Sum();
            if (traffic.Packets > 0)
            {
                Console.WriteLine($"{(ProtocolType)protocol,-8} {traffic.Packets,10} packets {traffic.Bytes,14} bytes");
            }
        }

        Console.WriteLine();
    }

    return 0;
}
catch (Exception e) when (e is BpfException or PlatformNotSupportedException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    end.Cancel();
}
