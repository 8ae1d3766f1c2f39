// The tests count the process's descriptors and mappings: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
