using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Loading;

namespace Hypermesh.Bpf.Tests.Kernel.Privileges;

/// <summary>What the rows do with the programs of <c>privileged.bpf.c</c>. None of it starts a thread.</summary>
internal static partial class Uses
{
    private const int GetPgid = 121;

    internal static NetworkDevice Loopback => NetworkDevice.FromName("lo");

    /// <summary>The object, loaded with one of its programs; with none for an empty name.</summary>
    internal static Privileged Load(string program)
    {
        Privileged.Spec spec = Privileged.Open();
        if (program.Length > 0)
        {
            spec.Object.Program(program).Enabled = true;
        }

        return spec.Load();
    }

    /// <summary>Loads, attaches and reads in one: all of it with what is stated.</summary>
    internal static Func<Prepared> Whole(string program, Action<Privileged> use) => () => new Prepared(() =>
    {
        using Privileged live = Load(program);
        use(live);
    });

    /// <summary>As <see cref="Whole(string, Action{Privileged})"/>, in a control group of the test's own.</summary>
    internal static Func<Prepared> WholeInGroup(string program, Action<Privileged, TestGroup> use) => () =>
    {
        var group = new TestGroup();
        return new Prepared(
            () =>
            {
                using Privileged live = Load(program);
                use(live, group);
            },
            group);
    };

    /// <summary>Uses what root has loaded.</summary>
    internal static Func<Prepared> Loaded(string program, Action<Privileged> use) => () =>
    {
        Privileged live = Load(program);
        return new Prepared(() => use(live), live);
    };

    /// <summary>As <see cref="Loaded"/>, in a control group of the test's own.</summary>
    internal static Func<Prepared> LoadedInGroup(string program, Action<Privileged, TestGroup> use) => () =>
    {
        var group = new TestGroup();
        Privileged live = Load(program);
        return new Prepared(() => use(live, group), live, group);
    };

    /// <summary>Uses what root has loaded and attached, and what has run.</summary>
    internal static Func<Prepared> Running(Action<Privileged> use) => () =>
    {
        Privileged live = Load("emit");
        live.Maps.Entries[1] = 1;
        live.Attach();
        Wait(() => live.Globals.Runs);
        return new Prepared(() => use(live), live);
    };

    internal static void Switch(Privileged live)
    {
        live.Attach();
        Wait(() => live.Maps.Counts[0]);
    }

    /// <summary>Attaches and calls getpgid, with the number of a process: for 0 no security hook is asked.</summary>
    internal static void Call(Privileged live)
    {
        live.Attach();
        LibC.Syscall(GetPgid, Environment.ProcessId, 0, 0, 0, 0);
        Assert.NotEqual(0ul, live.Maps.Counts[0]);
    }

    /// <summary>Attaches and calls a function of the C library.</summary>
    internal static void CallLibrary(Privileged live)
    {
        live.Attach();
        Assert.NotEqual(0, GetParent());
        Assert.NotEqual(0ul, live.Maps.Counts[0]);
    }

    /// <summary>Sends a datagram to itself.</summary>
    internal static void Send()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.SendTo([1], socket.LocalEndPoint!);
    }

    /// <summary>Sends one, which some program counts.</summary>
    internal static void SendCounted(Privileged live)
    {
        Send();
        Assert.NotEqual(0ul, live.Maps.Counts[0]);
    }

    private static void Wait(Func<ulong> count)
    {
        for (int i = 0; i < 60_000 && count() == 0; i++)
        {
            Thread.Sleep(1);
        }

        Assert.NotEqual(0ul, count());
    }

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParent();
}
