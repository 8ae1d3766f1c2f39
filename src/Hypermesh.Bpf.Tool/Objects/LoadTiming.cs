namespace Hypermesh.Bpf.Tool.Objects;

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
