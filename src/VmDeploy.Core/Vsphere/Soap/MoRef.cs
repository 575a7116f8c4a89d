namespace VmDeploy.Vsphere;

/// <summary>A managed object reference (<c>ManagedObjectReference</c>).</summary>
/// <param name="Type">The managed object type, for example <c>VirtualMachine</c>.</param>
/// <param name="Value">The host's id for it, for example <c>vm-12</c>.</param>
internal readonly record struct MoRef(string Type, string Value)
{
    // For logs and messages: the id of a view is "session[key]id", and a session's key belongs in neither.
    public override string ToString() => $"{Type}:{Value.Substring(Value.LastIndexOf(']') + 1)}";
}
