using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Tasks;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi.Inventory;

/// <summary>A folder for entities of some types.</summary>
[VimUnset("namespace", "string")]
internal class Folder(EsxiHost host, string id, ManagedEntity? owner, string name, params string[] childTypes)
    : ManagedEntity(host, id, owner, name)
{
    private readonly List<ManagedEntity> _children = [];

    [VimProperty("string*")]
    public IEnumerable<object> ChildType => childTypes;

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> ChildEntity => References(_children);

    public override IEnumerable<ManagedEntity> Children => _children;

    public T Take<T>(T child)
        where T : ManagedEntity
    {
        _children.Add(child);
        Changed();
        return child;
    }

    public void Drop(ManagedEntity child)
    {
        _children.Remove(child);
        Changed();
    }

    /// <summary>Creates a folder of the same kind in it.</summary>
    public Folder Make(string name) => Take(Esx.Add(new Folder(Esx, $"group-v{Esx.NextNumber()}", this, name, childTypes)));

    /// <exception cref="VimFault">DuplicateName.</exception>
    public void CheckName(string name)
    {
        if (_children.Find(c => c.Name == name && c is not VirtualMachine { VApp: not null }) is { } holder)
            throw VimFault.Of("DuplicateName", $"The name '{name}' already exists.", ("name", name), ("object", holder.Self));
    }

    [VimMethod(Writes = true, VCenterOnly = true)]
    public object CreateFolder(VimCall call)
    {
        var name = call.Arguments.Text("name")!;
        CheckName(name);
        return Make(name).Self;
    }

    [VimMethod(Writes = true)]
    public object CreateVM_Task(VimCall call)
    {
        var arguments = call.Arguments;
        var plan = VmCreation.Prepare(this, arguments.Object("config")!, arguments.Ref("pool")!, arguments.Ref("host"), "config");
        return VimTask.Start(Esx, call, this, "Folder.createVm", async _ => (await plan.RunAsync()).Self);
    }

    [VimMethod(Writes = true)]
    public object RegisterVM_Task(VimCall call) => VmRegistration.Start(this, call);
}
