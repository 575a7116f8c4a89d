using System.Text.RegularExpressions;
using VmDeploy.Ova;
using VmDeploy.Simulator;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vsphere;
using VmDeploy.Tests.Xapi;
using VmDeploy.Xapi;
using Xunit;

namespace VmDeploy.Tests.VApp;

/// <summary>One of the simulators, with what the tests of vApps need of it.</summary>
internal sealed class VAppHost : IAsyncDisposable
{
    private readonly SimulatedHost? _vsphere;
    private readonly SimulatedXenServer? _xen;

    private VAppHost(SimulatedHost? vsphere, SimulatedXenServer? xen) => (_vsphere, _xen) = (vsphere, xen);

    public static TheoryData<HypervisorKind> All => [HypervisorKind.Esxi, HypervisorKind.VCenter, HypervisorKind.XenServer];

    public VmSession Session => _vsphere?.Session ?? _xen!.Session;

    public EsxiSimulator Vsphere => _vsphere!.Simulator;

    public XapiSimulator Xen => _xen!.Simulator;

    public TransferGate Transfers => _vsphere?.Simulator.Transfers ?? Xen.Transfers;

    public Dictionary<string, VmDeployException> Failures => _vsphere?.Failures ?? _xen!.Failures;

    public long BytesUploaded => _vsphere?.Simulator.BytesUploaded ?? _xen!.Simulator.BytesUploaded;

    public IReadOnlyList<string> VmNames => _vsphere is not null ? [.. Vsphere.Vms.Select(vm => vm.Name)] : [.. Xen.Vms.Select(vm => vm.Name)];

    /// <summary>The networks of a host that the machines use.</summary>
    public IReadOnlyDictionary<string, string> NetworkMap =>
        new Dictionary<string, string> { ["*"] = _vsphere is not null ? "VM Network" : SimulatedXenServer.Network };

    /// <summary>The names of the VMs in the order in which the host was asked to power them on.</summary>
    public async Task<IReadOnlyList<string>> PowerOnsAsync()
    {
        if (_vsphere is not null)
        {
            return [.. Vsphere.Requests.Where(request => request.Method == "PowerOnVM_Task").Select(request => Regex.Match(request.Xml, "_this[^>]*>([^<]+)<").Groups[1].Value)
                .Select(id => Vsphere.Vms.Single(vm => vm.Id == id).Name)];
        }
        var names = new List<string>();
        foreach (var call in Xen.Calls.Where(call => call.Method is "VM.start" or "Async.VM.start").ToList())
            names.Add((await ((XapiSession)Session).Client.RecordAsync("VM", (string)call.Arguments[1], CancellationToken.None)).Name);
        return names;
    }

    public static async Task<VAppHost> StartAsync(HypervisorKind kind, bool hasTools = false) => kind == HypervisorKind.XenServer
        ? new VAppHost(null, await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { Guest = _ => hasTools ? XapiGuest.WithTools : XapiGuest.NoTools }))
        : new VAppHost(await SimulatedHost.StartAsync(new EsxiSimulatorOptions
        {
            Mode = kind == HypervisorKind.Esxi ? EsxiMode.Esxi : EsxiMode.VCenter,
            Guest = _ => hasTools ? GuestBehavior.WithTools : GuestBehavior.NoTools,
        }), null);

    /// <summary>A request for the machines of a package that fits all simulators.</summary>
    public VAppRequest Request(string path) => new(new OvaImportRequest(path)
    {
        Datacenter = Session.Hypervisor == HypervisorKind.VCenter ? "ha-datacenter" : null,
        HostName = Session.Hypervisor == HypervisorKind.VCenter ? "localhost.localdomain" : null,
        Datastore = _vsphere is not null ? "datastore1" : null,
        Hardware = new() { NetworkMap = NetworkMap },
    });

    public Task<IReadOnlyList<Vm>> RunAsync(IDeploymentPlan plan, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default) =>
        _vsphere?.RunAsync(plan, progress, cancellationToken) ?? _xen!.RunAsync(plan, progress, cancellationToken);

    public async Task<IReadOnlyList<Vm>> ImportAsync(VAppRequest request, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using var package = await OvaPackage.OpenAsync(request.Import.Path, cancellationToken);
        return await RunAsync(await Session.PlanVAppAsync(request, package, cancellationToken), progress, cancellationToken);
    }

    public async Task<string> DescribeAsync(VAppRequest request)
    {
        using var package = await OvaPackage.OpenAsync(request.Import.Path, CancellationToken.None);
        var plan = await Session.PlanVAppAsync(request, package, CancellationToken.None);
        return string.Join('\n', plan.Names.Select(plan.Describe));
    }

    /// <summary>Asserts that a VM has these disks of a <see cref="VAppOva"/>, and nothing else.</summary>
    public void AssertDisks(string name, params int[] disks)
    {
        if (_vsphere is not null)
        {
            var vm = Vsphere.Vms.Single(one => one.Name == name);
            Assert.Equal(disks.Length, vm.Disks.Count);
            for (var i = 0; i < disks.Length; i++)
                Assert.Equal(StreamVmdk.FromRaw(VAppOva.Raw(disks[i])), File.ReadAllBytes(vm.Disks[i].LocalPath));
            return;
        }
        var drives = _xen![name].Drives.Where(drive => drive.Type == "Disk").ToList();
        Assert.Equal(disks.Length, drives.Count);
        for (var i = 0; i < disks.Length; i++)
            SimulatedXenServer.AssertHolds(drives[i].LocalPath!, VAppOva.Raw(disks[i]));
    }

    /// <summary>What the guest of a VM finds of the OVF's properties.</summary>
    public string? PropertyOf(string name, string key) => Session.Hypervisor switch
    {
        HypervisorKind.XenServer => _xen![name].XenstoreData.GetValueOrDefault("vm-data/ovf/" + key),
        HypervisorKind.VCenter => Match(Vsphere.Requests.Last(request => request.Method == "ImportVApp" && request.Xml.Contains($"<name>{name}<", StringComparison.Ordinal)).Xml, $"<id>{key}</id>.*?<value>([^<]*)<"),
        _ => Match(Vsphere.Vms.Single(vm => vm.Name == name).ExtraConfig["guestinfo.ovfEnv"], $"key=\"{key}\"[^>]* [^>]*value=\"([^\"]*)\""),
    };

    public void AssertNothingIsLeft()
    {
        if (_vsphere is not null)
            Assert.Equal(_vsphere.Before, _vsphere.Picture());
        else
            _xen!.AssertNothingIsLeft();
    }

    /// <summary>Asserts that no VM, disk or other file is left; empty folders are.</summary>
    public void AssertNoFilesLeft()
    {
        if (_vsphere is null)
            _xen!.AssertNothingIsLeft();
        else
            Assert.Equal((0, ""), (Vsphere.Vms.Count, string.Join(' ', Vsphere.DatastoreFiles().Where(file => !_vsphere.Before.Contains(file, StringComparison.Ordinal)))));
    }

    public async ValueTask DisposeAsync()
    {
        if (_vsphere is not null)
            await _vsphere.DisposeAsync();
        if (_xen is not null)
            await _xen.DisposeAsync();
    }

    private static string? Match(string text, string pattern) =>
        Regex.Match(text, pattern, RegexOptions.Singleline) is { Success: true } match ? match.Groups[1].Value : null;
}
