using System.Globalization;
using System.Runtime.CompilerServices;

namespace Hypermesh.Bpf;

/// <summary>
/// The CPUs that this kernel can have, from its own list: per-CPU values have one slot for each, online or not, however many processors
/// the process can use.
/// </summary>
public sealed class PossibleCpus
{
    private const string ListPath = "/sys/devices/system/cpu/possible";

    private static readonly ConditionalWeakTable<IKernel, PossibleCpus> s_known = [];

    private readonly int[] _numbers;
    private readonly int[] _slots;

    private PossibleCpus(int[] numbers)
    {
        _numbers = numbers;
        _slots = new int[numbers[^1] + 1];
        Array.Fill(_slots, -1);
        for (int slot = 0; slot < numbers.Length; slot++)
        {
            _slots[numbers[slot]] = slot;
        }
    }

    /// <summary>The possible CPUs of the running kernel, read once.</summary>
    /// <exception cref="BpfException">The kernel's list cannot be read.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static PossibleCpus Current => Of(LinuxKernel.Instance);

    /// <summary>The number of possible CPUs.</summary>
    public int Count => _numbers.Length;

    /// <summary>The numbers of the CPUs, ascending; there may be gaps.</summary>
    public ReadOnlySpan<int> Numbers => _numbers;

    internal static PossibleCpus Of(IKernel kernel) => s_known.GetValue(kernel, Read);

    /// <summary>Reads a list such as <c>0-3,6</c>.</summary>
    internal static PossibleCpus Parse(string list)
    {
        var numbers = new SortedSet<int>();
        foreach (string range in list.Trim().Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = range.Split('-');
            if (!int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int last)
                || ends.Length > 2 || last < first || last > 1 << 16)
            {
                throw new BpfException($"{ListPath} contains \"{list.Trim()}\", which is not a list of CPUs.");
            }

            numbers.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return numbers.Count > 0
            ? new PossibleCpus([.. numbers])
            : throw new BpfException($"{ListPath} names no CPU.");
    }

    /// <summary>The slot of a CPU's value, or -1 for a number that is not a possible CPU.</summary>
    internal int SlotOf(int cpu) => (uint)cpu < (uint)_slots.Length ? _slots[cpu] : -1;

    private static PossibleCpus Read(IKernel kernel)
        => Parse(kernel.TryReadText(ListPath, out long error)
            ?? throw new BpfException($"{ListPath} cannot be read ({Errno.Name((int)-error)}), and per-CPU maps need it: mount sysfs at /sys."));
}
