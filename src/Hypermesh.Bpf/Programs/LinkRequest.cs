using System.Collections.Concurrent;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Features;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Programs;

/// <summary>A program and its target, for error messages. <paramref name="Needs"/> is what loading and attaching require together.</summary>
internal readonly record struct LinkRequest(IKernel Kernel, string ProgramName, string? ObjectName, string Target, Capabilities Needs, ILogger Logger)
{
    /// <summary>The exception for a command of bpf(2). To attach a loaded program, the kernel requires only CAP_BPF before 5.19, and no capability from 5.19 on.</summary>
    /// <param name="command">The command.</param>
    /// <param name="result">Its result: the negative errno.</param>
    /// <param name="feature">The feature that the command requires.</param>
    /// <param name="detail">What else is known about the reason.</param>
    /// <param name="asks">The capabilities that it requires instead.</param>
    internal BpfSyscallException Error(BpfCommand command, long result, FeatureProbe? feature = null, string? detail = null, Capabilities asks = Capabilities.Bpf)
        => FeatureErrors.Of(Kernel, command, result, $"Attaching program {ProgramName} to {Target}", asks, ObjectName, ProgramName, feature, detail);

    /// <summary>The exception for another system call, none of which requires CAP_BPF.</summary>
    /// <param name="operation">The call.</param>
    /// <param name="result">Its result: the negative errno.</param>
    /// <param name="detail">What else is known about the reason.</param>
    /// <param name="asks">The capabilities that it requires; by default those for attaching.</param>
    internal BpfSyscallException Error(string operation, long result, string? detail = null, Capabilities? asks = null)
        => KernelErrors.Of(Kernel, operation, result, $"Attaching program {ProgramName} to {Target}", asks ?? Needs & ~Capabilities.Bpf, ObjectName, ProgramName, detail);

    internal BpfFeatureNotSupportedException Absent(string feature, string needs, string operation, int errno)
        => new(feature, needs, operation, null, errno, ObjectName, ProgramName);
}

/// <summary>
/// Attachments of this process that outlive it: detaching them requires a capability, which must not be dropped before. By resource, with the
/// program and its target as text.
/// </summary>
internal static class LastingAttachments
{
    private static readonly ConcurrentDictionary<LinkResource, (string What, Capabilities Needs)> s_all = new();

    internal static ICollection<(string What, Capabilities Needs)> All => s_all.Values;

    /// <summary>Records an attachment, and returns it.</summary>
    internal static TResource Note<TResource>(TResource resource, in LinkRequest request)
        where TResource : LinkResource
    {
        s_all[resource] = ($"program {request.ProgramName} from {request.Target}", Capabilities.NetAdmin);
        return resource;
    }

    internal static void Forget(LinkResource resource) => s_all.TryRemove(resource, out _);
}
