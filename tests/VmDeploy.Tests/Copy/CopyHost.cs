using VmDeploy.Ova;
using VmDeploy.Simulator;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Export;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vsphere;
using VmDeploy.Tests.Xapi;
using Xunit;

namespace VmDeploy.Tests.Copy;

/// <summary>A simulated host of any kind, from or to which VMs are copied.</summary>
internal abstract class CopyHost : IAsyncDisposable
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    public static HypervisorKind[] Kinds { get; } = [HypervisorKind.Esxi, HypervisorKind.VCenter, HypervisorKind.XenServer];

    public abstract VmSession Session { get; }

    /// <summary>A network of the host.</summary>
    public abstract string Network { get; }

    /// <summary>The transfers of disks that are open.</summary>
    public abstract TransferGate Transfers { get; }

    /// <summary>The failures of the last run.</summary>
    public abstract Dictionary<string, VmDeployException> Failures { get; }

    public static async Task<CopyHost> StartAsync(HypervisorKind kind) => kind == HypervisorKind.XenServer
        ? new XenHost(await SimulatedXenServer.StartAsync())
        : new VsphereHost(await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = kind == HypervisorKind.VCenter ? EsxiMode.VCenter : EsxiMode.Esxi }, options => options with
        {
            Retries = new(new(3, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(20)), new(8, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(500)))
            {
                BeforeSecondLook = () => Task.Delay(20),
            },
        }));

    /// <summary>All that can be seen of the host: VMs, disks, snapshots, leases.</summary>
    public abstract string Picture();

    /// <summary>The disks of a VM as raw bytes.</summary>
    public abstract Task<IReadOnlyList<byte[]>> DisksAsync(string vm);

    /// <summary>The file of the only disk of a VM.</summary>
    public abstract string DiskOf(string vm);

    public abstract bool IsEfi(string vm);

    public abstract void BreakDownload(int times);

    /// <summary>Lets so many downloads of disks succeed, and no more.</summary>
    public abstract void BreakDownloadsAfter(int successes);

    public abstract void CutUpload(long atByte, int times);

    /// <summary>Uploads need a Content-Length.</summary>
    public virtual void RequireLength() => throw new NotSupportedException();

    public abstract void ClearFaults();

    public virtual string LocalPath(string path) => throw new NotSupportedException();

    /// <summary>Makes a VM with these disks.</summary>
    public async Task<Vm> MakeAsync(TempFolder folder, OvaBuilder package)
    {
        var path = package.WriteOva(folder, $"{package.Name}.ova");
        var vm = await ImportAsync(path, package.Name);
        File.Delete(path);
        return vm;
    }

    /// <summary>Makes a VM from a package.</summary>
    /// <param name="path">The package.</param>
    /// <param name="name">The VM's name.</param>
    /// <param name="networks">The networks of its adapters; null for those of these names.</param>
    public async Task<Vm> ImportAsync(string path, string name, IReadOnlyList<string>? networks = null)
    {
        var vms = await ImportAsync(new OvaImportRequest(path) { Names = [name], Hardware = new() { Networks = networks } });
        Assert.Empty(Failures);
        return Assert.Single(vms);
    }

    public async Task<IReadOnlyList<Vm>> CopyAsync(CopyRequest request, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default) =>
        await RunAsync(await PlanAsync(request), progress, cancellationToken);

    public Task<DeploymentPlan> PlanAsync(CopyRequest request) => Session.PlanCopyAsync((CopyRequest)Placed(request with
    {
        Names = request.Names.Count > 0 ? request.Names : [request.Source.Name],
        Hardware = request.Hardware with { Networks = request.Hardware.Networks ?? [Network] },
    }), s_none);

    public Task<DeploymentPlan> PlanImportAsync(OvaImportRequest request, OvaPackage package) => Session.PlanOvaImportAsync((OvaImportRequest)Placed(request), package, s_none);

    public abstract ValueTask DisposeAsync();

    protected abstract DeploymentRequest Placed(DeploymentRequest request);

    /// <summary>Imports a package; failures of single VMs are kept in <see cref="Failures"/>.</summary>
    public abstract Task<IReadOnlyList<Vm>> ImportAsync(OvaImportRequest request, CancellationToken cancellationToken = default);

    protected abstract Task<IReadOnlyList<Vm>> RunAsync(DeploymentPlan plan, IProgress<OperationProgress>? progress, CancellationToken cancellationToken);

    private sealed class VsphereHost(SimulatedHost host) : CopyHost
    {
        public override VmSession Session => host.Session;

        public override string Network => "VM Network";

        public override TransferGate Transfers => host.Simulator.Transfers;

        public override Dictionary<string, VmDeployException> Failures => host.Failures;

        public override string Picture() => host.Picture() + string.Join("\n", host.Simulator.Vms.SelectMany(vm => vm.Disks.Select(disk => disk.LocalPath)));

        public override async Task<IReadOnlyList<byte[]>> DisksAsync(string vm)
        {
            var disks = new List<byte[]>();
            foreach (var disk in Assert.Single(host.Simulator.Vms, one => one.Name == vm).Disks)
                disks.Add(await Exports.RawAsync(disk.LocalPath));
            return disks;
        }

        public override string DiskOf(string vm) => Assert.Single(Assert.Single(host.Simulator.Vms, one => one.Name == vm).Disks).LocalPath;

        public override bool IsEfi(string vm) => Assert.Single(host.Simulator.Vms, one => one.Name == vm).Firmware == "efi";

        public override void BreakDownload(int times) => host.Simulator.Faults.CutDownload(200_000, times);

        // A disk that would be read again would be the disk of another lease.
        public override void BreakDownloadsAfter(int successes) => host.Simulator.Faults.FailMethod("ExportVm", "InvalidState", times: 9, skip: 1);

        public override void CutUpload(long atByte, int times) => host.Simulator.Faults.CutUpload(atByte, times);

        public override void RequireLength() => host.Simulator.Faults.RequiresLength = true;

        public override void ClearFaults() => host.Simulator.Faults.Clear();

        public override string LocalPath(string path) => host.Simulator.LocalPath(path);

        public override ValueTask DisposeAsync() => host.DisposeAsync();

        protected override DeploymentRequest Placed(DeploymentRequest request) => request with { Datastore = "datastore1", HostName = "localhost.localdomain" };

        public override Task<IReadOnlyList<Vm>> ImportAsync(OvaImportRequest request, CancellationToken cancellationToken) => host.ImportAsync((OvaImportRequest)Placed(request), null, cancellationToken);

        protected override Task<IReadOnlyList<Vm>> RunAsync(DeploymentPlan plan, IProgress<OperationProgress>? progress, CancellationToken cancellationToken) => host.RunAsync(plan, progress, cancellationToken);
    }

    private sealed class XenHost(SimulatedXenServer server) : CopyHost
    {
        public override VmSession Session => server.Session;

        public override string Network => SimulatedXenServer.Network;

        public override TransferGate Transfers => server.Simulator.Transfers;

        public override Dictionary<string, VmDeployException> Failures => server.Failures;

        public override string Picture() => string.Join("\n", server.Simulator.Inventory());

        public override async Task<IReadOnlyList<byte[]>> DisksAsync(string vm)
        {
            var disks = new List<byte[]>();
            foreach (var drive in server[vm].Drives.Where(drive => drive.Type == "Disk"))
                disks.Add(await File.ReadAllBytesAsync(drive.LocalPath!));
            return disks;
        }

        public override string DiskOf(string vm) => Assert.Single(server[vm].Drives, drive => drive.Type == "Disk").LocalPath!;

        public override bool IsEfi(string vm) => server[vm].BootParams["firmware"] == "uefi";

        // The answer is 200, and the error stands in the body.
        public override void BreakDownload(int times) => server.Simulator.Faults.FailCall("GET export_raw_vdi", "VDI_IO_ERROR", ["Device I/O errors"], times: times);

        public override void CutUpload(long atByte, int times)
        {
            for (var i = 0; i < times; i++)
                server.Simulator.Faults.CutUpload(atByte);
        }

        public override void BreakDownloadsAfter(int successes) => server.Simulator.Faults.FailCall("GET export_raw_vdi", "VDI_IO_ERROR", ["Device I/O errors"], times: 9, skip: successes);

        public override void ClearFaults() => server.Simulator.Faults.Clear();

        public override ValueTask DisposeAsync() => server.DisposeAsync();

        protected override DeploymentRequest Placed(DeploymentRequest request) => request;

        public override Task<IReadOnlyList<Vm>> ImportAsync(OvaImportRequest request, CancellationToken cancellationToken) => server.ImportAsync(request, null, cancellationToken);

        protected override Task<IReadOnlyList<Vm>> RunAsync(DeploymentPlan plan, IProgress<OperationProgress>? progress, CancellationToken cancellationToken) => server.RunAsync(plan, progress, cancellationToken);
    }
}
