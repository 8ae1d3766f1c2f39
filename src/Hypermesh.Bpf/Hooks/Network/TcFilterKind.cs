namespace Hypermesh.Bpf;

/// <summary>What carries a program among a device's filters: the BPF classifier, or, for an action, the classifier that matches all.</summary>
internal sealed record TcFilterKind(string Name, Action<NetlinkMessage, int, string> Write)
{
    private const ushort Descriptor = 6;
    private const ushort ProgramName = 7;
    private const ushort Flags = 8;
    private const int DirectAction = 1;

    private const ushort MatchAllActions = 2;
    private const ushort FirstAction = 1;
    private const ushort ActionKind = 1;
    private const ushort ActionOptions = 2;
    private const ushort ActionParameters = 2;
    private const ushort ActionDescriptor = 5;
    private const ushort ActionName = 6;
    private const byte Pipe = 3;

    /// <summary><c>cls_bpf</c> in direct action: the program's answer is what happens to the packet (4.4).</summary>
    internal static TcFilterKind Classifier { get; } = new("bpf", static (message, program, name) => message
        .Add(Descriptor, program)
        .Add(ProgramName, name)
        .Add(Flags, DirectAction));

    /// <summary><c>act_bpf</c> behind <c>cls_matchall</c> (4.8).</summary>
    internal static TcFilterKind Action { get; } = new("matchall", static (message, program, name) => message
        .Nest(MatchAllActions, all => all
            .Nest(FirstAction, action => action
                .Add(ActionKind, "bpf")
                .Nest(ActionOptions, options => options
                    .Add(ActionParameters, [0, 0, 0, 0, 0, 0, 0, 0, Pipe, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
                    .Add(ActionDescriptor, program)
                    .Add(ActionName, name)))));
}
