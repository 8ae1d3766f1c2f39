using Hypermesh.Bpf.Tests.Kernel.Handover;

// The part of the agent that the test asks for.
switch (args)
{
    case [nameof(Agent.Read)]:
        Agent.Read();
        break;
    case [nameof(Agent.Cycle)]:
        Agent.Cycle();
        break;
    default:
        Console.Error.WriteLine($"handed-agent: {nameof(Agent.Read)} or {nameof(Agent.Cycle)}");
        return 2;
}

return 0;
