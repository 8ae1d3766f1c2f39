using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Relocation;
using Hypermesh.Bpf.Objects.Spec;
using Hypermesh.Bpf.Telemetry;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Loading.Externs;

/// <summary>Resolves what an object declares <c>extern</c> in the running kernel: options, addresses, variables and functions. A missing one is an error unless it is weak.</summary>
internal sealed class ExternResolver(IKernel kernel, BpfObjectSpec spec, RunningTypes running, ILogger logger)
{
    private readonly ResolvedExterns _resolved = new();

    /// <summary>Resolves all externs.</summary>
    /// <param name="overlay">Lines of configuration that override the kernel's own; null for none.</param>
    internal ResolvedExterns Resolve(string? overlay)
    {
        if (spec.KernelConfig is not null)
        {
            _resolved.KernelConfig = FillKernelConfig(overlay);
        }

        FindAddresses([.. spec.Externs.Where(static e => e.Kind == BpfExternKind.Address)]);
        foreach (BpfExternSpec typed in spec.Externs.Where(static e => e.IsTyped))
        {
            FindTyped(typed);
        }

        return _resolved;
    }

    private byte[] FillKernelConfig(string? overlay)
    {
        var values = new KernelConfigValues(spec);
        foreach (BpfExternSpec option in values.Missing.Where(static e => !KernelConfigValues.IsOption(e)).ToList())
        {
            values.Set(option, VirtualOptions.ValueOf(kernel, spec, option));
        }

        if (overlay is not null)
        {
            values.Take(overlay);
        }

        if (values.Missing.FirstOrDefault() is { } wanted)
        {
            values.Take(KernelConfigText.Read(kernel, spec, wanted));
        }

        return values.Missing.FirstOrDefault(static e => !e.IsWeak) is { } missing
            ? throw new BpfFeatureNotSupportedException(
                $"The option {missing.Name}", "a kernel whose configuration has it; or declare it __weak, or give it in BpfLoadOptions.KernelConfig", "open", null, Errno.ESRCH, spec.Name, missing.Name)
            : values.Image;
    }

    private void FindAddresses(List<BpfExternSpec> symbols)
    {
        if (symbols.Count == 0)
        {
            return;
        }

        IReadOnlyDictionary<string, ulong> found = KernelSymbols.Find(kernel, spec.Name, symbols.Select(static e => e.Name));
        foreach (BpfExternSpec symbol in symbols)
        {
            if (found.TryGetValue(symbol.Name, out ulong address))
            {
                _resolved.Add(symbol, new ResolvedExtern(address));
            }
            else
            {
                Miss(symbol, "among its symbols (/proc/kallsyms)");
            }
        }
    }

    private void FindTyped(BpfExternSpec symbol)
    {
        bool isFunction = symbol.Kind == BpfExternKind.Function;
        (int id, ModuleBtf? module) = running.Find(symbol.KernelName, isFunction ? BtfKind.Function : BtfKind.Variable);
        if (id == 0)
        {
            Miss(symbol, "in its BTF or that of a loaded module", running.ModulesRefused);
            return;
        }

        BtfTypes types = module?.Types ?? running.Kernel;
        if (!new ExternComparison(spec, symbol).Agrees(types, id))
        {
            string contradiction = $"{(isFunction ? "kernel function" : "kernel variable")} '{symbol.KernelName}' differs from the declaration in the C: "
                + $"'{BtfDeclaration.Of(spec.Btf!, symbol.TypeId)}' in {spec.Name}, '{BtfDeclaration.Of(types, id)}' in {module?.Name ?? "the kernel"}";
            if (!isFunction || !symbol.IsWeak)
            {
                throw new BpfException($"Object {spec.Name}: {contradiction}.", spec.Name, symbol.Name);
            }

            // Programs declare several flavours of a function whose prototype changed, and call the one that exists.
            _resolved.AddMissing(symbol, contradiction);
            return;
        }

        _resolved.Add(symbol, new ResolvedExtern(BtfId: id, Module: module, ModuleIndex: module is not null && isFunction ? _resolved.IndexOf(module, spec) : (short)0));
    }

    private void Miss(BpfExternSpec symbol, string where, BpfPermissionException? refused = null)
    {
        string what = symbol.Kind == BpfExternKind.Function ? "function" : symbol.Kind == BpfExternKind.Variable ? "variable" : "symbol";
        if (!symbol.IsWeak)
        {
            throw refused is not null
                ? ModuleRefusal.Of(refused, $"Kernel {what} '{symbol.KernelName}'", spec.Name, symbol.Name)
                : new BpfFeatureNotSupportedException(
                    $"The kernel {what} {symbol.KernelName}", $"a kernel that has it {where}; or declare it __weak and test it with bpf_ksym_exists()",
                    "BTF", null, symbol.IsTyped ? Errno.EINVAL : Errno.ESRCH, spec.Name, symbol.Name);
        }

        string unknown = refused is null ? "" : ", or at least not outside of modules, whose types need CAP_SYS_ADMIN";
        _resolved.AddMissing(symbol, $"it needs kernel {what} '{symbol.KernelName}', which the running kernel does not have{unknown}");
        logger.ExternMissing(symbol.Name, spec.Name, where, refused);
    }
}

/// <summary>The error for a symbol that may be in a module whose types this process cannot read: a permission error, not an absent feature.</summary>
internal static class ModuleRefusal
{
    internal static BpfPermissionException Of(BpfPermissionException refused, string what, string? objectName, string? subjectName) => new(
        $"{what} is not in the kernel's own BTF, and the types of the modules, which may have it, cannot be read: {refused.Message}",
        refused.Refused, refused.MissingCapability, refused.Advice, refused.Operation, refused.Command, refused.Errno, objectName, subjectName);
}

/// <summary>The options that are not in the kernel's configuration: the loader computes them.</summary>
internal static class VirtualOptions
{
    private const string Prefix = "LINUX_";

    private static readonly Dictionary<string, Func<IKernel, ulong>> s_known = new(StringComparer.Ordinal)
    {
        ["LINUX_KERNEL_VERSION"] = static kernel => KernelVersion.Code(kernel) is > 0 and uint code
            ? code
            : throw new BpfException("The kernel's version is not known: /proc is not mounted, or /proc/sys/kernel/osrelease has no release. Mount /proc.", null, "LINUX_KERNEL_VERSION"),
        ["LINUX_HAS_BPF_COOKIE"] = static kernel => Has(kernel, KernelFeatures.AttachCookie),
        ["LINUX_HAS_SYSCALL_WRAPPER"] = static kernel => Has(kernel, SyscallWrapper.Test),
    };

    /// <summary>Returns the value; 0 for an unknown option that is weak.</summary>
    internal static ulong ValueOf(IKernel kernel, BpfObjectSpec spec, BpfExternSpec option)
    {
        if (s_known.TryGetValue(option.Name, out Func<IKernel, ulong>? find))
        {
            return find(kernel);
        }

        return option.IsWeak && option.Name.StartsWith(Prefix, StringComparison.Ordinal)
            ? 0ul
            : throw new BpfException(
                $"Object {spec.Name}: '{option.Name}' is declared __kconfig, but is neither an option of the kernel (CONFIG_…) nor one of {string.Join(", ", s_known.Keys)}.", spec.Name, option.Name);
    }

    private static ulong Has(IKernel kernel, FeatureProbe feature) => feature.Check(kernel).State == BpfFeatureState.Supported ? 1ul : 0;
}
