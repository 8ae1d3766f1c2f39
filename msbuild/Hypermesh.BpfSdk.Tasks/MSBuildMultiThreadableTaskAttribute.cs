namespace Microsoft.Build.Framework;

/// <summary>Tells a multithreaded MSBuild that a task neither reads the current directory nor changes the environment. Matched by name only.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class MSBuildMultiThreadableTaskAttribute : Attribute;
