using System.IO.Pipes;

namespace Hypermesh.Bpf.Benchmarks.Cost;

/// <summary>Threads that hand a byte to and fro through pipes: a context switch or two each time, as fast as they can.</summary>
internal sealed class SwitchLoad : IDisposable
{
    private readonly List<Thread> _threads = [];
    private readonly List<IDisposable> _pipes = [];
    private volatile bool _stop;

    internal SwitchLoad(int pairs)
    {
        for (int pair = 0; pair < pairs; pair++)
        {
            (AnonymousPipeServerStream thereOut, AnonymousPipeClientStream thereIn) = Pipe();
            (AnonymousPipeServerStream backOut, AnonymousPipeClientStream backIn) = Pipe();
            Start(() => Serve(thereOut, backIn));
            Start(() => Answer(thereIn, backOut));
        }
    }

    public void Dispose()
    {
        _stop = true;
        _threads.ForEach(static thread => thread.Join());
        _pipes.ForEach(static pipe => pipe.Dispose());
    }

    private void Serve(Stream there, Stream back)
    {
        while (!_stop)
        {
            there.WriteByte(1);
            back.ReadByte();
        }

        there.WriteByte(0);
    }

    private static void Answer(Stream there, Stream back)
    {
        while (there.ReadByte() == 1)
        {
            back.WriteByte(1);
        }
    }

    private (AnonymousPipeServerStream Out, AnonymousPipeClientStream In) Pipe()
    {
        var output = new AnonymousPipeServerStream(PipeDirection.Out);
        var input = new AnonymousPipeClientStream(PipeDirection.In, output.ClientSafePipeHandle);
        _pipes.Add(input);
        _pipes.Add(output);
        return (output, input);
    }

    private void Start(ThreadStart work)
    {
        var thread = new Thread(work) { IsBackground = true };
        thread.Start();
        _threads.Add(thread);
    }
}
