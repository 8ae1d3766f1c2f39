namespace App;

internal static class TextAsObject
{
    internal static bool IsShell(in Packets.Event e) => object.Equals(e.Comm, "bash"); /*here*/
}
