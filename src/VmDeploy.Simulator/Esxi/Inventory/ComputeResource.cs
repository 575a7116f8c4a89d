using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi.Inventory;

/// <summary>A host, or a cluster of hosts, with its resource pools.</summary>
internal class ComputeResource : ManagedEntity
{
    private readonly EnvironmentBrowser _environment;

    public ComputeResource(EsxiHost host, string id, Folder owner, string name, string poolId)
        : base(host, id, owner, name)
    {
        Pool = host.Add(new ResourcePool(host, poolId, this, "Resources", this));
        _environment = host.Add(new EnvironmentBrowser(host, host.IsVCenter ? $"envbrowser-{host.NextNumber()}" : "ha-env-browser", this));
    }

    public ResourcePool Pool { get; }

    public List<HostSystem> Hosts { get; } = [];

    [VimProperty("ManagedObjectReference")]
    public Mor ResourcePool => Pool.Self;

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> Host => References(Hosts);

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> Datastore => References(Hosts.SelectMany(h => h.Datastores).Distinct());

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> Network => References(Hosts.SelectMany(h => h.Networks).Distinct());

    [VimProperty("ManagedObjectReference")]
    public Mor EnvironmentBrowser => _environment.Self;

    [VimProperty("ComputeResourceConfigInfo")]
    public DataObject ConfigurationEx => new("ComputeResourceConfigInfo") { ["vmSwapPlacement"] = "vmDirectory" };

    [VimProperty("ComputeResourceSummary")]
    public DataObject Summary => Summarize(new("ComputeResourceSummary"));

    public override IEnumerable<ManagedEntity> Children => [.. Hosts, Pool];

    protected DataObject Summarize(DataObject summary)
    {
        summary["totalCpu"] = Hosts.Count * HostSystem.CpuMhz * HostSystem.CpuCores;
        summary["totalMemory"] = Hosts.Count * HostSystem.MemoryBytes;
        summary["numCpuCores"] = Hosts.Count * HostSystem.CpuCores;
        summary["numCpuThreads"] = Hosts.Count * HostSystem.CpuCores;
        summary["effectiveCpu"] = Hosts.Count * HostSystem.CpuMhz * HostSystem.CpuCores;
        summary["effectiveMemory"] = Hosts.Count * (HostSystem.MemoryBytes >> 20);
        summary["numHosts"] = Hosts.Count;
        summary["numEffectiveHosts"] = Hosts.Count;
        summary["overallStatus"] = "green";
        return summary;
    }
}

/// <summary>A cluster.</summary>
[VimUnset("configuration", "ClusterConfigInfo")]
internal sealed class ClusterComputeResource(EsxiHost host, string id, Folder owner, string name, string poolId)
    : ComputeResource(host, id, owner, name, poolId)
{
    [VimProperty("ComputeResourceSummary")]
    public new DataObject Summary
    {
        get
        {
            var summary = Summarize(new("ClusterComputeResourceSummary"));
            summary["currentFailoverLevel"] = 0;
            summary["numVmotions"] = 0;
            return summary;
        }
    }
}
