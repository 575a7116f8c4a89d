using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Core;

/// <summary>An object that clients reach by reference.</summary>
internal abstract class ManagedObject
{
    protected ManagedObject(EsxiHost host, string id)
    {
        Esx = host;
        Self = new(ManagedType.Of(GetType()).Name, id);
    }

    public EsxiHost Esx { get; }

    public Mor Self { get; }

    /// <summary>Grows with every change of its properties.</summary>
    public long Revision { get; private set; }

    /// <summary>Notifies all waiters that its properties have changed.</summary>
    public void Changed() => Revision = Esx.Changes.Next();

    public override string ToString() => Self.ToString();
}
