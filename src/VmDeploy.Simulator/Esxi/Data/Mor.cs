namespace VmDeploy.Simulator.Esxi.Data;

/// <summary>A reference to a managed object.</summary>
internal sealed record Mor(string Type, string Value)
{
    public override string ToString() => $"{Type}:{Value}";
}
