using Hypermesh.Bpf.Hooks.UProbes;

namespace Hypermesh.Bpf.Tests.Unit.Hooks.UProbes;

/// <summary>Which kernels ask for the administrator when a user probe is attached.</summary>
public sealed class UProbePrivilegesTests
{
    [Theory]
    [InlineData(5, 10, 239, false)]
    [InlineData(5, 10, 240, true)]
    [InlineData(6, 1, 145, false)]
    [InlineData(6, 1, 255, true)]
    [InlineData(6, 12, 38, false)]
    [InlineData(6, 12, 39, true)]
    [InlineData(6, 13, 12, false)]
    [InlineData(6, 16, 0, true)]
    [InlineData(7, 2, 0, true)]
    public void Uprobes_need_CAP_SYS_ADMIN_since_the_summer_of_2025(uint major, uint minor, uint patch, bool isAdministrators)
        => Assert.Equal(isAdministrators, UProbePrivileges.AsksForAdministrator((major << 16) + (minor << 8) + patch));
}
