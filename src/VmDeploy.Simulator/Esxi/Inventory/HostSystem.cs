using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi.Inventory;

/// <summary>A physical host.</summary>
[VimUnset("capability", "HostCapability")]
[VimUnset("config", "HostConfigInfo")]
[VimUnset("hardware", "HostHardwareInfo")]
[VimUnset("licensableResource", "HostLicensableResourceInfo")]
[VimUnset("precheckRemediationResult", "ApplyHostProfileConfigurationSpec")]
[VimUnset("systemResources", "HostSystemResourceInfo")]
[VimUnset("answerFileValidationState", "AnswerFileStatusResult")]
internal sealed class HostSystem(EsxiHost host, string id, ComputeResource owner, string name) : ManagedEntity(host, id, owner, name)
{
    public const int CpuCores = 16;
    public const int CpuMhz = 2400;
    public const long MemoryBytes = 256L << 30;

    private readonly DateTime _boot = DateTime.UtcNow.AddDays(-3);
    private readonly string _uuid = Guid.NewGuid().ToString();

    public List<Datastore> Datastores { get; } = [];

    public List<Network> Networks { get; } = [];

    /// <summary>The physical CD-ROM drives.</summary>
    public static IReadOnlyList<string> CdromDevices { get; } = ["/vmfs/devices/cdrom/mpx.vmhba32:C0:T0:L0"];

    public IEnumerable<VirtualMachine> Machines => Esx.All<VirtualMachine>().Where(vm => vm.RunsOn == this);

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> Datastore => References(Datastores);

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> Network => References(Networks);

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> Vm => References(Machines);

    [VimProperty("ManagedObjectReference")]
    public Mor DatastoreBrowser => Datastores[0].BrowserObject.Self;

    [VimProperty("HostConfigManager")]
    public DataObject ConfigManager => new("HostConfigManager");

    [VimProperty("HostRuntimeInfo")]
    public DataObject Runtime => new("HostRuntimeInfo")
    {
        ["connectionState"] = "connected",
        ["powerState"] = "poweredOn",
        ["inMaintenanceMode"] = false,
        ["bootTime"] = _boot,
        ["hostMaxVirtualDiskCapacity"] = 62L << 40,
    };

    [VimProperty("HostListSummary")]
    public DataObject Summary => new("HostListSummary")
    {
        ["host"] = Self,
        ["hardware"] = new DataObject("HostHardwareSummary")
        {
            ["vendor"] = "VmDeploy",
            ["model"] = "Simulated host",
            ["uuid"] = _uuid,
            ["memorySize"] = MemoryBytes,
            ["cpuModel"] = "Simulated CPU @ 2.40GHz",
            ["cpuMhz"] = CpuMhz,
            ["numCpuPkgs"] = 1,
            ["numCpuCores"] = CpuCores,
            ["numCpuThreads"] = CpuCores,
            ["numNics"] = 2,
            ["numHBAs"] = 2,
        },
        ["runtime"] = Runtime,
        ["config"] = new DataObject("HostConfigSummary")
        {
            ["name"] = Name,
            ["port"] = 443,
            ["product"] = About.OfHost(Esx),
            ["vmotionEnabled"] = false,
        },
        ["quickStats"] = new DataObject("HostListSummaryQuickStats")
        {
            ["overallCpuUsage"] = 120,
            ["overallMemoryUsage"] = (int)(MemoryInUse >> 20),
            ["uptime"] = (int)(DateTime.UtcNow - _boot).TotalSeconds,
        },
        ["overallStatus"] = "green",
        ["rebootRequired"] = false,
        ["managementServerIp"] = Esx.Options.ManagedBy,
    };

    /// <summary>Memory of the running VMs in bytes.</summary>
    public long MemoryInUse => Machines.Where(vm => vm.IsRunning).Sum(vm => vm.MemoryMB << 20);
}
