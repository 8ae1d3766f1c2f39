using Xunit.Sdk;
using Xunit.v3;

// The tests count the process's descriptors and mappings: one at a time.
[assembly: Parallelization(Mode = ParallelMode.None)]
