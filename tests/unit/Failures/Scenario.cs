namespace Hypermesh.Bpf.Tests.Unit.Failures;

/// <summary>A way to use an object: which of its programs are loaded, and what is done with it then.</summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Programs">The programs that are loaded.</param>
/// <param name="Use">What is done before the object is closed.</param>
internal sealed record Scenario(string Name, string[] Programs, Action<ScriptedKernel, BpfObject> Use)
{
    public override string ToString() => Name;
}
