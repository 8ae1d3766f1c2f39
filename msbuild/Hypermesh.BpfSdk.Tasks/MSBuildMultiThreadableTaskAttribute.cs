namespace Microsoft.Build.Framework;

/// <summary>Marks a task that neither reads the current directory nor changes the environment, for a multithreaded MSBuild, which matches it by name only.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class MSBuildMultiThreadableTaskAttribute : Attribute;
