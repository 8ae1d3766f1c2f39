using System.Diagnostics;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tool.Objects;

/// <summary>Opens, loads and closes objects and measures the time of each part. The kernel's types are read once and kept, as in a process that loads many objects.</summary>
internal sealed class LoadTimer : IDisposable
{
    private readonly TimedKernel _kernel = new();
    private readonly BpfLoadOptions _options;
    private KernelBtf? _types;
    private bool _typesAsked;

    /// <summary>The values that were assumed because the last object does not state them.</summary>
    internal IReadOnlyList<string> Assumed { get; private set; } = [];

    internal LoadTimer() => _options = new BpfLoadOptions { Kernel = _kernel };

    /// <summary>Measures one object once.</summary>
    /// <exception cref="BpfException">It could not be opened or loaded.</exception>
    internal LoadTiming Load(string path)
    {
        TimeSpan kernelTypes = TakeKernelTypes();
        long start = Stopwatch.GetTimestamp();
        _kernel.Take();
        Assumed = [];
        BpfObjectSpec spec = ObjectFile.Read(path);
        Assumed = UnstatedSizes.Fill(spec);
        BpfObject.Load(spec, _options).Dispose();
        TimeSpan all = Stopwatch.GetElapsedTime(start);
        TimeSpan kernel = _kernel.Take();
        return new LoadTiming(kernelTypes, kernel, all - kernel);
    }

    public void Dispose() => _types?.Dispose();

    private TimeSpan TakeKernelTypes()
    {
        if (_typesAsked)
        {
            return TimeSpan.Zero;
        }

        _typesAsked = true;
        long start = Stopwatch.GetTimestamp();
        _types = KernelTypesInUse.Hold(_kernel);
        _types?.Types.Find("task_struct", Bpf.Objects.Btf.BtfKind.Struct);
        return Stopwatch.GetElapsedTime(start);
    }
}

/// <summary>The time for opening, loading and closing an object, by part.</summary>
/// <param name="KernelTypes">Reading the kernel's BTF; zero after the first object.</param>
/// <param name="Kernel">Within system calls.</param>
/// <param name="Own">The rest: reading the object, relocation, this process.</param>
internal readonly record struct LoadTiming(TimeSpan KernelTypes, TimeSpan Kernel, TimeSpan Own)
{
    internal TimeSpan Total => KernelTypes + Kernel + Own;

    public static LoadTiming operator +(LoadTiming a, LoadTiming b) => new(a.KernelTypes + b.KernelTypes, a.Kernel + b.Kernel, a.Own + b.Own);

    public static LoadTiming operator /(LoadTiming timing, int by) => new(timing.KernelTypes / by, timing.Kernel / by, timing.Own / by);
}
