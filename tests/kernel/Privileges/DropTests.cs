namespace Hypermesh.Bpf.Tests.Kernel.Privileges;

/// <summary>Giving up the capabilities of a whole process, each time in a process of its own: there is no way back.</summary>
public sealed class DropTests : KernelTest
{
    private static readonly string[] s_service = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all,+bpf,+perfmon", "--ambient-caps=-all,+bpf,+perfmon"];

    [Fact]
    public void Root_keeps_what_is_open() => Passes(DroppedProcess.Root_keeps_what_is_open);

    [Fact]
    public void The_kept_capabilities_stay() => Passes(DroppedProcess.The_kept_capabilities_stay);

    [Fact]
    public void Capabilities_are_dropped_one_by_one_while_threads_come_and_go() => Passes(DroppedProcess.Capabilities_are_dropped_one_by_one_while_threads_come_and_go);

    [Fact]
    public void A_program_that_could_not_be_detached_is_reported() => Passes(DroppedProcess.A_program_that_could_not_be_detached_is_reported);

    [Fact]
    public void A_service_keeps_what_is_open() => InFolder(folder =>
    {
        // A service may not look into the folder the tests run from.
        string tests = Path.Combine(folder, "tests");
        Sandbox.Shell($"cp -r {AppContext.BaseDirectory} {tests} && chmod -R a+rwX {folder}");
        return OwnProcess.Start(DroppedProcess.A_service_keeps_what_is_open, folder, s_service, tests);
    });

    private static void Passes(Action part) => InFolder(folder => OwnProcess.Start(part, folder));

    private static void InFolder(Func<string, (int Code, string Output)> start)
    {
        string folder = Directory.CreateTempSubdirectory("hypermesh-drop-").FullName;
        try
        {
            (int code, string output) = start(folder);
            Assert.True(code == 0, output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
