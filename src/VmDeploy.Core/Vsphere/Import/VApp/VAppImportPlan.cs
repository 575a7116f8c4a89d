using VmDeploy.Import;
using VmDeploy.Ova;

namespace VmDeploy.Vsphere;

/// <summary>A package with several machines as one or more vApps of a vCenter: each is one lease with all disks.</summary>
internal sealed class VAppImportPlan : IDeploymentPlan
{
    // The elements of VAppConfigSpec.
    private static readonly string[] s_configOrder =
    [
        "product", "property", "ipAssignment", "eula", "ovfSection", "ovfEnvironmentTransport", "installBootRequired", "installBootStopDelay",
        "entityConfig", "annotation", "instanceUuid", "managedBy",
    ];

    private readonly VsphereSession _session;
    private readonly OvaImportRequest _request;
    private readonly IReadOnlyList<(OvfMachine Machine, OvaImportPlan Plan)> _machines;
    private readonly Dictionary<string, ObjectContent> _networks = [];
    private readonly long _bytes;
    private readonly ImportSource _package;
    private readonly TransferLimit _transfers;

    private VAppImportPlan(
        VsphereSession session, OvaImportRequest request, IReadOnlyList<string> names, ImportSource package, IReadOnlyList<(OvfMachine Machine, OvaImportPlan Plan)> machines, long bytes)
    {
        (_session, _request, Names, _package, _machines, _bytes, _transfers) = (session, request, names, package, machines, bytes, request.SharedTransfers);
        foreach (var network in machines.SelectMany(machine => machine.Plan.Networks))
            _networks[network.Key] = network.Value;
    }

    public VmSession Session => _session;

    public IReadOnlyList<string> Names { get; }

    private Placement Placement => _machines[0].Plan.Placement;

    /// <summary>Plans each machine, and asks the vCenter whether it accepts the whole; changes nothing.</summary>
    public static async Task<VAppImportPlan> CreateAsync(VsphereSession session, VAppRequest request, OvaPackage package, CancellationToken cancellationToken)
    {
        var group = package.Descriptor.Group!;
        var pattern = request.Names.Count == 0 ? request.NamePattern : request.Count == 1 ? "{name}" : "{name}{n}";
        var names = VmNames.FromPattern(pattern, package.Name, request.Count, group.Name);
        VmNames.Check(names, session.Limits);
        var vms = request.NameMachines(group, package.Name, session.Limits);
        var parts = new VAppParts(request.Import, package);
        parts.Disks.CheckNoneShared();
        parts.Disks.Check(session.Log);
        var machines = new List<(OvfMachine Machine, OvaImportPlan Plan)>();
        long bytes = 0;
        foreach (var machine in group.Machines)
        {
            var plan = await OvaImportPlan.CreateAsync(session, parts.Of(machine, vms[machine]), new PackageImport(package.OfMachine(machine)), cancellationToken);
            if (plan.Existing.FirstOrDefault() is { } existing)
                throw new VmDeployException(ErrorCodes.VAppNotPossible, $"VM '{existing.Name}' already exists on {session.Server}; it can't become part of a new vApp.", existing.Name);
            foreach (var file in plan.Package.Files)
                bytes += await file.GetLengthAsync(cancellationToken) ?? file.StoredLength;
            machines.Add((machine, plan));
        }
        ImportSource whole = new PackageImport(package);
        if (request.Import.Adapt)
        {
            var newest = await HardwareVersions.NewestAsync(session, machines[0].Plan.Placement, cancellationToken);
            whole = whole.Adapt((xml, name) => OvfAdapter.ForVsphere(xml, name, newest));
        }
        var result = new VAppImportPlan(session, request.Import, names, whole, machines, bytes);
        await result.CheckNamesAsync(cancellationToken);
        await result.TranslateAsync(0, "", [], cancellationToken);
        return result;
    }

    public bool Replaces(string name) => false;

    public string Describe(string name)
    {
        var set = IndexOf(name);
        var action = $"{_package.Action} as ";
        var start = _request.WaitForIp is not null ? ", power on and wait for IP addresses" : _request.PowerOn ? ", power on" : "";
        return $"{action}the vApp {name}: {string.Join("; ", _machines.Select(machine => machine.Plan.Describe(machine.Plan.Names[set]).Substring(action.Length) + $", start order {machine.Machine.StartOrder}"))}{start}";
    }

    public async Task RunAsync(
        IReadOnlyList<string> names, Action<Vm> done, Action<string, VmDeployException> failed, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(Math.Max(1, _request.ThrottleLimit));
        var whole = new OperationProgress(0, $"{_package.Action} on {_session.Server}", "");
        object gate = new();
        var ended = 0;
        Report();
        try
        {
            await Task.WhenAll(names.Select((name, i) => RunOneAsync(name, new OperationProgress(i + 1, name, "") { ParentId = 0 })));
        }
        finally
        {
            progress.Report(whole with { IsCompleted = true });
        }
        cancellationToken.ThrowIfCancellationRequested();

        async Task RunOneAsync(string name, OperationProgress bar)
        {
            await slots.WaitAsync(CancellationToken.None);
            MoRef? vapp = null;
            IReadOnlyList<Vm> vms = [];
            var failures = new List<(string Name, VmDeployException Reason)>();
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                (vapp, vms) = await RollbackScope.RunAsync(_session, name, scope => MakeAsync(new VmCreation(name, bar, scope, _transfers, progress, cancellationToken), bar, progress));
            }
            catch (VmDeployException e)
            {
                failures.Add((name, e));
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            finally
            {
                slots.Release();
            }
            try
            {
                if (vapp is { } made && (_request.PowerOn || _request.WaitForIp is not null) && !cancellationToken.IsCancellationRequested)
                    failures.AddRange(await StartAsync(name, made, vms, bar, progress, cancellationToken));
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The VMs are emitted as they are.
            }
            lock (gate)
            {
                ended++;
                Report();
                foreach (var vm in vms)
                    done(vm);
                foreach (var (failedName, reason) in failures)
                    failed(failedName, reason);
            }
        }

        void Report() => progress.Report(whole with { Status = $"{ended} of {names.Count}", Percent = ended * 100 / names.Count });
    }

    private async Task<(MoRef? VApp, IReadOnlyList<Vm> Vms)> MakeAsync(VmCreation creation, OperationProgress bar, IProgress<OperationProgress> progress)
    {
        var set = IndexOf(creation.Name);
        var uuids = _machines.Select(_ => Guid.NewGuid().ToString()).ToList();
        var created = CreatedVApp.Track(_session, creation, Placement.ResourcePool);
        var meter = creation.Measure(_package.Name, _bytes);
        try
        {
            var spec = await TranslateAsync(set, created.InstanceUuid, uuids, creation.CancellationToken);
            var lease = created.Lease = await StartLeaseAsync(spec, creation, created);
            await lease.WaitReadyAsync(creation.CancellationToken);
            await new NfcUploader(_session, _transfers).UploadAsync(lease, spec.FileItems, _package, creation.Name, _bytes, meter, creation.CancellationToken);
            creation.CancellationToken.ThrowIfCancellationRequested();
            await lease.CompleteAsync();
        }
        finally
        {
            creation.End();
        }
        _session.Log.BytesSent(_package.Action, meter.Done, _machines.Count);

        var found = await _session.Properties.SelectAllAsync([new PropertySet("VirtualMachine", "config.instanceUuid")],
            page => page.Where(vm => uuids.Contains(vm.Text("config.instanceUuid") ?? "")).Select(vm => (Uuid: vm.Text("config.instanceUuid")!, vm.Object)), creation.CancellationToken);
        var vms = new List<Vm>();
        for (var i = 0; i < _machines.Count; i++)
        {
            var name = _machines[i].Plan.Names[set];
            var reference = found.Find(vm => vm.Uuid == uuids[i]).Object;
            if (reference == default)
                throw new VmDeployException(ErrorCodes.UnexpectedReply, $"{creation.Name}: the vApp has no VM '{name}'.", name);
            var vm = await _session.ReadCreatedVmAsync(reference, name);
            var own = new VmCreation(name, bar with { Activity = name }, creation.Scope, _transfers, progress, creation.CancellationToken);
            await _machines[i].Plan.FinishAsync(vm, uuids[i], own);
            vms.Add(vm);
        }
        return (created.Lease.Entity, vms);
    }

    private async Task<HttpNfcLease> StartLeaseAsync(ImportSpec spec, VmCreation creation, CreatedVApp created)
    {
        creation.CancellationToken.ThrowIfCancellationRequested();
        try
        {
            // Not cancelled half-way, as for a single VM.
            var reply = await _session.Soap.CallAsync(Placement.ResourcePool, "ImportVApp", CancellationToken.None,
                spec.Spec, VimXml.Ref("folder", Placement.Folder), VimXml.Ref("host", Placement.Host?.Object));
            return new HttpNfcLease(_session, reply.Child("returnval")!.ToMoRef(), creation.Name);
        }
        catch (VimFault)
        {
            // The host refused, so nothing was created.
            creation.Scope.Keep(created.Item);
            throw;
        }
    }

    private async Task<IReadOnlyList<(string Name, VmDeployException Reason)>> StartAsync(
        string name, MoRef vapp, IReadOnlyList<Vm> vms, OperationProgress bar, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            await _session.Tasks.RunAsync(vapp, "PowerOnVApp_Task", name, cancellationToken);
        }
        catch (VmDeployException e)
        {
            return [(name, new VmDeployException(e.Code, $"vApp '{name}' exists, but could not be powered on: {e.Message}", name, e, e.Hint))];
        }
        var failures = new List<(string, VmDeployException)>();
        await Task.WhenAll(vms.Select(async (vm, i) =>
        {
            try
            {
                if (_request.WaitForIp is { } limit && _machines[i].Machine.Startup.PowersOn)
                    await VmStart.WaitForIpAsync(vm, limit, bar with { Activity = vm.Name }, progress, cancellationToken);
                else
                    await vm.RefreshAsync(cancellationToken);
            }
            catch (VmDeployException e)
            {
                lock (failures)
                    failures.Add((vm.Name, e));
            }
        }));
        return failures;
    }

    // Without uuids only the answer counts.
    private async Task<ImportSpec> TranslateAsync(int set, string instanceUuid, List<string> uuids, CancellationToken cancellationToken)
    {
        var names = _machines.ToDictionary(machine => machine.Machine.Id, machine => machine.Plan.Names[set]);
        var values = _machines.ToDictionary(machine => machine.Machine.Id, machine => (IReadOnlyDictionary<string, string>)machine.Plan.Request.Properties.Keys
            .Select(key => machine.Machine.Descriptor.GetProperty(key).FullKey).Distinct().ToDictionary(key => key, key => machine.Plan.Properties[key]));
        var descriptor = VAppDescriptor.Write(_package.DescriptorXml, _package.Descriptor.FileName, names, values);
        var spec = await ImportSpec.TranslateAsync(_session, _machines[0].Plan, _package, descriptor, _networks, Names[set], [], cancellationToken);
        var config = spec.Spec.Child("vAppConfigSpec")
            ?? throw new VmDeployException(ErrorCodes.OvfRefused, "The host's import spec is not that of a vApp.", _package.Path);
        if (uuids.Count > 0)
        {
            config.InsertInOrder(VimXml.El("instanceUuid", instanceUuid), s_configOrder);
            var children = spec.Spec.Descendants().Where(child => child.Name.LocalName == "child" && child.Child("configSpec") is not null).ToList();
            for (var i = 0; i < _machines.Count; i++)
            {
                var name = _machines[i].Plan.Names[set];
                var child = children.Find(one => one.Child("configSpec")!.Value("name") == name)
                    ?? throw new VmDeployException(ErrorCodes.OvfRefused, $"The host's import spec has no VM '{name}'.", _package.Path);
                ImportSpec.Complete(child, _session.Host, _machines[i].Plan, uuids[i]);
            }
        }
        spec.Spec.Name = VimXml.Vim + "spec";
        return spec;
    }

    private async Task CheckNamesAsync(CancellationToken cancellationToken)
    {
        var present = await _session.Properties.SelectAllAsync([new PropertySet("VirtualApp", "name", "parent")],
            page => page.Where(vapp => vapp.Reference("parent") == Placement.ResourcePool).Select(Inventory.NameOf), cancellationToken);
        if (Names.FirstOrDefault(name => present.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } twice)
            throw new VmDeployException(ErrorCodes.VAppNotPossible, $"A vApp with the name '{twice}' already exists in the same resource pool on {_session.Server}.", twice, hint: ErrorHint.RenameVApp);
    }

    private int IndexOf(string name) => Names.ToList().IndexOf(name);
}
