using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Import;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>The creation of a VM from a ConfigSpec: checked first, executed later.</summary>
internal sealed class VmCreation
{
    private readonly Folder _folder;
    private readonly ResourcePool _pool;
    private readonly HostSystem _runsOn;
    private readonly DataObject _spec;

    private VmCreation(Folder folder, ResourcePool pool, HostSystem runsOn, DataObject spec)
    {
        _folder = folder;
        _pool = pool;
        _runsOn = runsOn;
        _spec = spec;
    }

    /// <summary>Finds the objects that the call names; an error is a fault of the call, not of its task.</summary>
    /// <param name="folder">The VM's folder.</param>
    /// <param name="spec">A VirtualMachineConfigSpec.</param>
    /// <param name="pool">Reference of the resource pool.</param>
    /// <param name="host">Reference of the host, or null for one that the pool's owner chooses.</param>
    /// <param name="parameter">The name of the spec in faults.</param>
    public static VmCreation Prepare(Folder folder, DataObject spec, Mor pool, Mor? host, string parameter)
    {
        var poolObject = folder.Esx.Get<ResourcePool>(pool);
        var runsOn = host is null ? poolObject.Compute.Hosts[0] : folder.Esx.Get<HostSystem>(host);
        if (!folder.ChildType.Contains("VirtualMachine"))
            throw VimFault.Of("NotSupported", "The folder holds no virtual machines.");
        if (!poolObject.Compute.Hosts.Contains(runsOn) || poolObject.Nearest<Datacenter>() != folder.Nearest<Datacenter>())
            throw VimFault.InvalidArgument("host", "The host does not belong to the resource pool.");
        if (string.IsNullOrEmpty(spec.Text("name")))
            throw VimFault.InvalidArgument($"{parameter}.name");
        if (spec.Object("files")?.Text("vmPathName") is null or "")
            throw VimFault.InvalidArgument($"{parameter}.files.vmPathName");
        return new(folder, poolObject, runsOn, spec);
    }

    /// <summary>Creates it, with its folder and files; a failure leaves nothing.</summary>
    public Task<VirtualMachine> RunAsync()
    {
        lock (_folder.Esx.Gate)
            return Task.FromResult(Run());
    }

    /// <inheritdoc cref="RunAsync"/>
    /// <param name="lease">The lease that will fill its disks, or null.</param>
    public VirtualMachine Run(HttpNfcLease? lease = null)
    {
        var host = _folder.Esx;
        var name = _spec.Text("name")!;
        if (_pool is VirtualApp vapp)
            vapp.CheckName(name);
        else
            _folder.CheckName(name);
        var vmx = FindVmxPath(name);
        if (!_runsOn.Datastores.Contains(vmx.Datastore))
            throw VimFault.InvalidArgument("files.vmPathName", $"The host {_runsOn.Name} does not reach the datastore {vmx.Datastore.Name}.");
        var editor = ConfigEditor.ForNew(_folder.Nearest<Datacenter>()!, _runsOn, vmx, name);
        editor.IsImport = lease is not null;
        editor.Apply(_spec);

        var hadFolder = vmx.Folder.FolderExists;
        Directory.CreateDirectory(vmx.Folder.Local);
        try
        {
            editor.Commit();
        }
        catch
        {
            if (!hadFolder)
                Directory.Delete(vmx.Folder.Local, recursive: true);
            throw;
        }
        var id = host.IsVCenter ? $"vm-{host.NextNumber()}" : host.NextVmNumber();
        var vm = host.Add(new VirtualMachine(host, id, _folder, editor.Config, vmx.Folder, _pool, _runsOn) { Lease = lease });
        vm.SaveFile();
        _folder.Take(vm);
        vmx.Datastore.Changed();
        return vm;
    }

    // A datastore alone, a folder, or the whole path can be given.
    private DatastorePath FindVmxPath(string name)
    {
        var given = DatastorePath.Parse(_spec.Object("files")!.Text("vmPathName")!, _folder.Nearest<Datacenter>()!);
        if (given.Relative.EndsWith(".vmx", System.StringComparison.Ordinal))
            return given.FileExists ? throw VimFault.FileAlreadyExists(given.ToString()) : given;
        var fileName = string.Concat(name.Select(c => c is '/' or '\\' or '%' ? '_' : c));
        if (given.Relative.Length > 0)
            return given.Child($"{fileName}.vmx");
        var folder = Enumerable.Range(0, int.MaxValue)
            .Select(i => given.Child(i == 0 ? fileName : $"{fileName}_{i}"))
            .First(path => !path.FolderExists && !path.FileExists);
        return folder.Child($"{fileName}.vmx");
    }
}
