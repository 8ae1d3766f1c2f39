using System.Runtime.InteropServices;
using System.Text;

namespace Hypermesh.Bpf.Monitoring.Gpu;

/// <summary>A function of NVML failed.</summary>
internal sealed class NvmlException(string message) : BpfException(message);

/// <summary>
/// NVIDIA's management library, where the driver has installed it. It is looked for at run time and is not required: it is loaded by name, and its functions are called by
/// address. What a device does not support is null.
/// </summary>
internal sealed unsafe class Nvml : IDisposable
{
    /// <summary>The name under which the driver installs it.</summary>
    internal const string Library = "libnvidia-ml.so.1";

    private const int Success = 0;
    private const int UuidLength = 96;

    private readonly nint _library;
    private readonly string _name;
    private readonly delegate* unmanaged<int> _shutdown;
    private readonly delegate* unmanaged<nint, Rates*, int> _utilization;
    private readonly delegate* unmanaged<nint, Memory*, int> _memory;
    private readonly delegate* unmanaged<nint, int, uint*, int> _temperature;
    private readonly delegate* unmanaged<nint, uint*, int> _power;
    private readonly delegate* unmanaged<int, byte*> _errorText;
    private readonly nint[] _devices;
    private bool _disposed;

    private Nvml(string name, nint library)
    {
        _name = name;
        _library = library;
        _shutdown = (delegate* unmanaged<int>)Function("nvmlShutdown");
        _utilization = (delegate* unmanaged<nint, Rates*, int>)Function("nvmlDeviceGetUtilizationRates");
        _memory = (delegate* unmanaged<nint, Memory*, int>)Function("nvmlDeviceGetMemoryInfo");
        _temperature = (delegate* unmanaged<nint, int, uint*, int>)Function("nvmlDeviceGetTemperature");
        _power = (delegate* unmanaged<nint, uint*, int>)Function("nvmlDeviceGetPowerUsage");
        _errorText = (delegate* unmanaged<int, byte*>)Function("nvmlErrorString");
        Check("nvmlInit_v2", ((delegate* unmanaged<int>)Function("nvmlInit_v2"))());
        try
        {
            _devices = OpenDevices();
        }
        catch
        {
            _ = _shutdown();
            throw;
        }
    }

    /// <summary>The devices' IDs (<c>GPU-…</c>), which stay the same after a reboot.</summary>
    internal IReadOnlyList<string> Ids { get; private set; } = [];

    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _disposed, true))
        {
            _ = _shutdown();
            NativeLibrary.Free(_library);
        }
    }

    /// <summary>Loads the library; null where it is not installed or the driver does not answer, with the reason.</summary>
    internal static Nvml? TryOpen(string library, out string? reason)
    {
        reason = null;
        if (!NativeLibrary.TryLoad(library, out nint handle))
        {
            reason = $"{library} is not installed";
            return null;
        }

        try
        {
            return new Nvml(library, handle);
        }
        catch (NvmlException exception)
        {
            NativeLibrary.Free(handle);
            reason = exception.Message;
            return null;
        }
    }

    /// <summary>Reads a device; false when it does not answer at all, for it may have been removed.</summary>
    internal bool TryRead(int device, out GpuSample sample)
    {
        nint handle = _devices[device];
        sample = default;
        Rates rates;
        bool any = _utilization(handle, &rates) == Success;
        double? busy = any ? rates.Gpu / 100.0 : null;
        Memory memory;
        bool hasMemory = _memory(handle, &memory) == Success;
        uint celsius;
        bool hasTemperature = _temperature(handle, 0, &celsius) == Success;
        uint milliwatts;
        bool hasPower = _power(handle, &milliwatts) == Success;
        sample = new GpuSample(
            busy, hasMemory ? (long)memory.Used : null, hasMemory ? (long)memory.Total : null, hasTemperature ? celsius : null, hasPower ? milliwatts / 1000.0 : null);
        return any || hasMemory || hasTemperature || hasPower;
    }

    private nint[] OpenDevices()
    {
        uint count;
        Check("nvmlDeviceGetCount_v2", ((delegate* unmanaged<uint*, int>)Function("nvmlDeviceGetCount_v2"))(&count));
        var byIndex = (delegate* unmanaged<uint, nint*, int>)Function("nvmlDeviceGetHandleByIndex_v2");
        var uuid = (delegate* unmanaged<nint, byte*, uint, int>)Function("nvmlDeviceGetUUID");
        var devices = new List<nint>();
        var ids = new List<string>();
        byte* text = stackalloc byte[UuidLength];
        for (uint i = 0; i < count; i++)
        {
            nint device;

            // A device that this user may not open is left out.
            if (byIndex(i, &device) == Success && uuid(device, text, UuidLength) == Success)
            {
                devices.Add(device);
                ids.Add(Text(text));
            }
        }

        Ids = ids;
        return [.. devices];
    }

    private void* Function(string name)
        => NativeLibrary.TryGetExport(_library, name, out nint address) ? (void*)address : throw new NvmlException($"{_name} has no function {name}");

    private void Check(string function, int result)
    {
        if (result != Success)
        {
            throw new NvmlException($"{function} of {_name} failed: {Text(_errorText(result))}");
        }
    }

    private static string Text(byte* text) => text is null ? "unknown error" : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));

    /// <summary>nvmlUtilization_t, in percent.</summary>
    private struct Rates
    {
        internal uint Gpu;
        internal uint Memory;
    }

    /// <summary>nvmlMemory_t, in bytes.</summary>
    private struct Memory
    {
        internal ulong Total;
        internal ulong Free;
        internal ulong Used;
    }
}

/// <summary>What NVML says of a device at one moment; null for what it does not support.</summary>
internal readonly record struct GpuSample(double? Busy, long? MemoryUsed, long? MemoryTotal, double? Celsius, double? Watts);
