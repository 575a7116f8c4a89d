namespace VmDeploy.Vsphere;

/// <summary>A managed object reference (<c>ManagedObjectReference</c>).</summary>
internal readonly record struct MoRef(string Type, string Value)
{
    public static MoRef Vm(string id) => new("VirtualMachine", id);

    public static MoRef Of(Vm vm) => Vm(vm.Id);

    // For logs and messages: the id of a view is "session[key]id", and a session's key belongs in neither.
    public override string ToString() => $"{Type}:{Value.Substring(Value.LastIndexOf(']') + 1)}";
}
