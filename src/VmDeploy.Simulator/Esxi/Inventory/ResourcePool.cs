using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Import;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi.Inventory;

/// <summary>A resource pool.</summary>
[VimUnset("childConfiguration", "ResourceConfigSpec*")]
[VimUnset("namespace", "string")]
internal class ResourcePool(EsxiHost host, string id, ManagedEntity parent, string name, ComputeResource compute)
    : ManagedEntity(host, id, parent, name)
{
    private readonly List<ResourcePool> _pools = [];

    public ComputeResource Compute => compute;

    public IEnumerable<VirtualMachine> Machines => Esx.All<VirtualMachine>().Where(vm => vm.Pool == this);

    [VimProperty("ManagedObjectReference")]
    public Mor Owner => compute.Self;

    [VimProperty("ManagedObjectReference*", Name = "resourcePool")]
    public IEnumerable<Mor> Pools => References(_pools);

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> Vm => References(Machines);

    [VimProperty("ResourceConfigSpec")]
    public DataObject Config => new("ResourceConfigSpec")
    {
        ["entity"] = Self,
        ["cpuAllocation"] = Unlimited(),
        ["memoryAllocation"] = Unlimited(),
    };

    [VimProperty("ResourcePoolRuntimeInfo")]
    public DataObject Runtime => new("ResourcePoolRuntimeInfo")
    {
        ["memory"] = Usage(HostSystem.MemoryBytes),
        ["cpu"] = Usage(HostSystem.CpuMhz * HostSystem.CpuCores),
        ["overallStatus"] = "green",
    };

    [VimProperty("ResourcePoolSummary")]
    public DataObject Summary => new("ResourcePoolSummary") { ["name"] = Name, ["config"] = Config, ["runtime"] = Runtime };

    public override IEnumerable<ManagedEntity> Children => _pools;

    [VimMethod(Writes = true)]
    public object ImportVApp(VimCall call) => HttpNfcLease.Open(this, call).Self;

    [VimMethod(Writes = true)]
    public object CreateResourcePool(VimCall call) => Make(call.Arguments.Text("name")!).Self;

    /// <summary>Creates a pool in it.</summary>
    public ResourcePool Make(string name) =>
        Take(Esx.Add(new ResourcePool(Esx, $"{(Esx.IsVCenter ? "resgroup-" : "pool")}{Esx.NextNumber()}", this, name, compute)));

    public ResourcePool Take(ResourcePool pool)
    {
        _pools.Add(pool);
        Changed();
        return pool;
    }

    public void Drop(ResourcePool pool)
    {
        _pools.Remove(pool);
        Changed();
    }

    public static DataObject Unlimited() => new("ResourceAllocationInfo")
    {
        ["reservation"] = 0L,
        ["expandableReservation"] = true,
        ["limit"] = -1L,
        ["shares"] = new DataObject("SharesInfo") { ["shares"] = 4000, ["level"] = "normal" },
    };

    private static DataObject Usage(long max) => new("ResourcePoolResourceUsage")
    {
        ["reservationUsed"] = 0L,
        ["reservationUsedForVm"] = 0L,
        ["unreservedForPool"] = max,
        ["unreservedForVm"] = max,
        ["overallUsage"] = 0L,
        ["maxUsage"] = max,
    };
}
