using System.Security.Cryptography;
using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi.Import;

/// <summary>The lease for the upload of a new VM's disks. If it expires without a keep-alive, the VM is removed.</summary>
internal sealed class HttpNfcLease : ManagedObject
{
    private readonly CancellationTokenSource _ended;
    private readonly CancellationTokenSource _deadline = new();
    private readonly string _ticket = Guid.NewGuid().ToString();
    private readonly Dictionary<string, LeaseFile> _files = new(StringComparer.Ordinal);
    private VirtualMachine? _vm;

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
    public DataObject? Info => _vm is null ? null : new("HttpNfcLeaseInfo")
    {
        ["lease"] = Self,
        ["entity"] = _vm.Self,
        ["deviceUrl"] = _files.Values.Select(file => file.ToData(_vm, $"{Esx.TransferUrl(_ticket)}{file.Name}", Esx.TransferThumbprint)),
        ["totalDiskCapacityInKB"] = _vm.Disks.Sum(d => d.Long("capacityInKB")!.Value),
        ["leaseTimeout"] = (int)Limit.TotalSeconds,
    };

    public bool IsOpen => State is "initializing" or "ready";

    /// <summary>Cancelled when it ends, for uploads in progress.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Opens a lease for ImportVApp; the VM is created in the background.</summary>
    public static HttpNfcLease Open(ResourcePool pool, VimCall call)
    {
        var host = pool.Esx;
        var spec = call.Arguments.Object("spec")!;
        if (!spec.Is("VirtualMachineImportSpec"))
            throw VimFault.Of("NotSupported");
        var folder = call.Arguments.Ref("folder") is { } reference ? host.Get<Folder>(reference)
            : host.IsVCenter ? throw VimFault.InvalidArgument("folder")
            : pool.Nearest<Datacenter>()!.VmFolderObject;
        var creation = VmCreation.Prepare(folder, spec.Object("configSpec")!, pool.Self, call.Arguments.Ref("host"), "spec.configSpec");

        var lease = host.Add(new HttpNfcLease(host, host.IsVCenter ? $"session[{call.Session.Key}]{Guid.NewGuid()}" : $"{host.NextNumber()}-import"));
        _ = Task.Run(() => lease.Initialize(creation, call.Method));
        return lease;
    }

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
        _vm!.Lease = null;
        _vm.Changed();
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
        return _files.Values.Where(f => f.Received is not null && !f.IsBusy).Select(file =>
        {
            using var stream = File.OpenRead(file.Path.Local);
            return new DataObject("HttpNfcLeaseManifestEntry")
            {
                ["key"] = file.KeyOf(_vm!.Self.Value),
                ["sha1"] = Convert.ToHexStringLower(Sha1(stream)),
                ["size"] = file.Received,
                ["disk"] = file.Disk is not null,
                ["capacity"] = file.Disk?.Long("capacityInKB") * 1024,
                ["populatedSize"] = file.Disk is null ? null : file.Received,
            };
        }).ToList();
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

    private void Initialize(VmCreation creation, string method)
    {
        try
        {
            if (Esx.Faults.TakeTaskFault(method) is { } order)
                throw VimFault.Of(order.Fault, order.Message);
            lock (Esx.Gate)
            {
                if (!IsOpen)
                    return;
                _vm = creation.Run(this);
                foreach (var file in LeaseFile.Of(_vm))
                    _files.Add(file.Name, file);
                State = "ready";
                Changed();
                _deadline.CancelAfter(Limit);
            }
        }
        catch (VimFault fault)
        {
            Fail(fault);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            Fail(VimFault.Of("SystemError", $"A general system error occurred: {e}", ("reason", e.Message)));
        }
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "The interface asks for SHA-1.")]
    private static byte[] Sha1(Stream stream) => SHA1.HashData(stream);

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
        if (state == "error" && _vm is not null)
        {
            _vm.Lease = null;
            _vm.RemoveWithFiles();
        }
        Changed();
    }
}
