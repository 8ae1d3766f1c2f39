namespace Hypermesh.Bpf;

/// <summary>A program that can be tried on a packet without being attached: XDP, traffic classifiers, socket filters, cgroup packet programs, lightweight tunnels.</summary>
public interface IBpfPacketTest
{
    /// <summary>The program's name.</summary>
    string Name { get; }
}
