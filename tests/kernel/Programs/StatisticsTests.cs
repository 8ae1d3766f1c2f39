namespace Hypermesh.Bpf.Tests.Kernel.Programs;

/// <summary>Statistics of programs.</summary>
public sealed class StatisticsTests : SwitchTest
{
    [Fact]
    public void Statistics_count_runs()
    {
        using (BpfStatistics.Enable())
        {
            var program = new BpfTracingProgram(TypedDescriptor());
            Own(new Unload(program));
            program.Attach();
            Switch();
            BpfProgramInfo info = program.GetInfo();
            Assert.True(info.RunCount > 0);
            Assert.True(info.RunTimeNs > 0);
            Assert.Equal(16, info.Tag.Length);
            Assert.True(info.LoadTime > TimeSpan.Zero);
        }
    }
}
