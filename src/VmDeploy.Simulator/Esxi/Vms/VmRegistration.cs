using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Tasks;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>RegisterVM_Task: a VM whose files already exist.</summary>
internal static class VmRegistration
{
    private const int MaxName = 80;

    public static Mor Start(Folder folder, VimCall call)
    {
        var host = folder.Esx;
        var arguments = call.Arguments;
        var path = DatastorePath.Parse(arguments.Text("path")!, folder.Nearest<Datacenter>()!);
        var name = arguments.Text("name");
        var asTemplate = arguments.Bool("asTemplate") == true;
        if (name?.Length >= MaxName)
            throw VimFault.Of("InvalidName", $"The name '{name}' is not valid.", ("name", name));
        if (asTemplate && !host.IsVCenter)
            throw VimFault.Of("NotSupported");
        if (arguments.Ref("pool") is null && !asTemplate)
            throw VimFault.InvalidArgument("pool");
        var runsOn = arguments.Ref("host") is { } reference ? host.Get<HostSystem>(reference) : null;
        var pool = arguments.Ref("pool") is { } poolReference ? host.Get<ResourcePool>(poolReference) : runsOn?.Nearest<ComputeResource>()!.Pool;
        if (pool is null)
            throw VimFault.InvalidArgument("host");

        return VimTask.Start(host, call, folder, "Folder.registerVm", _ =>
        {
            lock (host.Gate)
                return System.Threading.Tasks.Task.FromResult<object?>(Register(folder, path, name, pool, runsOn ?? pool.Compute.Hosts[0], asTemplate).Self);
        });
    }

    private static VirtualMachine Register(Folder folder, DatastorePath path, string? name, ResourcePool pool, HostSystem runsOn, bool asTemplate)
    {
        var host = folder.Esx;
        if (!path.FileExists)
            throw VimFault.FileNotFound(path.ToString());
        foreach (var vm in host.All<VirtualMachine>())
        {
            if (vm.VmxPath == path)
                throw VimFault.Of("AlreadyExists", $"The virtual machine {path} is registered already.", ("name", vm.Name));
        }
        var spec = VmxFile.Read(File.ReadAllText(path.Local), path.Folder.ToString());
        spec["name"] = name ?? spec.Text("name") ?? path.FileName[..^".vmx".Length];
        folder.CheckName(spec.Text("name")!);
        var editor = ConfigEditor.ForNew(folder.Nearest<Datacenter>()!, runsOn, path, spec.Text("name")!);
        editor.Apply(spec);
        var id = host.IsVCenter ? $"vm-{host.NextNumber()}" : host.NextVmNumber();
        var registered = folder.Take(host.Add(new VirtualMachine(host, id, folder, editor.Config, path.Folder, pool, runsOn)));
        if (asTemplate)
            registered.BecomeTemplate();
        return registered;
    }
}
