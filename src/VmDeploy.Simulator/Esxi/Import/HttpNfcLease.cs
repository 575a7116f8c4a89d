using System.Security.Cryptography;
using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Snapshots;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi.Import;

/// <summary>
/// The right to fill a new VM's disks, or to read those of an existing one. It dies when nobody gives a sign of life, and takes
/// a new VM with it.
/// </summary>
internal sealed class HttpNfcLease : ManagedObject
{
    private readonly CancellationTokenSource _ended;
    private readonly CancellationTokenSource _deadline = new();
    private readonly string _ticket = Guid.NewGuid().ToString();
    private readonly Dictionary<string, LeaseFile> _files = new(StringComparer.Ordinal);
    private VirtualMachine? _vm;
    private VirtualApp? _vapp;
    private bool _isExport;
    private string? _checksumType;

    private HttpNfcLease(EsxiHost host, string id)
        : base(host, id)
    {
        _ended = CancellationTokenSource.CreateLinkedTokenSource(host.Stopping);
        _deadline.Token.Register(() => Fail(VimFault.Of("Timedout", "The lease has timed out.")));
    }

    [VimProperty("HttpNfcLeaseState")]
    public string State { get; private set; } = "initializing";

    [VimProperty("int")]
    public int InitializeProgress => State == "initializing" ? 0 : 100;

    [VimProperty("string")]
    public string Mode => "pushOrGet";

    [VimProperty("HttpNfcLeaseCapabilities")]
    public DataObject Capabilities => new("HttpNfcLeaseCapabilities") { ["pullModeSupported"] = false, ["corsSupported"] = false };

    [VimProperty("int")]
    public int TransferProgress { get; private set; }

    [VimProperty("LocalizedMethodFault")]
    public DataObject? Error { get; private set; }

    private TimeSpan Limit => Esx.Faults.LeaseTimeout ?? Esx.Options.LeaseTimeout;

    [VimProperty("HttpNfcLeaseInfo")]
    public DataObject? Info => Entity is null ? null : new("HttpNfcLeaseInfo")
    {
        ["lease"] = Self,
        ["entity"] = Entity.Self,
        ["deviceUrl"] = _files.Values.Select(file => file.ToData($"{Esx.TransferUrl(_ticket)}{file.Name}", Esx.TransferThumbprint, _isExport)),
        ["totalDiskCapacityInKB"] = Machines.SelectMany(vm => vm.Disks).Sum(d => d.Long("capacityInKB")!.Value),
        ["leaseTimeout"] = (int)Limit.TotalSeconds,
    };

    private ManagedEntity? Entity => _vapp is null ? _vm : _vapp;

    private IEnumerable<VirtualMachine> Machines => _vapp?.AllMachines ?? (_vm is null ? [] : [_vm]);

    public bool IsOpen => State is "initializing" or "ready";

    /// <summary>Its files are read, not written.</summary>
    public bool IsExport => _isExport;

    /// <summary>The snapshot whose disks are read, or null.</summary>
    public VirtualMachineSnapshot? Snapshot { get; private set; }

    /// <summary>Cancelled when it is over, for uploads under way.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Opens a lease for ImportVApp; the VM is created in the background.</summary>
    public static HttpNfcLease Open(ResourcePool pool, VimCall call)
    {
        var host = pool.Esx;
        var spec = call.Arguments.Object("spec")!;
        if (!spec.Is("VirtualMachineImportSpec") && !(host.IsVCenter && spec.Is("VirtualAppImportSpec")))
            throw VimFault.Of("NotSupported");
        var folder = call.Arguments.Ref("folder") is { } reference ? host.Get<Folder>(reference)
            : host.IsVCenter ? throw VimFault.InvalidArgument("folder")
            : pool.Nearest<Datacenter>()!.VmFolderObject;
        if (spec.Is("VirtualAppImportSpec"))
            return OpenVApp(pool, spec, folder, call);
        var creation = VmCreation.Prepare(folder, spec.Object("configSpec")!, pool.Self, call.Arguments.Ref("host"), "spec.configSpec");

        var lease = host.Add(new HttpNfcLease(host, NewId(host, call, "import")));
        _ = Task.Run(() => lease.Initialize(() =>
        {
            lease._vm = creation.Run(lease);
            return LeaseFile.Of(lease._vm);
        }, call.Method));
        return lease;
    }

    private static HttpNfcLease OpenVApp(ResourcePool pool, DataObject spec, Folder folder, VimCall call)
    {
        var host = pool.Esx;
        var runsOn = call.Arguments.Ref("host");
        var lease = host.Add(new HttpNfcLease(host, NewId(host, call, "import")));
        _ = Task.Run(() => lease.Initialize(() =>
        {
            lease._vapp = VirtualApp.Create(pool, spec, folder, runsOn, lease);
            return lease._vapp.AllMachines.SelectMany(vm => LeaseFile.Of(vm).Select(file => file with { Name = $"{vm.Self.Value}-{file.Name}" }));
        }, call.Method));
        return lease;
    }

    /// <summary>Opens a lease for ExportVm, which blocks the VM, or for ExportSnapshot, which does not.</summary>
    public static HttpNfcLease OpenExport(VirtualMachine vm, VirtualMachineSnapshot? snapshot, VimCall call)
    {
        var host = vm.Esx;
        var lease = host.Add(new HttpNfcLease(host, NewId(host, call, "export")) { _isExport = true, Snapshot = snapshot });
        if (snapshot is null)
            vm.Lease = lease;
        vm.Changed();
        _ = Task.Run(() => lease.Initialize(() =>
        {
            var config = snapshot?.Config ?? vm.ConfigData;
            vm.CheckExportable(config);
            lease._vm = vm;
            return LeaseFile.OfExport(vm, config);
        }, call.Method, vm));
        return lease;
    }

    private static string NewId(EsxiHost host, VimCall call, string kind) =>
        host.IsVCenter ? $"session[{call.Session.Key}]{Guid.NewGuid()}" : $"{host.NextNumber()}-{kind}";

    [VimMethod(Writes = true)]
    public void HttpNfcLeaseProgress(VimCall call)
    {
        var percent = call.Arguments.Int("percent")!.Value;
        if (percent is < 0 or > 100)
            throw VimFault.InvalidArgument("percent");
        CheckReady();
        _deadline.CancelAfter(Limit);
        if (TransferProgress == percent)
            return;
        TransferProgress = percent;
        Changed();
    }

    [VimMethod(Writes = true)]
    public void HttpNfcLeaseComplete(VimCall call)
    {
        CheckReady();
        if (_files.Values.Any(f => f.IsBusy))
            throw VimFault.Of("InvalidState", "The operation is not allowed in the current state: a transfer is under way.");
        End("done");
    }

    [VimMethod(Writes = true)]
    public void HttpNfcLeaseAbort(VimCall call)
    {
        if (!IsOpen)
            throw VimFault.Of("InvalidState");
        var reason = call.Arguments.Object("fault");
        End("error", reason ?? VimFault.Of("RequestCanceled", "The lease was aborted.").ToLocalized());
    }

    [VimMethod]
    public object HttpNfcLeaseGetManifest(VimCall call)
    {
        CheckReady();
        var fault = Esx.Faults.Manifest;
        if (fault == ManifestFault.NotSupported)
            throw VimFault.Of("NotSupported");
        var type = fault == ManifestFault.OtherSha1Only ? null : _checksumType;
        return _files.Values.Where(f => f.Received is not null && !f.IsBusy).Select(file =>
        {
            var digests = file.Digests ?? Digest(file.Path.Local);
            return new DataObject("HttpNfcLeaseManifestEntry")
            {
                ["key"] = file.Key,
                ["sha1"] = fault == ManifestFault.OtherSha1Only ? new string('0', 40) : digests.Sha1,
                ["checksum"] = type switch { "sha256" => fault == ManifestFault.OtherSha256 ? new string('0', 64) : digests.Sha256, "sha1" => digests.Sha1, _ => null },
                ["checksumType"] = type,
                ["size"] = fault == ManifestFault.OtherSize ? file.Received + 1 : file.Received,
                ["disk"] = file.Disk is not null,
                ["capacity"] = file.Disk?.Long("capacityInKB") * 1024,
                ["populatedSize"] = file.Disk is null ? null : file.Received,
            };
        }).ToList();
    }

    [VimMethod(Since = "6.7")]
    public void HttpNfcLeaseSetManifestChecksumType(VimCall call)
    {
        CheckReady();
        foreach (var pair in call.Arguments.Objects("deviceUrlsToChecksumTypes"))
        {
            if (pair.Text("value") is not ("sha1" or "sha256") || _files.Values.All(file => file.Key != pair.Text("key")))
                throw VimFault.InvalidArgument("deviceUrlsToChecksumTypes");
            _checksumType = pair.Text("value");
        }
    }

    /// <summary>The file of a URL, or null if the URL is not this lease's or the lease has ended.</summary>
    public LeaseFile? Find(string ticket, string name) =>
        State == "ready" && ticket == _ticket ? _files.GetValueOrDefault(name) : null;

    /// <summary>Ends it with a fault and removes the VM. Does nothing after the simulator has stopped, which deletes its files.</summary>
    public void Fail(VimFault fault)
    {
        lock (Esx.Gate)
        {
            if (IsOpen && !Esx.Stopping.IsCancellationRequested)
                End("error", fault.ToLocalized());
        }
    }

    private void Initialize(Func<IEnumerable<LeaseFile>> open, string method, VirtualMachine? exported = null)
    {
        try
        {
            if (Esx.Faults.TakeTaskFault(method) is { } order)
                throw VimFault.Of(order.Fault, order.Message);
            lock (Esx.Gate)
            {
                if (!IsOpen)
                    return;
                foreach (var file in open())
                    _files.Add(file.Name, file);
                State = "ready";
                Changed();
                _deadline.CancelAfter(Limit);
            }
        }
        catch (VimFault fault)
        {
            _vm ??= exported;
            Fail(fault);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            _vm ??= exported;
            Fail(VimFault.Of("SystemError", $"A general system error occurred: {e}", ("reason", e.Message)));
        }
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "The interface asks for SHA-1.")]
    private static (string Sha1, string Sha256) Digest(string path)
    {
        var content = File.ReadAllBytes(path);
        return (Convert.ToHexStringLower(SHA1.HashData(content)), Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    private void CheckReady()
    {
        if (State != "ready")
            throw VimFault.Of("InvalidState");
    }

    private void End(string state, DataObject? error = null)
    {
        State = state;
        Error = error;
        _deadline.CancelAfter(Timeout.Infinite);
        _ = _ended.CancelAsync(); // Not under the lock.
        foreach (var vm in Machines.Where(vm => vm.Lease == this))
        {
            vm.Lease = null;
            vm.Changed();
        }
        if (state == "error" && !_isExport)
        {
            _vm?.RemoveWithFiles();
            _vapp?.RemoveWithMachines();
        }
        Changed();
    }
}
