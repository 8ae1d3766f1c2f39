namespace App;

internal static class WrongGroup
{
    internal static void Run()
    {
        using ControlGroup group = ControlGroup.Open("/tmp");
    }
}
