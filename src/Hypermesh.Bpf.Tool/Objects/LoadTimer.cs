using System.Diagnostics;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tool.Objects;

/// <summary>Opens, loads and closes objects and says where the time went. The kernel's types are read once and kept, as they are in a process that loads many objects.</summary>
internal sealed class LoadTimer : IDisposable
{
    private readonly TimedKernel _kernel = new();
    private readonly BpfLoadOptions _options;
    private KernelBtf? _types;
    private bool _typesAsked;

    /// <summary>What was assumed because the last object does not state it.</summary>
    internal IReadOnlyList<string> Assumed { get; private set; } = [];

    internal LoadTimer() => _options = new BpfLoadOptions { Kernel = _kernel };

    /// <summary>One object, once.</summary>
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

/// <summary>Where the time of opening, loading and closing an object went.</summary>
/// <param name="KernelTypes">Making the kernel's BTF usable; nothing after the first object.</param>
/// <param name="Kernel">Within system calls.</param>
/// <param name="Own">All else: reading the object, relocating, this process.</param>
internal readonly record struct LoadTiming(TimeSpan KernelTypes, TimeSpan Kernel, TimeSpan Own)
{
    internal TimeSpan Total => KernelTypes + Kernel + Own;

    public static LoadTiming operator +(LoadTiming a, LoadTiming b) => new(a.KernelTypes + b.KernelTypes, a.Kernel + b.Kernel, a.Own + b.Own);

    public static LoadTiming operator /(LoadTiming timing, int by) => new(timing.KernelTypes / by, timing.Kernel / by, timing.Own / by);
}
