using System.Reflection;

namespace VmDeploy.Simulator.Esxi.Core;

/// <summary>A property of a managed object type.</summary>
/// <param name="Name">Wire name.</param>
/// <param name="Type">Type in the schema; of an item for an array.</param>
/// <param name="IsArray">It holds a list.</param>
/// <param name="Source">The source of the value; null if it is never set.</param>
internal sealed record ManagedProperty(string Name, string Type, bool IsArray, PropertyInfo? Source)
{
    public object? Read(ManagedObject target) => Source?.GetValue(target);
}
