using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Files;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Files;

public sealed class FileMonitorPartsTests
{
    [Fact]
    public void The_calls_have_the_rows_of_the_program()
    {
        Assert.Equal(Enumerable.Range(0, FileCall.FirstRingRow), FileCall.All.Select(static call => call.Row));
        Assert.Equal((FileFigures.Rows * FileFigures.ResultCount) + 8, System.Runtime.CompilerServices.Unsafe.SizeOf<FileSkeleton.FileCounters>() / sizeof(ulong));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(2, "ENOENT")]
    [InlineData(40, "ELOOP")]
    [InlineData(77, "77")]
    [InlineData(127, "other")]
    public void Errors_have_a_name_or_their_number(int error, string? name) => Assert.Equal(name, FileNames.ErrorOf(error));

    [Fact]
    public void What_failed_is_all_but_what_has_no_error()
    {
        var figures = new FileFigures(FileOperation.Open, FileWay.SystemCall);
        figures.Add(0, 3);
        figures.Add(2, 4);
        Assert.Equal((7UL, 4UL, 4UL), (figures.Count, figures.Failed, figures.Results[2]));
        figures.Clear();
        Assert.Equal((0UL, 0UL, 0UL), (figures.Count, figures.Failed, figures.Results[2]));
    }
}
