namespace VmDeploy.Simulator.Esxi.Schema;

/// <summary>A method of the interface.</summary>
/// <param name="Name">Wire name.</param>
/// <param name="Request">Its parameters, <c>_this</c> first.</param>
/// <param name="Result">Its result, or null.</param>
internal sealed record VimMethod(string Name, VimType Request, VimField? Result);
