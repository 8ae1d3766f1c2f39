namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>One row of <see cref="MapClasses"/>.</summary>
/// <param name="Name">The class in the library.</param>
/// <param name="Arguments">Its type arguments.</param>
/// <param name="IsPerCpu">True when each CPU has its own value.</param>
internal sealed record MapClass(string Name, MapArguments Arguments, bool IsPerCpu = false);
