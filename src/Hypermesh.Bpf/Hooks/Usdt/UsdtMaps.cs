using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects.Usdt;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Hooks.Usdt;

/// <summary>
/// The two maps of <c>usdt.bpf.h</c> in one object: from a spec ID to the spec of a probe's arguments; and, if the kernel does not support cookies (before 5.15), from a probe's
/// address to its spec ID. The object's attachments share the spec IDs, and free them.
/// </summary>
internal sealed unsafe class UsdtMaps
{
    private const string SpecsName = "__bpf_usdt_specs";
    private const string AddressesName = "__bpf_usdt_ip_to_spec_id";

    private static readonly ConditionalWeakTable<BpfMapHandle, UsdtMaps> s_known = [];

    private readonly BpfMapHandle _specs;
    private readonly BpfMapHandle _addresses;
    private readonly Lock _gate = new();
    private readonly Stack<int> _free = [];
    private int _next;

    private UsdtMaps(BpfMapHandle specs, BpfMapHandle addresses, UsdtSpec layout)
    {
        _specs = specs;
        _addresses = addresses;
        Layout = layout;
    }

    internal UsdtSpec Layout { get; }

    /// <summary>Returns the maps of the object that a program belongs to.</summary>
    /// <exception cref="BpfException">The object has no such maps, or their layout is not known.</exception>
    internal static UsdtMaps Of(in LinkRequest request, IReadOnlyDictionary<string, BpfMapHandle> maps)
    {
        if (!maps.TryGetValue(SpecsName, out BpfMapHandle? specs) || !maps.TryGetValue(AddressesName, out BpfMapHandle? addresses))
        {
            throw new BpfException(
                $"Program {request.ProgramName} cannot be attached to {request.Target}: its object has no maps for static probes; include <bpf/usdt.bpf.h> in the C.",
                request.ObjectName, request.ProgramName);
        }

        UsdtSpec layout = UsdtSpec.OfSize((uint)specs.ValueSize) ?? throw new BpfException(
            $"Program {request.ProgramName} cannot be attached to {request.Target}: its object was compiled with an unknown version of usdt.bpf.h ({SpecsName} has values of {specs.ValueSize} bytes); compile it with libbpf's current one.",
            request.ObjectName, request.ProgramName);
        return s_known.GetValue(specs, _ => new UsdtMaps(specs, addresses, layout));
    }

    /// <summary>Writes the spec of a probe's arguments into the map.</summary>
    /// <returns>The spec ID; disposing the returned value frees it.</returns>
    internal Entry Add(in LinkRequest request, byte[] spec)
    {
        int number = Take(request);
        fixed (byte* value = spec)
        {
            long result = MapCalls.Update(_specs, &number, value, UpdateMode.Any);
            if (result < 0)
            {
                Return(number);
                throw request.Error(BpfCommand.MapUpdateElement, result);
            }
        }

        return new Entry(this, number);
    }

    /// <summary>Writes the spec ID of the probe at an address.</summary>
    internal AddressEntry AddAddress(in LinkRequest request, ulong address, int number)
    {
        long result = MapCalls.Update(_addresses, &address, &number, UpdateMode.Add);
        return result == 0 ? new AddressEntry(this, address)
            : result == -Errno.EEXIST
                ? throw new BpfException($"Program {request.ProgramName} cannot be attached to {request.Target}: its object is already attached to the probe at 0x{address:x}, and this kernel (before 5.15) supports only one attachment: detach the other one first.", request.ObjectName, request.ProgramName)
                : throw request.Error(BpfCommand.MapUpdateElement, result);
    }

    private int Take(in LinkRequest request)
    {
        lock (_gate)
        {
            return _free.TryPop(out int free) ? free
                : _next < _specs.MaxEntries ? _next++
                : throw new BpfException(
                    $"Program {request.ProgramName} cannot be attached to {request.Target}: {SpecsName} has room for {_specs.MaxEntries} kinds of places; define BPF_USDT_MAX_SPEC_CNT before including usdt.bpf.h.",
                    request.ObjectName, request.ProgramName);
        }
    }

    private void Return(int number)
    {
        lock (_gate)
        {
            _free.Push(number);
        }
    }

    internal sealed class Entry(UsdtMaps maps, int number) : IDisposable
    {
        private bool _returned;

        internal int Number => number;

        // A spec ID that is freed twice would be given to two probes.
        public void Dispose()
        {
            if (!Interlocked.Exchange(ref _returned, true))
            {
                maps.Return(number);
            }
        }
    }

    internal sealed class AddressEntry(UsdtMaps maps, ulong address) : IDisposable
    {
        private bool _removed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _removed, true))
            {
                return;
            }

            ulong key = address;
            try
            {
                MapCalls.Delete(maps._addresses, &key);
            }
            catch (ObjectDisposedException)
            {
                // The map was closed first, and the entry is gone with it.
            }
        }
    }
}
