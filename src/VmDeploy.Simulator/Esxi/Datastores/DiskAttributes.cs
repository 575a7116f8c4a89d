namespace VmDeploy.Simulator.Esxi.Datastores;

/// <summary>What a datastore knows about a virtual disk.</summary>
/// <param name="CapacityKB">Virtual size in KiB.</param>
/// <param name="IsThin">Takes space when it is written.</param>
/// <param name="AdapterType">lsiLogic, busLogic or ide.</param>
internal sealed record DiskAttributes(long CapacityKB, bool IsThin, string AdapterType);
