namespace VmDeploy.Simulator.Esxi.Schema;

/// <summary>An element of a type.</summary>
/// <param name="Name">Element name.</param>
/// <param name="Type">A data object type, an enumeration or a primitive.</param>
/// <param name="IsOptional">It can be missing.</param>
/// <param name="IsArray">It can be repeated.</param>
/// <param name="Since">The API version that introduced it, if that matters.</param>
internal sealed record VimField(string Name, string Type, bool IsOptional, bool IsArray, Version? Since)
{
    /// <summary>The host knows it.</summary>
    public bool IsIn(Version version) => Since is null || Since <= version;
}
