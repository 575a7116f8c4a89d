using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Inventory;

/// <summary>An object that can carry custom fields.</summary>
internal abstract class ExtensibleManagedObject(EsxiHost host, string id) : ManagedObject(host, id)
{
    [VimProperty("CustomFieldValue*")]
    public IEnumerable<object> Value => [];

    [VimProperty("CustomFieldDef*")]
    public IEnumerable<object> AvailableField => [];
}

/// <summary>A named object of the inventory tree.</summary>
[VimUnset("alarmActionsEnabled", "boolean")]
[VimUnset("customValue", "CustomFieldValue*")]
[VimUnset("configIssue", "Event*")]
[VimUnset("declaredAlarmState", "AlarmState*")]
[VimUnset("triggeredAlarmState", "AlarmState*")]
[VimUnset("permission", "Permission*")]
[VimUnset("recentTask", "ManagedObjectReference*")]
internal abstract class ManagedEntity(EsxiHost host, string id, ManagedEntity? owner, string name) : ExtensibleManagedObject(host, id)
{
    /// <summary>Its parent in the tree.</summary>
    public ManagedEntity? Above { get; protected set; } = owner;

    [VimProperty("ManagedObjectReference")]
    public virtual Mor? Parent => Above?.Self;

    [VimProperty("string")]
    public virtual string Name { get; protected set; } = name;

    [VimProperty("ManagedEntityStatus")]
    public virtual string OverallStatus => "green";

    [VimProperty("ManagedEntityStatus")]
    public virtual string ConfigStatus => "green";

    [VimProperty("int*")]
    public IEnumerable<object> EffectiveRole => [-1];

    [VimProperty("string*")]
    public virtual IEnumerable<object> DisabledMethod => [];

    [VimProperty("Tag*")]
    public virtual IEnumerable<object> Tag => [];

    /// <summary>Its children, for paths and searches.</summary>
    public virtual IEnumerable<ManagedEntity> Children => [];

    /// <summary>It and everything below it.</summary>
    public IEnumerable<ManagedEntity> Tree => Children.SelectMany(c => c.Tree).Prepend(this);

    /// <summary>The nearest owner of a class, or itself.</summary>
    public T? Nearest<T>()
        where T : ManagedEntity => this as T ?? Above?.Nearest<T>();

    protected static IEnumerable<Mor> References(IEnumerable<ManagedObject> objects) => objects.Select(o => o.Self);
}
