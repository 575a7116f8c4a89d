using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Sessions;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Views;

/// <summary>Creates views, which live as long as their session.</summary>
[VimUnset("viewList", "ManagedObjectReference*")]
internal sealed class ViewManager(EsxiHost host, string id) : ManagedObject(host, id)
{
    [VimMethod]
    public object CreateContainerView(VimCall call)
    {
        var arguments = call.Arguments;
        var container = Esx.Get<ManagedEntity>(arguments.Ref("container")!);
        var types = arguments.Items("type").Cast<string>().ToList();
        return Keep(call.Session, new ContainerView(Esx, call.Session, container, types, arguments.Bool("recursive")!.Value));
    }

    [VimMethod]
    public object CreateListView(VimCall call)
    {
        var objects = call.Arguments.Items("obj").Cast<Mor>().ToList();
        if (objects.Find(o => Esx.Find(o, call.Session) is null) is { } missing)
            throw VimFault.NotFound(missing);
        return Keep(call.Session, new ListView(Esx, call.Session, objects));
    }

    private static Mor Keep(Session session, ManagedObject view)
    {
        session.Objects.Add(view.Self.Value, view);
        return view.Self;
    }
}

/// <summary>A view.</summary>
internal abstract class View(EsxiHost host, Session session) : ManagedObject(host, session.NewObjectId())
{
    [VimMethod]
    public void DestroyView(VimCall call) => session.Objects.Remove(Self.Value);
}

/// <summary>A view with a list of objects.</summary>
internal abstract class ManagedObjectView(EsxiHost host, Session session) : View(host, session)
{
    [VimProperty("ManagedObjectReference*", Name = "view")]
    public abstract IEnumerable<Mor> Members { get; }
}

/// <summary>Everything below an entity.</summary>
internal sealed class ContainerView(EsxiHost host, Session session, ManagedEntity container, List<string> types, bool recursive)
    : ManagedObjectView(host, session)
{
    [VimProperty("ManagedObjectReference")]
    public Mor Container => container.Self;

    [VimProperty("string*")]
    public IEnumerable<object> Type => types;

    [VimProperty("boolean")]
    public bool Recursive => recursive;

    public override IEnumerable<Mor> Members =>
        (recursive ? container.Tree.Skip(1) : container.Children)
        .Where(e => types.Count == 0 || types.Exists(ManagedType.Of(e).Is))
        .Select(e => e.Self);
}

/// <summary>The client's objects in it.</summary>
internal sealed class ListView(EsxiHost host, Session session, List<Mor> objects) : ManagedObjectView(host, session)
{
    public override IEnumerable<Mor> Members => objects;

    [VimMethod]
    public object ModifyListView(VimCall call)
    {
        objects.RemoveAll(o => call.Arguments.Items("remove").Contains(o));
        objects.AddRange(call.Arguments.Items("add").Cast<Mor>().Except(objects).ToList());
        Changed();
        return System.Array.Empty<Mor>();
    }
}
