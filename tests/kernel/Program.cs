using Xunit.MicrosoftTestingPlatform;

namespace Hypermesh.Bpf.Tests.Kernel;

/// <summary>Runs the tests or, where a test started this process for one, a part of a test that takes a process of its own.</summary>
internal static class Program
{
    private static Task<int> Main(string[] arguments)
        => OwnProcess.IsCalled(arguments) ? Task.FromResult(OwnProcess.Run(arguments)) : TestPlatformTestFramework.RunAsync(arguments, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
}
