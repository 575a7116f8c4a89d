namespace VmDeploy.Xapi;

/// <summary>
/// Creates a VM, its disks and its drives step by step while the VM is halted. What is created carries the builder's id until
/// it is finished, so that the rollback finds it even if the reply with its reference was lost.
/// </summary>
internal sealed class VmBuilder(XapiSession session, RollbackScope scope, string name)
{
    /// <summary>The usual position of the CD drive; a fully virtualised guest sees drives at 0 to 3 only.</summary>
    public const int CdPosition = 3;

    public const int CdPositions = 4;

    public const int DiskPositions = 16;

    /// <summary>In <c>other_config</c> of everything but the VM: the id of the builder.</summary>
    private const string IdKey = "vmdeploy";

    private static readonly string[] s_duplicationTasks = ["Async.VM.clone", "Async.VM.copy", ProvisionTask];

    // It creates the disks of a template, even after its answer was lost.
    private const string ProvisionTask = "Async.VM.provision";

    private readonly XapiClient _client = session.Client;
    private readonly string _id = Guid.NewGuid().ToString("N").Substring(0, 8);

    /// <summary>The record of the deployment that the VM is made for.</summary>
    public Ownership? Owner { get; init; }

    /// <summary>The name until everything is finished; nothing else has it.</summary>
    public string TemporaryName => VmNames.Unfinished(name, _id);

    // Calls that create something are not cancelled: it is hard to find what an unanswered call has created. Plans check between steps.

    /// <summary>Creates a VM with the temporary name.</summary>
    public Task<string> CreateVmAsync(IReadOnlyDictionary<string, object> record) => TrackVmAsync(() =>
        _client.TextAsync("VM.create", CancellationToken.None, record.Where(e => e.Key != "name_label").Append(new("name_label", TemporaryName)).ToDictionary(e => e.Key, e => e.Value)));

    /// <summary>Takes a snapshot under the temporary name.</summary>
    public Task<string> SnapshotAsync(string vm, bool withMemory, Action<int> percent, CancellationToken cancellationToken)
    {
        var method = withMemory ? "VM.checkpoint" : "VM.snapshot";
        return TrackVmAsync(() => session.Tasks.RunAsync(method, percent, cancellationToken, vm, TemporaryName), "snapshot", $"Async.{method}");
    }

    /// <summary>Copies a VM or template to a repository (the null reference for its own), or clones it for null, under the temporary name.</summary>
    public async Task<XapiRecord> DuplicateAsync(string source, string? sr, Action<int> percent, CancellationToken cancellationToken)
    {
        var vm = await TrackVmAsync(() => sr is null
            ? session.Tasks.RunAsync("VM.clone", percent, cancellationToken, source, TemporaryName)
            : session.Tasks.RunAsync("VM.copy", percent, cancellationToken, source, TemporaryName, sr));
        cancellationToken.ThrowIfCancellationRequested();
        var copy = await _client.RecordAsync("VM", vm, CancellationToken.None);
        if (copy.Map("other_config").ContainsKey(XapiOwnership.OtherKey))
            await CallAsync("VM.remove_from_other_config", vm, XapiOwnership.OtherKey);
        await BeginAsync(copy);
        return copy;
    }

    /// <summary>Writes the record of a VM that is begun.</summary>
    public async Task BeginAsync(XapiRecord vm)
    {
        if (Owner is not null)
            await CallAsync("VM.add_to_other_config", vm.Ref, XapiOwnership.OtherKey, Owner.Begin(vm.Uuid).ToString());
    }

    /// <summary>Sets CPUs and memory in the orders that the host accepts.</summary>
    public async Task SetHardwareAsync(XapiRecord vm, int? cpus, long? memoryBytes)
    {
        if (memoryBytes is { } bytes)
        {
            var minimum = vm.Number("memory_static_min") is var least && least > 0 && least < bytes ? least : bytes;
            await CallAsync("VM.set_memory_limits", vm.Ref, minimum, bytes, bytes, bytes);
        }
        if (cpus is not { } count)
            return;
        // VCPUs_at_startup must never be more than VCPUs_max.
        var isMore = count > vm.Number("VCPUs_max");
        if (isMore)
            await CallAsync("VM.set_VCPUs_max", vm.Ref, count);
        await CallAsync("VM.set_VCPUs_at_startup", vm.Ref, count);
        if (!isMore)
            await CallAsync("VM.set_VCPUs_max", vm.Ref, count);
    }

    /// <summary>Creates an empty disk; the host may round its size up.</summary>
    public Task<XapiRecord> CreateDiskAsync(string sr, long bytes, string name, params (string Key, string Value)[] otherConfig) =>
        CreateDiskAsync(sr, bytes, name, isShared: false, otherConfig);

    /// <summary>As <see cref="CreateDiskAsync(string, long, string, ValueTuple{string, string}[])"/>, for several VMs to write to. It is raw: two hosts can't both keep the tables of a VHD.</summary>
    public Task<XapiRecord> CreateSharedDiskAsync(string sr, long bytes, string name) => CreateDiskAsync(sr, bytes, name, isShared: true, []);

    private async Task<XapiRecord> CreateDiskAsync(string sr, long bytes, string name, bool isShared, (string Key, string Value)[] otherConfig)
    {
        string? created = null;
        var item = scope.Add($"disk '{name}'", async cancellationToken =>
        {
            var vdis = created is not null ? [created] : await _client.ListAsync("VDI.get_by_name_label", cancellationToken, name);
            foreach (var vdi in await _client.FindAsync("VDI", vdis, cancellationToken))
            {
                // A disk that is already attached is removed with the VM.
                if (IsOwn(vdi))
                    await new VmRemoval(session).RemoveDiskAsync(vdi.Ref);
            }
        });
        created = await _client.TextAsync("VDI.create", CancellationToken.None, new Dictionary<string, object>
        {
            ["name_label"] = name,
            ["name_description"] = "",
            ["SR"] = sr,
            ["virtual_size"] = bytes,
            ["type"] = "user",
            ["sharable"] = isShared,
            ["read_only"] = false,
            ["sm_config"] = isShared ? new Dictionary<string, string> { ["type"] = "raw" } : [],
            ["other_config"] = otherConfig.Append((IdKey, _id)).ToDictionary(entry => entry.Item1, entry => entry.Item2),
        });
        var record = await _client.RecordAsync("VDI", created, CancellationToken.None);
        item.What = $"disk '{name}' ({record.Uuid})";
        return record;
    }

    /// <summary>Fills a disk; an upload that breaks starts again, a few times.</summary>
    public Task UploadAsync(string file, Func<Task> upload, CancellationToken cancellationToken) =>
        session.Retries.Call.UploadAsync(session.Log, name, file, upload, cancellationToken);

    /// <summary>Removes a disk that the VM got from its source.</summary>
    public async Task RemoveDiskAsync(XapiRecord vbd, XapiRecord vdi)
    {
        var item = scope.Add($"disk '{vdi.Name}' ({vdi.Uuid})", _ => new VmRemoval(session).RemoveDiskAsync(vdi.Ref));
        await CallAsync("VBD.destroy", vbd.Ref);
        await new VmRemoval(session).RemoveDiskAsync(vdi.Ref);
        scope.Keep(item);
    }

    public Task AttachDiskAsync(string vm, string vdi, int position, bool isBootable) => CreateVbdAsync(vm, vdi, position, "Disk", "RW", isBootable);

    /// <summary>Adds a CD drive with a medium, or an empty one. The host expects drives to be created empty and filled afterwards.</summary>
    public async Task<string> AddCdAsync(string vm, string? vdi, int position)
    {
        var vbd = await CreateVbdAsync(vm, XapiRecord.NullRef, position, "CD", "RO", isBootable: false);
        if (vdi is not null)
            await CallAsync("VBD.insert", vbd, vdi);
        return vbd;
    }

    /// <summary>As <see cref="AddCdAsync"/>, to a VM that is kept if the operation fails.</summary>
    public Task<string> AddCdToExistingAsync(string vm, string? vdi, int position)
    {
        TrackDevice("VBD", vm, $"CD drive {position}");
        return AddCdAsync(vm, vdi, position);
    }

    /// <summary>As <see cref="AttachDiskAsync"/>, to a VM that is kept if the operation fails.</summary>
    public Task<string> AttachDiskToExistingAsync(string vm, string vdi, int position)
    {
        TrackDevice("VBD", vm, $"disk {position}");
        return CreateVbdAsync(vm, vdi, position, "Disk", "RW", isBootable: false);
    }

    /// <summary>As <see cref="AddInterfaceAsync"/>, to a VM that is kept if the operation fails.</summary>
    public Task<string> AddInterfaceToExistingAsync(string vm, XapiRecord network, int position, string mac)
    {
        TrackDevice("VIF", vm, $"interface {position}");
        return AddInterfaceAsync(vm, network, position, mac);
    }

    // The VBD or VIF of this builder on a VM that is kept, plugged or not.
    private void TrackDevice(string @class, string vm, string what) => scope.Add($"{what} of VM '{name}'", async cancellationToken =>
    {
        var devices = (await _client.FindAsync("VM", vm, cancellationToken))?.List($"{@class}s") ?? [];
        foreach (var device in (await _client.FindAsync(@class, devices, cancellationToken)).Where(IsOwn))
        {
            await new HotPlug(session).UnplugAsync(@class, device.Ref, name);
            await _client.DestroyAsync(@class, device.Ref);
        }
    });

    /// <summary>Adds a network interface; without an address the host chooses one.</summary>
    public Task<string> AddInterfaceAsync(string vm, XapiRecord network, int position, string mac = "") => _client.TextAsync("VIF.create", CancellationToken.None, new Dictionary<string, object>
    {
        ["VM"] = vm,
        ["network"] = network.Ref,
        ["device"] = Text(position),
        ["MAC"] = mac,
        ["MTU"] = MtuOf(network),
        ["other_config"] = new Dictionary<string, string> { [IdKey] = _id },
        ["qos_algorithm_type"] = "",
        ["qos_algorithm_params"] = new Dictionary<string, string>(),
    });

    /// <summary>Moves an interface to another network, or gives it another address, as a new one in its place with the same settings.</summary>
    public async Task ReplaceInterfaceAsync(XapiRecord vif, XapiRecord network, string mac = "")
    {
        var arguments = VifCopy.Arguments(vif);
        arguments["MAC"] = mac;
        if (network.Ref != vif.Reference("network"))
            (arguments["network"], arguments["MTU"]) = (network.Ref, MtuOf(network));
        await CallAsync("VIF.destroy", vif.Ref);
        await VifCopy.ConfigureAsync(_client, await _client.TextAsync("VIF.create", CancellationToken.None, arguments), vif);
    }

    public Task CallAsync(string method, params object[] arguments) => _client.CallAsync(method, CancellationToken.None, arguments);

    private Task<string> CreateVbdAsync(string vm, string vdi, int position, string type, string mode, bool isBootable) =>
        _client.TextAsync("VBD.create", CancellationToken.None, new Dictionary<string, object>
        {
            ["VM"] = vm,
            ["VDI"] = vdi,
            ["userdevice"] = Text(position),
            ["bootable"] = isBootable,
            ["mode"] = mode,
            ["type"] = type,
            ["unpluggable"] = type == "Disk",
            ["empty"] = vdi == XapiRecord.NullRef,
            ["other_config"] = new Dictionary<string, string> { [IdKey] = _id },
            ["qos_algorithm_type"] = "",
            ["qos_algorithm_params"] = new Dictionary<string, string>(),
        });

    private static long MtuOf(XapiRecord network) => network.Number("MTU") is > 0 and var mtu ? mtu : 1500;

    private static string Text(int position) => position.ToString(CultureInfo.InvariantCulture);

    /// <summary>Positions for disks, in order: those that the CD drives leave.</summary>
    public static IEnumerable<int> FreePositions(IReadOnlyCollection<int> taken) => Enumerable.Range(0, DiskPositions).Where(p => !taken.Contains(p));

    // For VM.create and similar calls: the VM is removed with everything that is attached to it.
    private async Task<string> TrackVmAsync(Func<Task<string>> create, string what = "VM", params string[] tasks)
    {
        string? created = null;
        var removals = new Dictionary<string, VmRemoval>();
        scope.Add($"{what} '{TemporaryName}'", async cancellationToken =>
        {
            await session.Tasks.LostOnesEndedAsync(tasks.Length > 0 ? tasks : created is null ? s_duplicationTasks : [ProvisionTask]);
            // An earlier attempt may have removed the VM, but not its disks.
            var vms = created is not null ? [created] : await _client.ListAsync("VM.get_by_name_label", cancellationToken, TemporaryName);
            foreach (var vm in vms.Concat(removals.Keys).Distinct().ToList())
            {
                if (!removals.TryGetValue(vm, out var removal))
                    removals[vm] = removal = new VmRemoval(session);
                await removal.RunAsync(vm, TemporaryName);
            }
        });
        return created = await create();
    }

    private bool IsOwn(XapiRecord record) => record.Map("other_config").TryGetValue(IdKey, out var id) && id == _id;
}
