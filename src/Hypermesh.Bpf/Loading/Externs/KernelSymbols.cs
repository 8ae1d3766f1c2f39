using System.Text;
using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.Loading.Externs;

/// <summary>Addresses of kernel symbols, from <c>/proc/kallsyms</c>; zeroes if the kernel hides them from this process.</summary>
internal sealed class KernelSymbols
{
    private readonly List<(string Name, byte[] Bytes)> _wanted;
    private readonly Dictionary<string, ulong> _found = new(StringComparer.Ordinal);
    private readonly string _objectName;
    private bool _isHidden = true;

    private KernelSymbols(string objectName, IEnumerable<string> names)
    {
        _objectName = objectName;
        _wanted = [.. names.Select(static name => (name, Encoding.UTF8.GetBytes(name)))];
    }

    /// <summary>Returns the address of each name that the kernel has.</summary>
    /// <exception cref="BpfPermissionException">A symbol exists, but its address is hidden.</exception>
    /// <exception cref="BpfException">A name has several addresses.</exception>
    internal static IReadOnlyDictionary<string, ulong> Find(IKernel kernel, string objectName, IEnumerable<string> names)
    {
        var symbols = new KernelSymbols(objectName, names);
        if (!kernel.TryReadLines(KernelSymbol.Path, symbols.Take, out long error))
        {
            throw KernelErrors.Of(kernel, "open", error, $"Reading {KernelSymbol.Path}", Capabilities.Syslog, objectName);
        }

        // A symbol can have the address 0 (per-CPU variables do): addresses are hidden only if all of them are 0.
        return symbols._isHidden && symbols._found.Keys.FirstOrDefault() is { } hidden
            ? throw Hidden(kernel, objectName, hidden)
            : symbols._found;
    }

    private void Take(ReadOnlySpan<byte> line)
    {
        if (!KernelSymbol.TryRead(line, out KernelSymbol symbol))
        {
            return;
        }

        _isHidden &= symbol.Address == 0;
        ReadOnlySpan<byte> name = symbol.Name;
        // Link-time optimisation adds a suffix to the names of symbols that it makes local; like libbpf, accept it for data.
        int suffix = symbol.Kind == 'd' ? name.IndexOf(".llvm."u8) : -1;
        name = suffix < 0 ? name : name[..suffix];
        foreach ((string wanted, byte[] bytes) in _wanted)
        {
            if (name.SequenceEqual(bytes))
            {
                Add(wanted, symbol.Address);
            }
        }
    }

    private void Add(string name, ulong address)
    {
        if (!_found.TryAdd(name, address) && _found[name] != address)
        {
            throw new BpfException($"Object {_objectName}: the kernel has several symbols '{name}' (0x{_found[name]:x}, 0x{address:x}), and the extern does not say which one is meant. Use another symbol.", _objectName, name);
        }
    }

    private static BpfPermissionException Hidden(IKernel kernel, string objectName, string symbol)
    {
        const string Advice = "The kernel hides the addresses of its symbols from this process: it needs CAP_SYSLOG, and kernel.kptr_restrict must not be 2.";
        bool lacks = ProcessPrivileges.Read(kernel).Missing(Capabilities.Syslog) != Capabilities.None;
        return new BpfPermissionException(
            $"The address of kernel symbol {symbol} cannot be read for {objectName}. {Advice}",
            lacks ? BpfRefusal.Capability : BpfRefusal.KernelPolicy, lacks ? "CAP_SYSLOG" : null, Advice, "read", null, Errno.EPERM, objectName, symbol);
    }
}
