namespace VmDeploy.Simulator.Esxi.Data;

/// <summary>A value with the name of its type, for elements that may hold anything.</summary>
/// <param name="Type">Type of the value, or of its items.</param>
/// <param name="IsArray">The value is a list.</param>
/// <param name="Value">A primitive, <see cref="Mor"/>, <see cref="DataObject"/> or a list of these.</param>
internal sealed record Any(string Type, bool IsArray, object Value);
